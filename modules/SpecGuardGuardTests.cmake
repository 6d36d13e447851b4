# specguard_guard_tests(): every test of a directory and below is guarded, however it is registered. The manual is
# in SpecGuard.cmake.
#
# How: ctest reads a directory's TEST_INCLUDE_FILE before any of its tests. Ours says whether the tests that follow
# are guarded, and hooks add_test() there. All directories of the project get one, since ctest reads them one after
# another in one scope: a directory beside a guarded one must say that it is not.
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardLauncher.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardSettings.cmake")

function(specguard_guard_tests)
  _specguard_guard_keywords(guard_keywords)
  cmake_parse_arguments(PARSE_ARGV 0 arg "STRICT" "${guard_keywords}" "")
  _specguard_check_arguments(specguard_guard_tests "${ARGV}")
  get_property(guarded DIRECTORY PROPERTY _SPECGUARD_GUARD SET)
  if(guarded)
    message(FATAL_ERROR "specguard_guard_tests: the tests of ${CMAKE_CURRENT_SOURCE_DIR} are guarded already")
  endif()
  _specguard_find_launcher(launcher specguard_guard_tests)
  _specguard_launcher_for_test_time(launcher "${launcher}")
  _specguard_write_exec_settings(settings)
  _specguard_ctest_margin(margin "${arg_KILL_AFTER}")
  _specguard_ctest_timeout(seconds "${arg_TIMEOUT}" "${margin}")
  foreach(value launcher settings seconds margin)
    _specguard_bracket(${value} "${${value}}")
  endforeach()
  # Code, not a list: it goes into the directories' scripts as it is.
  set_property(DIRECTORY PROPERTY _SPECGUARD_GUARD "${launcher} ${settings} ${seconds} ${margin}")

  get_property(deferred GLOBAL PROPERTY _SPECGUARD_GUARDS_DEFERRED)
  if(NOT deferred)
    set_property(GLOBAL PROPERTY _SPECGUARD_GUARDS_DEFERRED TRUE)
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL
      _specguard_write_guards "${CMAKE_SOURCE_DIR}" "[==[]==] [==[]==] [==[]==] [==[]==]")
  endif()
endfunction()

# Writes the script of a directory, and those below: its own guard's, else INHERITED.
function(_specguard_write_guards source_dir inherited)
  get_property(own DIRECTORY "${source_dir}" PROPERTY _SPECGUARD_GUARD SET)
  if(own)
    get_property(inherited DIRECTORY "${source_dir}" PROPERTY _SPECGUARD_GUARD)
  endif()
  get_property(binary_dir DIRECTORY "${source_dir}" PROPERTY BINARY_DIR)
  # The project may have such a file already: then ours includes it.
  get_property(theirs DIRECTORY "${source_dir}" PROPERTY TEST_INCLUDE_FILE)
  _specguard_bracket(modules "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  _specguard_bracket(directory "${binary_dir}")
  set(content "# Written by specguard_guard_tests(); ctest reads it each time it starts.
set(_specguard_modules ${modules})
include(\"\${_specguard_modules}/SpecGuardTestTime.cmake\")
_specguard_test_time_enter(${directory} ${inherited})
")
  if(theirs)
    _specguard_bracket(theirs "${theirs}")
    string(APPEND content "include(${theirs})\n")
  endif()
  set(script "${binary_dir}/CMakeFiles/specguard/guard.cmake")
  _specguard_write_if_changed("${script}" "${content}")
  set_property(DIRECTORY "${source_dir}" PROPERTY TEST_INCLUDE_FILE "${script}")

  get_property(below DIRECTORY "${source_dir}" PROPERTY SUBDIRECTORIES)
  foreach(directory IN LISTS below)
    _specguard_write_guards("${directory}" "${inherited}")
  endforeach()
endfunction()
