#[=======================================================================[.rst:
SpecGuardDashboard
------------------

A dashboard client: configure, build, test, submit. As a script of its own::

  ctest -S <prefix>/share/cmake/SpecGuard/SpecGuardDashboard.cmake
    -DSOURCE=<dir> -DBUILD=<dir> -DURL=http://cdash.example/submit.php?project=P

or from a script of yours that includes it::

  specguard_dashboard(SOURCE dir BUILD dir [URL url]
    [MODEL Experimental|Nightly|Continuous] [GENERATOR name] [CONFIGURATION name] [BUILD_NAME text] [SITE text]
    [OPTIONS -D...] [PARALLEL n] [RESUMES n] [PAUSE seconds] [SUBMIT_RETRIES n]
    [SUBMIT_TIMEOUT seconds])

The tests' launchers keep their journal as under any ctest. Where an earlier run in BUILD was interrupted, or the guard
stops this one, the tests go on from the checkpoint: at most RESUMES times (default 1), PAUSE seconds (default 30)
after a stop. Results of tests that are done are replayed, so what is submitted covers the whole suite.

Without a URL nothing is submitted. A submission that fails is tried SUBMIT_RETRIES more times (default 2), 5 seconds
apart; a server that says nothing for SUBMIT_TIMEOUT seconds (default 60) has failed it. The script ends with an error after every step was tried: a failed build or test is submitted too.
#]=======================================================================]
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)

function(specguard_dashboard)
  cmake_parse_arguments(PARSE_ARGV 0 arg ""
    "SOURCE;BUILD;URL;MODEL;GENERATOR;CONFIGURATION;BUILD_NAME;SITE;PARALLEL;RESUMES;PAUSE;SUBMIT_RETRIES;SUBMIT_TIMEOUT" "OPTIONS")
  _specguard_dashboard_check_arguments()
  set(CTEST_SOURCE_DIRECTORY "${arg_SOURCE}")
  set(CTEST_BINARY_DIRECTORY "${arg_BUILD}")
  set(CTEST_CMAKE_GENERATOR "${arg_GENERATOR}")
  set(CTEST_BUILD_NAME "${arg_BUILD_NAME}")
  set(CTEST_SITE "${arg_SITE}")
  set(CTEST_SUBMIT_URL "${arg_URL}")
  set(CTEST_SUBMIT_INACTIVITY_TIMEOUT "${arg_SUBMIT_TIMEOUT}")
  set(CTEST_CONFIGURATION_TYPE "${arg_CONFIGURATION}")
  set(CTEST_BUILD_CONFIGURATION "${arg_CONFIGURATION}")
  set(problems "")

  if(TEST_ONLY)
    _specguard_dashboard_attempt("${TEST_ONLY}")
    return()
  endif()
  ctest_start("${arg_MODEL}")
  ctest_configure(OPTIONS "-DCMAKE_BUILD_TYPE=${arg_CONFIGURATION};${arg_OPTIONS}" RETURN_VALUE result
    CAPTURE_CMAKE_ERROR error)
  if(NOT result EQUAL 0 OR error EQUAL -1)
    list(APPEND problems "configuring failed")
  else()
    ctest_build(NUMBER_ERRORS errors RETURN_VALUE result CAPTURE_CMAKE_ERROR error)
    if(NOT errors EQUAL 0 OR NOT result EQUAL 0 OR error EQUAL -1)
      list(APPEND problems "building failed")
    endif()
    _specguard_dashboard_test(result)
    if(NOT result EQUAL 0)
      list(APPEND problems "tests failed")
    endif()
  endif()
  if(NOT arg_URL STREQUAL "")
    ctest_submit(RETRY_COUNT "${arg_SUBMIT_RETRIES}" RETRY_DELAY 5 RETURN_VALUE result CAPTURE_CMAKE_ERROR error)
    if(NOT result EQUAL 0 OR error EQUAL -1)
      list(APPEND problems "submitting to ${arg_URL} failed")
    endif()
  endif()
  if(problems)
    list(JOIN problems ", " problems)
    message(FATAL_ERROR "specguard_dashboard: ${problems}")
  endif()
endfunction()

