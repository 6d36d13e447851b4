# What ctest does with SpecGuard's scripts when it starts. Only scripts that the calls of SpecGuard.cmake wrote
# include this file. ctest reads all of a project's test files in one scope and has only script commands, so state
# lives in global properties.
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardArguments.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardSettings.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardTestTimeHooks.cmake")

# Discovers the specs of one call and registers them. STEM-tests.cmake is rewritten by the launcher only when
# something changed. A launcher that is not built yet gives one failing test that says so; a discovery that fails, or an
# installed launcher that is gone, stops ctest with a message: neither is ever an empty, green list.
function(_specguard_test_time_discover mode margin stem launcher cmake_command place labels)
  _specguard_test_time_path(stem "${stem}")
  if(NOT launcher MATCHES "\\.path$" AND NOT EXISTS "${launcher}")
    message(FATAL_ERROR "SpecGuard: the launcher is gone (${launcher}), so no spec can be found.\n"
      "Install SpecGuard there again, or configure the project with another one.")
  endif()
  _specguard_test_time_launcher(launcher "${launcher}")
  if("${stem}${launcher}" MATCHES "\\$<CONFIG>")
    _specguard_test_time_placeholder("${place}_NOT_AVAILABLE" "${labels}" "${cmake_command}"
      "No configuration is chosen: name one, as in `ctest -C Debug`.")
    return()
  elseif(NOT EXISTS "${launcher}")
    _specguard_test_time_placeholder("${place}_NOT_BUILT" "${labels}" "${cmake_command}"
      "The launcher is not built yet (${launcher}): build the project, then run ctest again.")
    return()
  endif()
  if(mode STREQUAL "TEST_TIME")
    execute_process(
      COMMAND "${launcher}" discover --settings "${stem}.json" --format cmake --output "${stem}-tests.cmake"
      RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result STREQUAL "0")
      message(FATAL_ERROR "SpecGuard: discovery of specs failed (${result}):\n${output}")
    elseif(NOT output STREQUAL "")
      message(NOTICE "${output}")  # warnings; to stderr, since stdout may be JSON
    endif()
  endif()
  if(NOT "$ENV{SPECGUARD_TIMEOUT}" STREQUAL "")
    _specguard_test_time_hook()
    set(_specguard_discovered_margin "${margin}")
  endif()
  include("${stem}-tests.cmake")
endfunction()

# A path of the chosen configuration; "$<CONFIG>" stays where none is chosen.
function(_specguard_test_time_path out path)
  if(NOT "${CTEST_CONFIGURATION_TYPE}" STREQUAL "")
    string(REPLACE "$<CONFIG>" "${CTEST_CONFIGURATION_TYPE}" path "${path}")
  endif()
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

# The launcher's path, out of the file that the generator wrote for the configuration where it is built with the project.
function(_specguard_test_time_launcher out launcher)
  _specguard_test_time_path(launcher "${launcher}")
  if(launcher MATCHES "\\.path$" AND EXISTS "${launcher}")
    file(READ "${launcher}" launcher)
  endif()
  set(${out} "${launcher}" PARENT_SCOPE)
endfunction()

# One test that fails with the reason. It bears every level's label, so that a selection by label meets it too; one by
# name misses it, and so the reason is also said on stderr.
function(_specguard_test_time_placeholder name labels cmake_command reason)
  message(NOTICE "SpecGuard: no spec was looked for. ${reason}")
  add_test("${name}" "${cmake_command}" "-DSPECGUARD_REASON=${reason}"
    -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SpecGuardNotAvailable.cmake")
  set_tests_properties("${name}" PROPERTIES LABELS "unit;integration;system;${labels}")
endfunction()

# For a directory with tests of specguard_add_test(). Whoever lists them, as test explorers do, is to see the caller's
# line and not ours.
function(_specguard_test_time_added_tests)
  _specguard_test_time_is_listing(listing)
  if(listing OR NOT "$ENV{SPECGUARD_TIMEOUT}" STREQUAL "")
    _specguard_test_time_hook()
  endif()
endfunction()

# ctest may not say what it was asked for, so its command line is read: "--show-only" in hexadecimal, since it holds NULs.
function(_specguard_test_time_is_listing out)
  set(${out} FALSE PARENT_SCOPE)
  if(EXISTS "/proc/self/cmdline")
    file(READ "/proc/self/cmdline" words HEX)
    if(words MATCHES "002d2d73686f772d6f6e6c79")
      set(${out} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()

# For each directory of a project that calls specguard_guard_tests() somewhere: from here on, until the next
# directory enters, tests are guarded as given. An empty launcher: they are not.
function(_specguard_test_time_enter directory launcher settings timeout margin)
  if(NOT launcher STREQUAL "")
    _specguard_test_time_launcher(launcher "${launcher}")
    _specguard_test_time_hook()
  endif()
  set_property(GLOBAL PROPERTY _SPECGUARD_GUARD_DIRECTORY "${directory}")
  set_property(GLOBAL PROPERTY _SPECGUARD_GUARD_LAUNCHER "${launcher}")
  set_property(GLOBAL PROPERTY _SPECGUARD_GUARD_SETTINGS "${settings}")
  set_property(GLOBAL PROPERTY _SPECGUARD_GUARD_TIMEOUT "${timeout}")
  set_property(GLOBAL PROPERTY _SPECGUARD_GUARD_MARGIN "${margin}")
endfunction()
