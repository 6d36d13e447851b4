# Runs one case: a fresh copy of its folder in WORK, then its steps.cmake with the verbs of support/verbs.cmake. A case
# that failed leaves its directory, and says where it is.
cmake_minimum_required(VERSION 3.25)
set(SOURCE "${WORK}/source dir")
set(BUILD "${WORK}/build dir")
set(CASE_DIR "${CMAKE_CURRENT_LIST_DIR}/cases/${CASE}")
file(REMOVE_RECURSE "${WORK}")
file(COPY "${CASE_DIR}/" DESTINATION "${SOURCE}")
get_filename_component(CTEST "${CMAKE_COMMAND}" DIRECTORY)
string(APPEND CTEST "/ctest")
set(ENV{SPECGUARD_INTERPRETER} "${INTERPRETER};run")
include("${CMAKE_CURRENT_LIST_DIR}/support/verbs.cmake")
include("${CASE_DIR}/steps.cmake")
file(REMOVE_RECURSE "${WORK}")