# Checks the arguments in the caller's arg_*, and gives those that are missing their defaults there.
function(_specguard_dashboard_check_arguments)
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    list(GET arg_UNPARSED_ARGUMENTS 0 first)
    message(FATAL_ERROR "specguard_dashboard: unknown argument '${first}'")
  elseif(DEFINED arg_KEYWORDS_MISSING_VALUES)
    list(GET arg_KEYWORDS_MISSING_VALUES 0 first)
    message(FATAL_ERROR "specguard_dashboard: ${first} needs a value")
  endif()
  if("${arg_SOURCE}" STREQUAL "" OR NOT IS_DIRECTORY "${arg_SOURCE}")
    message(FATAL_ERROR "specguard_dashboard: SOURCE: '${arg_SOURCE}' is not a directory")
  elseif(NOT IS_ABSOLUTE "${arg_BUILD}")
    message(FATAL_ERROR "specguard_dashboard: BUILD: '${arg_BUILD}' is not an absolute path")
  endif()
  cmake_host_system_information(RESULT host QUERY HOSTNAME)
  foreach(pair URL= MODEL=Experimental "GENERATOR=Unix Makefiles" CONFIGURATION=Release BUILD_NAME=SpecGuard
      SITE=${host} PARALLEL=1 RESUMES=1 PAUSE=30 SUBMIT_RETRIES=2 SUBMIT_TIMEOUT=60)
    string(REGEX MATCH "^([A-Z_]+)=(.*)$" pair "${pair}")
    if("${arg_${CMAKE_MATCH_1}}" STREQUAL "")
      set(arg_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
      set(arg_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}" PARENT_SCOPE)
    endif()
  endforeach()
  if(NOT arg_MODEL MATCHES "^(Experimental|Nightly|Continuous)$")
    message(FATAL_ERROR
      "specguard_dashboard: MODEL: '${arg_MODEL}' is not one of Experimental, Nightly, Continuous")
  endif()
  foreach(number PARALLEL RESUMES PAUSE SUBMIT_RETRIES SUBMIT_TIMEOUT)
    if(NOT arg_${number} MATCHES "^[0-9]+$")
      message(FATAL_ERROR "specguard_dashboard: ${number}: '${arg_${number}}' is not a whole number")
    endif()
  endforeach()
endfunction()

# Tests, asking to resume: where nothing was interrupted all tests are run. Each attempt is a ctest of its own, under the
# same tag: a session that the guard stopped can be resumed when its ctest has ended.
function(_specguard_dashboard_test out)
  set(stopped "${arg_BUILD}/Testing/SpecGuardDashboardStopped")
  set(options "")
  foreach(name SOURCE BUILD MODEL GENERATOR CONFIGURATION BUILD_NAME SITE PARALLEL)
    list(APPEND options "-D${name}=${arg_${name}}")
  endforeach()
  set(ENV{SPECGUARD_RESUME} 1)
  foreach(attempt RANGE ${arg_RESUMES})
    file(REMOVE "${stopped}")
    execute_process(COMMAND "${CTEST_EXECUTABLE_NAME}" -V -S "${CMAKE_CURRENT_FUNCTION_LIST_FILE}" ${options}
      "-DTEST_ONLY=${stopped}" RESULT_VARIABLE result)
    if(NOT EXISTS "${stopped}" OR attempt EQUAL arg_RESUMES)
      break()
    endif()
    message(NOTICE "specguard_dashboard: the tests were stopped early; they go on in ${arg_PAUSE} s")
    ctest_sleep("${arg_PAUSE}")
  endforeach()
  file(REMOVE "${stopped}")
  unset(ENV{SPECGUARD_RESUME})
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

# One attempt; where the guard stopped it, the file STOPPED is made.
function(_specguard_dashboard_attempt stopped)
  ctest_start("${arg_MODEL}" APPEND)
  ctest_test(PARALLEL_LEVEL "${arg_PARALLEL}" RETURN_VALUE result CAPTURE_CMAKE_ERROR error)
  _specguard_dashboard_was_stopped(was_stopped)
  if(was_stopped)
    file(TOUCH "${stopped}")
  endif()
  if(NOT result EQUAL 0 OR error EQUAL -1)
    message(FATAL_ERROR "specguard_dashboard: tests failed")
  endif()
endfunction()

# Whether the guard stopped the session of this ctest, which is named "ctest-<pid>-..." (docs/formats.md).
function(_specguard_dashboard_was_stopped out)
  set(${out} FALSE PARENT_SCOPE)
  if(EXISTS "/proc/self/stat")
    file(READ "/proc/self/stat" stat)
    string(REGEX MATCH "^[0-9]+" pid "${stat}")
    file(GLOB stops "${arg_BUILD}/Testing/SpecGuard/sessions/ctest-${pid}-*/stop.json")
    if(stops)
      set(${out} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()

# Run as a script of its own, not included by one.
get_filename_component(_specguard_script "${CTEST_SCRIPT_DIRECTORY}/${CTEST_SCRIPT_NAME}" REALPATH)
if(DEFINED CTEST_SCRIPT_NAME AND _specguard_script STREQUAL "${CMAKE_CURRENT_LIST_FILE}")
  set(_specguard_arguments "")
  foreach(_specguard_name SOURCE BUILD URL MODEL GENERATOR CONFIGURATION BUILD_NAME SITE OPTIONS PARALLEL RESUMES PAUSE
      SUBMIT_RETRIES SUBMIT_TIMEOUT)
    if(NOT "${${_specguard_name}}" STREQUAL "")
      list(APPEND _specguard_arguments ${_specguard_name} ${${_specguard_name}})
    endif()
  endforeach()
  specguard_dashboard(${_specguard_arguments})
endif()
