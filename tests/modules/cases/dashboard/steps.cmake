# The dashboard script against a server on loopback that accepts, fails, hangs and refuses.
find_program(python python3 NO_CACHE)
if(NOT python)
  message(NOTICE "skipped: no python3 for the dashboard's server")
  return()
endif()

macro(dashboard server)
  set(_directory "${WORK}")
  file(REMOVE "${WORK}/log")
  _run("${python}" "${CMAKE_CURRENT_LIST_DIR}/../../support/dashboard_server.py" ${server} "${WORK}/log"
    "${CTEST}" -VV -S "${PACKAGE}/share/cmake/SpecGuard/SpecGuardDashboard.cmake"
    "-DSOURCE=${SOURCE}" "-DBUILD=${BUILD}" "-DGENERATOR=${GENERATOR}" "-DURL=http://127.0.0.1:@PORT@/submit.php"
    -DSUBMIT_RETRIES=0 -DSUBMIT_TIMEOUT=2 ${ARGN})
endmacro()

set(ENV{CMAKE_PREFIX_PATH} "${PACKAGE}")
dashboard(accept)
expect_result(0)
file(STRINGS "${WORK}/log" files)
foreach(part Configure.xml Build.xml Test.xml)
  if(NOT files MATCHES "${part}")
    _fail("${part} was not submitted: ${files}")
  endif()
endforeach()

# A failed test is submitted too, then the script fails.
dashboard(accept "-DOPTIONS=-DWITH_FAILURE=ON")
expect_output("specguard_dashboard: tests failed")
file(STRINGS "${WORK}/log" files)
if(result STREQUAL "0" OR NOT files MATCHES "Test.xml")
  _fail("a failed test: submitted ${files}")
endif()
foreach(server fail hang refuse)
  dashboard(${server} "-DOPTIONS=-DWITH_FAILURE=OFF")
  if(result STREQUAL "0")
    _fail("the script succeeded although the server did ${server}")
  endif()
  expect_output("specguard_dashboard: submitting to http://127.0.0.1:")
  expect_no_output("tests failed,")
endforeach()

# Bad arguments.
dashboard(accept -DMODEL=Sometimes)
expect_output("MODEL: 'Sometimes' is not one of Experimental, Nightly, Continuous")
dashboard(accept -DPARALLEL=many)
expect_output("PARALLEL: 'many' is not a whole number")
