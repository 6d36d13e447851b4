# What the target and the test of specguard_container_image() run: MODE build builds the image NAME where it is missing
# or its label differs from the content of its files; MODE check fails there and says what to do.
cmake_minimum_required(VERSION 3.25)

# A program that answers: docker has a daemon that may be dead.
function(find_engine out)
  set(${out} "" PARENT_SCOPE)
  foreach(engine docker podman)
    if(NOT ENGINE MATCHES "^(auto|${engine})$")
      continue()
    endif()
    find_program(program ${engine} NO_CACHE)
    if(program)
      execute_process(COMMAND "${program}" version TIMEOUT 20 RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE errors)
      if(result STREQUAL "0")
        set(${out} "${program}" PARENT_SCOPE)
        return()
      endif()
      string(STRIP "${errors}" errors)
      string(APPEND problems "  ${engine}: ${errors}\n")
    else()
      string(APPEND problems "  ${engine}: not installed\n")
    endif()
    unset(program)
  endforeach()
  message(FATAL_ERROR "specguard_container_image: ${NAME}: no container engine answers (ENGINE ${ENGINE}):\n${problems}"
    "Start one or install one.")
endfunction()

# How DIRECTORY looks by one question to `find`, as a digest that knows no order. The system's own tools are asked, because
# a list of CMake carries no name with a ';' or a '[', and CMake sees no permissions.
function(digest_of_answers out)
  set(plainly "${CMAKE_COMMAND}" -E env --unset=QUOTING_STYLE LC_ALL=C)
  execute_process(COMMAND ${plainly} find . ${ARGN} COMMAND ${plainly} sort COMMAND sha256sum
    WORKING_DIRECTORY "${DIRECTORY}" RESULTS_VARIABLE results OUTPUT_VARIABLE digest ERROR_VARIABLE errors)
  if(NOT results STREQUAL "0;0;0")
    message(FATAL_ERROR "specguard_container_image: ${NAME}: cannot read all of DIRECTORY ${DIRECTORY} (${results}):\n"
      "  ${errors}")
  endif()
  set(${out} "${digest}" PARENT_SCOPE)
endfunction()

# A digest of all that goes into the image: names, kinds, permissions, contents, where links lead, the base.
function(digest_of_content out)
  foreach(path DIRECTORY DOCKERFILE)
    if(NOT EXISTS "${${path}}")
      message(FATAL_ERROR "specguard_container_image: ${NAME}: ${path} ${${path}} is not there any more")
    endif()
  endforeach()
  file(SHA256 "${DOCKERFILE}" dockerfile)
  digest_of_answers(names ! -name . -exec stat -c "%f %N" {} +)
  digest_of_answers(contents -type f -exec sha256sum {} +)
  string(SHA256 digest "${BASE}\n${dockerfile}\n${names}${contents}")
  set(${out} "${digest}" PARENT_SCOPE)
endfunction()

# A base that the engine does not have is the usual reason, and its own words speak of networks.
function(explain_failed_build program result)
  set(hint "")
  if(NOT BASE STREQUAL "scratch")
    execute_process(COMMAND "${program}" image inspect "${BASE}" RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
    if(missing)
      set(hint "; the base image ${BASE} is not here: load it, let the engine reach its registry, or choose another BASE")
    endif()
  endif()
  message(FATAL_ERROR
    "specguard_container_image: ${NAME}: ${program} build failed (${result}); its words are above${hint}")
endfunction()

find_engine(program)
digest_of_content(digest)
execute_process(COMMAND "${program}" image inspect --format "{{index .Config.Labels \"org.specguard.content\"}}" "${NAME}"
  RESULT_VARIABLE result OUTPUT_VARIABLE built ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(result STREQUAL "0" AND built STREQUAL digest)
  message(STATUS "image ${NAME} is current")
  return()
endif()
if(MODE STREQUAL "check")
  set(state "is older than its files")
  if(NOT result STREQUAL "0")
    set(state "is missing")
  endif()
  message(FATAL_ERROR "image ${NAME} ${state} (${program}). To build it:\n"
    "  cmake --build '${BUILD_DIR}' --target ${TARGET}\n")
endif()
execute_process(
  COMMAND "${program}" build --network=none --build-arg "BASE=${BASE}" --label "org.specguard.content=${digest}"
    --tag "${NAME}" --file "${DOCKERFILE}" "${DIRECTORY}"
  RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
  explain_failed_build("${program}" "${result}")
endif()
