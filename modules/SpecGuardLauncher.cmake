# Where the launcher and the interpreter of specs are.
include_guard(GLOBAL)
cmake_policy(VERSION 3.25)

# The launcher's path, in this order: the variable SPECGUARD_LAUNCHER; the imported target of find_package(SpecGuard);
# the target built with the project (add_subdirectory, FetchContent), then as a generator expression.
function(_specguard_find_launcher out command)
  if(NOT "${SPECGUARD_LAUNCHER}" STREQUAL "")
    if(NOT IS_ABSOLUTE "${SPECGUARD_LAUNCHER}" OR NOT EXISTS "${SPECGUARD_LAUNCHER}")
      message(FATAL_ERROR "${command}: SPECGUARD_LAUNCHER: '${SPECGUARD_LAUNCHER}' is not the absolute path of a file")
    endif()
    set(path "${SPECGUARD_LAUNCHER}")
  elseif(TARGET SpecGuard::test-launcher)
    get_target_property(imported SpecGuard::test-launcher IMPORTED)
    if(imported)
      get_target_property(path SpecGuard::test-launcher LOCATION)
    else()
      set(path "$<TARGET_FILE:SpecGuard::test-launcher>")
    endif()
  else()
    message(FATAL_ERROR
      "${command}: there is no target SpecGuard::test-launcher.\n"
      "Call find_package(SpecGuard REQUIRED) here or above, add SpecGuard's sources to the project, or set "
      "SPECGUARD_LAUNCHER to the path of test-launcher.")
  endif()
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

# What the scripts that ctest reads get to know: the launcher's path, or, where that is a generator expression, the
# path of a text file with it. "$<CONFIG>" in it stands for the configuration that ctest is asked for.
function(_specguard_launcher_for_test_time out launcher)
  if(launcher MATCHES "\\$<")
    set(file "${CMAKE_BINARY_DIR}/CMakeFiles/specguard/launcher")
    get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(multi_config)
      string(APPEND file "-$<CONFIG>")
    endif()
    get_property(written GLOBAL PROPERTY _SPECGUARD_LAUNCHER_FILE)
    if(NOT written)
      set_property(GLOBAL PROPERTY _SPECGUARD_LAUNCHER_FILE TRUE)
      file(GENERATE OUTPUT "${file}.path" CONTENT "${launcher}")
    endif()
    set(launcher "${file}.path")
  endif()
  set(${out} "${launcher}" PARENT_SCOPE)
endfunction()

# The command, as a list in the variable OUT, that runs a spec. GIVEN names the variable with the INTERPRETER
# argument; where that is empty: SPECGUARD_INTERPRETER (variable, else environment), else `simple run`.
function(_specguard_find_interpreter out command given)
  set(source "INTERPRETER")
  set(words "${${given}}")
  if(words STREQUAL "" AND NOT "${SPECGUARD_INTERPRETER}" STREQUAL "")
    set(words "${SPECGUARD_INTERPRETER}")
    set(source "SPECGUARD_INTERPRETER")
  elseif(words STREQUAL "" AND NOT "$ENV{SPECGUARD_INTERPRETER}" STREQUAL "")
    set(words "$ENV{SPECGUARD_INTERPRETER}")
    set(source "environment variable SPECGUARD_INTERPRETER")
  elseif(words STREQUAL "")
    find_program(simple NAMES simple NO_CACHE)
    if(NOT simple)
      message(FATAL_ERROR
        "${command}: no interpreter for specs: there is no program `simple` on PATH.\n"
        "Install it, or name another: -DSPECGUARD_INTERPRETER=\"/path/to/interpreter;argument\" when configuring, "
        "or INTERPRETER in the call.")
    endif()
    set(words "${simple}" run)
  endif()
  list(POP_FRONT words program)
  if(TARGET "${program}")
    set(program "$<TARGET_FILE:${program}>")
  elseif(NOT program MATCHES "\\$<")
    find_program(found NAMES "${program}" NO_CACHE)
    if(NOT found)
      message(FATAL_ERROR "${command}: ${source}: '${program}' is not a program that can be found")
    endif()
    set(program "${found}")
  endif()
  set(${out} "${program}" ${words} PARENT_SCOPE)
endfunction()
