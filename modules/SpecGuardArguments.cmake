# The guard options that every call takes, and the checks that every call makes on its arguments. An option is one
# row of the table below: its keyword here, its name in `test-launcher exec`, and the kind of its value.
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardQuantities.cmake")

function(_specguard_guard_options out)
  set(${out}
    "TIMEOUT|timeout|duration"
    "KILL_AFTER|kill-after|duration"
    "IDLE_TIMEOUT|idle-timeout|duration"
    "CPU_TIME|cpu-time|duration"
    "MEMORY|memory|size"
    "FILE_SIZE|file-size|size"
    "OUTPUT_LIMIT|output-limit|size"
    "CPUS|cpus|number"
    "PIDS|pids|count"
    "OPEN_FILES|open-files|count"
    "ISOLATION|isolation|isolation"
    "IMAGE|image|text"
    "ENGINE|engine|auto/docker/podman"
    "NETWORK|network|none/host"
    "LEAKS|leaks|ignore/warn/fail"
    "RESULTS|results|exit/simple/tap"
    "SKIP_CODE|skip-code|code"
    PARENT_SCOPE)
endfunction()

# The keywords of the table, for cmake_parse_arguments.
function(_specguard_guard_keywords out)
  _specguard_guard_options(options)
  list(TRANSFORM options REPLACE "\\|.*" "")
  set(${out} "${options}" PARENT_SCOPE)
endfunction()

# Checks what cmake_parse_arguments left in the caller's arg_*: nothing unknown, nothing without a value, every guard
# option well-valued. CALL is the caller's whole ARGV, which tells an empty value from an absent one.
function(_specguard_check_arguments command call)
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    list(GET arg_UNPARSED_ARGUMENTS 0 first)
    message(FATAL_ERROR "${command}: unknown argument '${first}'")
  endif()
  if(DEFINED arg_KEYWORDS_MISSING_VALUES)
    list(GET arg_KEYWORDS_MISSING_VALUES 0 first)
    set(hint "")
    if(first STREQUAL "PROPERTIES")
      set(hint "; LABELS, TIMEOUT and such are keywords of the call, to be given outside of PROPERTIES")
    endif()
    message(FATAL_ERROR "${command}: ${first} needs a value${hint}")
  endif()
  _specguard_guard_options(options)
  foreach(row IN LISTS options)
    string(REGEX MATCH "^([A-Z_]+)\\|[a-z-]+\\|(.*)$" row "${row}")
    set(keyword "${CMAKE_MATCH_1}")
    set(kind "${CMAKE_MATCH_2}")
    if(DEFINED arg_${keyword} AND NOT arg_${keyword} STREQUAL "")
      _specguard_value_problem(problem "${kind}" "${arg_${keyword}}")
      if(problem)
        message(FATAL_ERROR "${command}: ${keyword}: '${arg_${keyword}}' ${problem}")
      endif()
    elseif(keyword IN_LIST call)
      message(FATAL_ERROR "${command}: ${keyword} has an empty value")
    endif()
  endforeach()
  list(LENGTH arg_PROPERTIES length)
  math(EXPR odd "${length} % 2")
  if(odd)
    message(FATAL_ERROR "${command}: PROPERTIES: a property has no value; write pairs of name and value")
  endif()
endfunction()

# Seconds that ctest's own timer adds to a launcher's timeout: the time to kill, and a margin, so that the launcher
# has cleaned up and explained before ctest's timer fires and shows ***Timeout.
function(_specguard_ctest_margin out kill_after)
  if("${kill_after}" STREQUAL "")
    set(kill_after 2)
  endif()
  _specguard_duration_ms(ms "${kill_after}")
  math(EXPR seconds "(${ms} + 999) / 1000 + 10")
  set(${out} "${seconds}" PARENT_SCOPE)
endfunction()

# The TIMEOUT property, in whole seconds, of a test whose launcher has this timeout; empty for an empty or bad one.
function(_specguard_ctest_timeout out timeout margin)
  _specguard_duration_ms(ms "${timeout}")
  if(NOT ms STREQUAL "" AND NOT ms EQUAL 0)
    math(EXPR ms "(${ms} + 999) / 1000 + ${margin}")
  endif()
  set(${out} "${ms}" PARENT_SCOPE)
endfunction()
