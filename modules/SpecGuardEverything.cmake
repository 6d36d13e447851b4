#[=======================================================================[.rst:
SpecGuardEverything
-------------------

Guards every test of a project that knows nothing of SpecGuard::

  cmake -DCMAKE_PROJECT_TOP_LEVEL_INCLUDES=<prefix>/share/cmake/SpecGuard/SpecGuardEverything.cmake ...

CMake reads this file at the first project() of the top-level CMakeLists.txt. The options of specguard_guard_tests()
come from the variable ``SPECGUARD_GUARD_OPTIONS``, for example ``-DSPECGUARD_GUARD_OPTIONS="MEMORY;1G;LEAKS;warn"``.
The launcher is the one installed beside this file, or the one that ``SPECGUARD_LAUNCHER`` names.

This is the one module that does something when it is included: nothing else could call it.
#]=======================================================================]
include_guard(GLOBAL)
# project() includes this file in the project's own policy scope: what is set here must end here.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

if(NOT TARGET SpecGuard::test-launcher AND "${SPECGUARD_LAUNCHER}" STREQUAL "")
  if(NOT EXISTS "${CMAKE_CURRENT_LIST_DIR}/SpecGuardConfig.cmake")
    message(FATAL_ERROR
      "SpecGuardEverything: there is no launcher beside ${CMAKE_CURRENT_LIST_DIR}.\n"
      "Use the file of an installed SpecGuard (<prefix>/share/cmake/SpecGuard), or set SPECGUARD_LAUNCHER to the "
      "path of test-launcher.")
  endif()
  find_package(SpecGuard REQUIRED PATHS "${CMAKE_CURRENT_LIST_DIR}" NO_DEFAULT_PATH)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuard.cmake")
specguard_guard_tests(${SPECGUARD_GUARD_OPTIONS})
cmake_policy(POP)
