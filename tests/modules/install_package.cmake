# Installs SpecGuard, then moves what was installed: a package that remembered its first place would not work there.
file(REMOVE_RECURSE "${PACKAGE}" "${PACKAGE}.first")
execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${PACKAGE}.first" --config "${CONFIG}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result STREQUAL "0")
  message(FATAL_ERROR "cmake --install failed (${result}):\n${output}")
endif()
file(RENAME "${PACKAGE}.first" "${PACKAGE}")
