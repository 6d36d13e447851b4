# A program with an error of KIND leaves a report in REPORTS, although it has neither an environment nor a standard error.
file(REMOVE_RECURSE "${REPORTS}")
file(MAKE_DIRECTORY "${REPORTS}")
execute_process(COMMAND env -i sh -c "exec \"$0\" \"$1\" 2>&-" "${PROBE}" "${KIND}" RESULT_VARIABLE result)
file(GLOB reports "${REPORTS}/report.*")
file(REMOVE_RECURSE "${REPORTS}")
if(result EQUAL 0 OR NOT reports)
  message(FATAL_ERROR "the error passed by: exit ${result}, reports: ${reports}")
endif()
