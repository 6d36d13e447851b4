# The verbs of a case's steps. Each that runs something leaves `result`, `output` (both streams) and `out` (standard
# output alone) behind, and each that expects something ends the case, with all of that, when it is not so.

macro(_run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${_directory}"
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  set(output "${out}${err}")
  set(_last_command "${ARGN}")
endmacro()

function(_fail what)
  message(FATAL_ERROR "${what}\ncase ${CASE}, kept in ${WORK}\nlast command: ${_last_command}\n"
    "result: ${result}\n${output}")
endfunction()

# configure([-D...]): configures the case's project, whatever comes out.
macro(configure)
  set(_directory "${WORK}")
  _run("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${SOURCE}" -B "${BUILD}" "-DCMAKE_PREFIX_PATH=${PACKAGE}" ${ARGN})
endmacro()

macro(configure_well)
  configure(${ARGN})
  expect_result(0)
endmacro()

# build([target]).
macro(build)
  set(_directory "${BUILD}")
  set(_target "")
  if(${ARGC} GREATER 0)
    set(_target --target ${ARGV0})
  endif()
  _run("${CMAKE_COMMAND}" --build . --config Debug ${_target})
endmacro()

macro(ctest)
  set(_directory "${BUILD}")
  _run("${CTEST}" -C Debug ${ARGN})
endmacro()

function(expect_result expected)
  if(NOT result STREQUAL expected)
    _fail("expected result ${expected}")
  endif()
endfunction()

# Messages are wrapped by CMake at their spaces: so any white space stands for any other.
function(expect_output text)
  string(REGEX REPLACE "[ \n]+" " " flat "${output}")
  string(FIND "${flat}" "${text}" position)
  if(position EQUAL -1)
    _fail("expected in the output: ${text}")
  endif()
endfunction()

function(expect_no_output text)
  string(REGEX REPLACE "[ \n]+" " " flat "${output}")
  string(FIND "${flat}" "${text}" position)
  if(NOT position EQUAL -1)
    _fail("not expected in the output: ${text}")
  endif()
endfunction()

function(expect_equal what actual expected)
  if(NOT actual STREQUAL expected)
    _fail("${what}\n  is:       ${actual}\n  expected: ${expected}")
  endif()
endfunction()

# The names of the tests that ctest selects with these arguments, as it lists them.
function(expect_tests arguments)
  ctest(-N ${arguments})
  expect_result(0)
  string(REGEX MATCHALL "Test +#[0-9]+: [^\n]*" lines "${out}")
  list(TRANSFORM lines REPLACE "^Test +#[0-9]+: " "")
  expect_equal("tests of `ctest ${arguments}`" "${lines}" "${ARGN}")
endfunction()

# Reads `ctest --show-only=json-v1` into `json`; what else is on standard output would make that fail.
macro(read_json)
  ctest(--show-only=json-v1)
  expect_result(0)
  set(json "${out}")
endmacro()

# What the last run of ctest said, without what differs from run to run. One text, not a list: names may hold "[".
function(verdict_lines variable)
  string(REGEX REPLACE " *[0-9.]+ sec[^\n]*" "" lines "${out}")
  string(REGEX REPLACE "\\.\\.\\.+" " " lines "${lines}")
  set(${variable} "${lines}" PARENT_SCOPE)
endfunction()

# The JSON of the test of this name: json_test(OUT name).
function(json_test variable name)
  string(JSON count LENGTH "${json}" tests)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    string(JSON found GET "${json}" tests ${i} name)
    if(found STREQUAL name)
      string(JSON test GET "${json}" tests ${i})
      set(${variable} "${test}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  _fail("no test '${name}'")
endfunction()

# json_property(OUT test name): the JSON of one property's value, empty where the test has none.
function(json_property variable test name)
  set(${variable} "" PARENT_SCOPE)
  string(JSON count LENGTH "${test}" properties)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    string(JSON found GET "${test}" properties ${i} name)
    if(found STREQUAL name)
      string(JSON value GET "${test}" properties ${i} value)
      string(REGEX REPLACE "[ \n]+" " " value "${value}")
      string(REGEX REPLACE "^([0-9]+)\\.0$" "\\1" value "${value}")
      set(${variable} "${value}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# expect_verdicts(name;verdict...): what the last run of ctest said of each test, as in "Passed" or "***Failed".
function(expect_verdicts)
  set(pairs "${ARGN}")
  while(pairs)
    list(POP_FRONT pairs name verdict)
    string(FIND "${out}" ": ${name} ." at)
    if(at EQUAL -1)
      _fail("no verdict of '${name}'")
    endif()
    string(SUBSTRING "${out}" ${at} -1 rest)
    string(REGEX MATCH "^[^\n]*" line "${rest}")
    if(NOT line MATCHES "\\.\\.\\. *[*]*${verdict}")
      _fail("verdict of '${name}': expected ${verdict}, is: ${line}")
    endif()
  endwhile()
endfunction()

# expect_same_verdicts(): the project unguarded, built, then guarded (-DGUARDED=...): what ctest says must be the same.
# What the guarded run said is left behind.
macro(expect_same_verdicts)
  configure_well(-DGUARDED=OFF)
  build()
  expect_result(0)
  ctest()
  set(_unguarded_result "${result}")
  verdict_lines(_unguarded)
  configure_well(-DGUARDED=ON)
  ctest()
  expect_result("${_unguarded_result}")
  verdict_lines(_guarded)
  expect_equal("what ctest says of guarded tests" "${_guarded}" "${_unguarded}")
endmacro()

# expect_launched(name...): each of these tests is run by the launcher.
macro(expect_launched)
  read_json()
  foreach(_name ${ARGN})
    json_test(_test "${_name}")
    string(JSON _word GET "${_test}" command 1)
    expect_equal("the launcher's command in ${_name}" "${_word}" exec)
  endforeach()
endmacro()
