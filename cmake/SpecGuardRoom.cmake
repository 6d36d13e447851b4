# A room is one small static library of launcher/. It names the rooms below it, and can call nothing else:
# what it does not name is not on its include path's link line, so an upward call does not link.

# specguard_add_room(NAME SOURCES file... [ROOMS room...] [LIBRARIES target...])
function(specguard_add_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ROOMS;LIBRARIES")
  add_library(specguard_${name} STATIC ${arg_SOURCES})
  # -iquote and not -I: <sys/wait.h> is the system's, "sys/wait.h" is ours.
  target_compile_options(specguard_${name} PUBLIC "SHELL:-iquote \"${PROJECT_SOURCE_DIR}/launcher\"")
  list(TRANSFORM arg_ROOMS PREPEND specguard_)
  # A section for each function: the linker leaves out what nobody calls, and can order the rest.
  target_compile_options(specguard_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU,Clang>:-ffunction-sections>)
  target_link_libraries(specguard_${name}
    PUBLIC ${arg_ROOMS} ${arg_LIBRARIES} PRIVATE $<BUILD_INTERFACE:specguard_flags>)
endfunction()

# specguard_order_functions(TARGET SCRIPT): has the linker put the functions that SCRIPT names side by side, where it can
# (GNU ld and lld take such a script beside their own; gold and mold do not).
function(specguard_order_functions target script)
  include(CheckLinkerFlag)
  set(_option "SHELL:-T \"${script}\"")
  check_linker_flag(CXX "${_option}" SPECGUARD_LINKER_TAKES_ORDER)
  if(SPECGUARD_LINKER_TAKES_ORDER)
    target_link_options(${target} PRIVATE "${_option}" "LINKER:-Map,$<TARGET_FILE:${target}>.map")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
  endif()
endfunction()

# specguard_add_unit_tests(ROOM file...): one GoogleTest binary a room, linked to that room alone.
function(specguard_add_unit_tests room)
  add_executable(unit_${room} ${ARGN})
  target_link_libraries(unit_${room} PRIVATE specguard_${room} specguard_flags GTest::gmock_main)
  gtest_discover_tests(unit_${room} TEST_PREFIX "unit.${room}." DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "unit" TIMEOUT 120 ${SPECGUARD_TEST_PROPERTIES})
endfunction()

# specguard_add_process_tests(NAME LABEL label SOURCES file... [DEPENDS target...] [FILTER filter]
#   [PROPERTIES key value...]):
# GoogleTest binaries that drive the real programs. Each finds them through tests/support/programs.h.
function(specguard_add_process_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;FILTER" "SOURCES;DEPENDS;PROPERTIES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE specguard_test_support specguard_flags GTest::gmock_main)
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${arg_LABEL}." TEST_FILTER "${arg_FILTER}" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABEL}" TIMEOUT 300 ${SPECGUARD_TEST_PROPERTIES} ${arg_PROPERTIES})
endfunction()
