# specguard_discover_tests(): writes a call's settings file and the small script through which ctest discovers the
# call's specs each time it starts. The manual is in SpecGuard.cmake.
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardLauncher.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardSettings.cmake")

function(specguard_discover_tests)
  _specguard_guard_keywords(guard_keywords)
  cmake_parse_arguments(PARSE_ARGV 0 arg "STRICT" "PREFIX;DISCOVERY;${guard_keywords}"
    "DIRECTORIES;PATTERNS;EXCLUDE;INTERPRETER;LABELS;PROPERTIES")
  _specguard_check_arguments(specguard_discover_tests "${ARGV}")
  if(NOT DEFINED arg_DISCOVERY)
    set(arg_DISCOVERY TEST_TIME)
  elseif(NOT arg_DISCOVERY MATCHES "^(TEST_TIME|CONFIGURE)$")
    message(FATAL_ERROR
      "specguard_discover_tests: DISCOVERY: '${arg_DISCOVERY}' is not one of TEST_TIME, CONFIGURE")
  endif()
  if(arg_PREFIX MATCHES "[\r\n]")
    message(FATAL_ERROR "specguard_discover_tests: PREFIX has a line break, which no test's name can have")
  endif()
  if(NOT DEFINED arg_RESULTS)
    set(arg_RESULTS simple)
  endif()
  if(NOT DEFINED arg_SKIP_CODE)
    set(arg_SKIP_CODE 77)
  endif()
  string(REPLACE "\\;" ";" arg_LABELS "${arg_LABELS}")  # a list given as one quoted argument
  _specguard_spec_directories(directories)
  _specguard_find_launcher(launcher specguard_discover_tests)
  _specguard_find_interpreter(interpreter specguard_discover_tests arg_INTERPRETER)
  if(arg_DISCOVERY STREQUAL "CONFIGURE" AND "${launcher};${interpreter}" MATCHES "\\$<")
    message(FATAL_ERROR
      "specguard_discover_tests: DISCOVERY CONFIGURE needs a launcher and an interpreter that are there when the "
      "project is configured; here one of them is built with the project.\n"
      "Use an installed SpecGuard (find_package) or DISCOVERY TEST_TIME, the default.")
  endif()

  _specguard_files_directory(stem)
  get_property(calls DIRECTORY PROPERTY _SPECGUARD_DISCOVER_CALLS)
  math(EXPR calls "0${calls} + 1")
  set_property(DIRECTORY PROPERTY _SPECGUARD_DISCOVER_CALLS "${calls}")
  string(APPEND stem "/discover-${calls}")
  set(call "${stem}")
  set(script "${stem}-include.cmake")
  _specguard_write_discover_settings(stem "${stem}")
  if(arg_DISCOVERY STREQUAL "CONFIGURE")
    _specguard_discover_when_configured("${stem}")
  endif()
  _specguard_write_discover_include("${script}" "${stem}")
  _specguard_expect_testing()
endfunction()

# The absolute directories to search; the caller's arg_DIRECTORIES, else the current source directory.
function(_specguard_spec_directories out)
  set(directories "")
  if(NOT DEFINED arg_DIRECTORIES)
    set(arg_DIRECTORIES "${CMAKE_CURRENT_SOURCE_DIR}")
  elseif(arg_DIRECTORIES STREQUAL "" OR "" IN_LIST arg_DIRECTORIES)
    message(FATAL_ERROR "specguard_discover_tests: DIRECTORIES has an empty value")
  endif()
  foreach(directory IN LISTS arg_DIRECTORIES)
    cmake_path(ABSOLUTE_PATH directory BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE absolute)
    string(REGEX REPLACE "(.)/+$" "\\1" absolute "${absolute}")
    if(NOT IS_DIRECTORY "${absolute}")
      message(FATAL_ERROR "specguard_discover_tests: DIRECTORIES: '${directory}' is not a directory (${absolute})")
    endif()
    string(REPLACE ";" "\\;" absolute "${absolute}")
    list(APPEND directories "${absolute}")
  endforeach()
  set(${out} "${directories}" PARENT_SCOPE)
endfunction()

