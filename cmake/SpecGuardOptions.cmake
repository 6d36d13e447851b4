# Build switches of SpecGuard itself, and the compile flags every target of ours gets.

option(SPECGUARD_BUILD_TESTS "Build SpecGuard's own tests" ${PROJECT_IS_TOP_LEVEL})
option(SPECGUARD_STATIC "Link test-launcher statically, so that it starts fast and runs inside containers" ON)
option(SPECGUARD_WARNINGS_AS_ERRORS "Turn compiler warnings into errors" OFF)
set(SPECGUARD_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, address;undefined, or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(specguard_flags INTERFACE)
target_compile_features(specguard_flags INTERFACE cxx_std_20)
target_compile_options(specguard_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
  $<$<BOOL:${SPECGUARD_WARNINGS_AS_ERRORS}>:-Werror>)

if(SPECGUARD_SANITIZE)
  list(JOIN SPECGUARD_SANITIZE "," _sanitizers)
  target_compile_options(specguard_flags INTERFACE
    "-fsanitize=${_sanitizers}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(specguard_flags INTERFACE "-fsanitize=${_sanitizers}")
  # As shared libraries, GCC's two run-times have options of their own each, and UBSan's ignores where to report.
  set(SPECGUARD_SANITIZER_LIBRARIES "$<$<CXX_COMPILER_ID:GNU>:-static-libasan;-static-libubsan>")
  target_link_options(specguard_flags INTERFACE "${SPECGUARD_SANITIZER_LIBRARIES}")
  set(SPECGUARD_STATIC OFF)  # the sanitizer run-times refuse static executables
endif()

# What the sanitizers of any of our programs find, however deep below a test it runs; a test of its own looks there
# (tests/sanitizers). libFuzzer prints its own.
if(SPECGUARD_SANITIZE AND NOT SPECGUARD_FUZZ)
  set(SPECGUARD_SANITIZER_REPORTS "${PROJECT_BINARY_DIR}/sanitizer-reports")
  add_library(specguard_sanitizer_reports OBJECT "${CMAKE_CURRENT_LIST_DIR}/sanitizer_reports.cc")
  target_compile_definitions(specguard_sanitizer_reports PRIVATE
    SPECGUARD_SANITIZER_REPORTS="${SPECGUARD_SANITIZER_REPORTS}")
  set(_objects "$<TARGET_OBJECTS:specguard_sanitizer_reports>")
  target_sources(specguard_flags INTERFACE
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${_objects}>")
endif()
