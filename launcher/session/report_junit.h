// The report as JUnit XML, as GitHub's and GitLab's viewers, Jenkins and the like read it.
//
// A testsuite for each CTest test, in it a testcase for each example that the test told of, or one
// for the test as a whole. What was to run and has no verdict (stopped, quarantined, never started,
// unknown) is an error, never a skip: a viewer that shows skips in grey must not hide it.
#pragma once

#include <string>

#include "session/suite_report.h"

namespace specguard::session {

std::string report_junit(const SuiteReport& report);

}  // namespace specguard::session