# Writes STEM.json. Where a path in it is a generator expression the file is written when the build system is
# generated, one for each configuration if there are several: STEM-$<CONFIG>.json. OUT_STEM is what it became.
function(_specguard_write_discover_settings out_stem stem)
  if(NOT DEFINED arg_PATTERNS)
    set(arg_PATTERNS "*_spec.spl" "*_test.spl")
  endif()
  _specguard_json_string(build_dir "${CMAKE_BINARY_DIR}")
  _specguard_json_exec(exec)
  foreach(list directories arg_PATTERNS arg_EXCLUDE arg_LABELS interpreter)
    _specguard_json_array(${list} ${list})
  endforeach()
  _specguard_json_object(properties arg_PROPERTIES)
  _specguard_json_string(working_dir "${CMAKE_CURRENT_BINARY_DIR}")
  _specguard_json_string(prefix "${arg_PREFIX}")
  _specguard_json_string(launcher "${launcher}")
  _specguard_json_string(call "${call}")
  _specguard_add_call("{ \"id\": ${call}, \"prefix\": ${prefix}, \"directories\": ${directories}, \
\"patterns\": ${arg_PATTERNS}, \"exclude\": ${arg_EXCLUDE} }")
  _specguard_calls_file(calls_file)
  _specguard_json_string(calls_file "${calls_file}")
  string(CONCAT literal
    "{ \"version\": 1,\n"
    "  \"build-dir\": ${build_dir},\n"
    "  \"exec\": ${exec},\n"
    "  \"discover\": {\n"
    "    \"directories\": ${directories},\n"
    "    \"patterns\": ${arg_PATTERNS},\n"
    "    \"exclude\": ${arg_EXCLUDE},\n"
    "    \"prefix\": ${prefix},\n"
    "    \"working-directory\": ${working_dir},\n"
    "    \"labels\": ${arg_LABELS},\n"
    "    \"properties\": ${properties},\n"
    "    \"cmake-version\": \"${CMAKE_VERSION}\",\n"
    "    \"calls\": ${calls_file},\n"
    "    \"call\": ${call},\n")
  set(programs "    \"interpreter\": ${interpreter},\n    \"launcher\": ${launcher} } }\n")
  if(programs MATCHES "\\$<")
    get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(multi_config)
      string(APPEND stem "-$<CONFIG>")
    endif()
    string(REPLACE "$<" "$<1:$><" literal "${literal}")  # evaluates to "$<" again
    file(GENERATE OUTPUT "${stem}.json" CONTENT "${literal}${programs}")
  else()
    _specguard_write_if_changed("${stem}.json" "${literal}${programs}")
  endif()
  set(${out_stem} "${stem}" PARENT_SCOPE)
endfunction()

# All calls of the project stand in one file, so that a name that two of them give is an error, whichever is read
# first. It is complete when the top-level directory is.
function(_specguard_calls_file out)
  set(${out} "${CMAKE_BINARY_DIR}/CMakeFiles/specguard/discover-calls.json" PARENT_SCOPE)
endfunction()

function(_specguard_add_call json)
  get_property(calls GLOBAL PROPERTY _SPECGUARD_CALLS)
  if("${calls}" STREQUAL "")
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _specguard_write_calls)
  else()
    string(APPEND calls ",\n")
  endif()
  set_property(GLOBAL PROPERTY _SPECGUARD_CALLS "${calls}${json}")
endfunction()

function(_specguard_write_calls)
  get_property(calls GLOBAL PROPERTY _SPECGUARD_CALLS)
  _specguard_calls_file(file)
  _specguard_write_if_changed("${file}" "{ \"version\": 1, \"calls\": [\n${calls}\n] }\n")
endfunction()

# DISCOVERY CONFIGURE: the specs are discovered as soon as all calls are known.
function(_specguard_discover_when_configured stem)
  _specguard_bracket(launcher "${launcher}")
  _specguard_bracket(stem "${stem}")
  cmake_language(EVAL CODE
    "cmake_language(DEFER DIRECTORY [==[${CMAKE_SOURCE_DIR}]==] CALL _specguard_discover_now ${launcher} ${stem})")
endfunction()

function(_specguard_discover_now launcher stem)
  execute_process(
    COMMAND "${launcher}" discover --settings "${stem}.json" --format cmake --output "${stem}-tests.cmake"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result STREQUAL "0")
    message(FATAL_ERROR "specguard_discover_tests: discovery failed (${result}):\n${output}")
  elseif(NOT output STREQUAL "")
    message(NOTICE "${output}")
  endif()
endfunction()

# Writes the script that ctest reads, and has ctest read it.
function(_specguard_write_discover_include script stem)
  _specguard_launcher_for_test_time(launcher "${launcher}")
  file(RELATIVE_PATH place "${CMAKE_BINARY_DIR}" "${script}")
  string(REGEX REPLACE "CMakeFiles/specguard/(.*)-include.cmake$" "\\1" place "${place}")
  _specguard_ctest_margin(margin "${arg_KILL_AFTER}")
  set(modules "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  foreach(value modules stem launcher CMAKE_COMMAND place arg_LABELS)
    _specguard_bracket(${value} "${${value}}")
  endforeach()
  _specguard_write_if_changed("${script}"
    "# Written by specguard_discover_tests(); ctest reads it each time it starts.
set(_specguard_modules ${modules})
include(\"\${_specguard_modules}/SpecGuardTestTime.cmake\")
_specguard_test_time_discover(${arg_DISCOVERY} ${margin}
  ${stem}
  ${launcher}
  ${CMAKE_COMMAND}
  ${place}
  ${arg_LABELS})
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()

# Without enable_testing() in the top directory ctest finds no test at all, and says that all is well.
function(_specguard_expect_testing)
  get_property(asked GLOBAL PROPERTY _SPECGUARD_EXPECTS_TESTING)
  if(NOT asked)
    set_property(GLOBAL PROPERTY _SPECGUARD_EXPECTS_TESTING TRUE)
    cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _specguard_check_testing)
  endif()
endfunction()

function(_specguard_check_testing)
  if(NOT CMAKE_TESTING_ENABLED)
    message(WARNING
      "SpecGuard registered tests, but ctest will find none: call enable_testing() or include(CTest) in the "
      "top-level CMakeLists.txt, before the directories with tests.")
  endif()
endfunction()
