// What the writers of reports say alike about a test.
#pragma once

#include <string>

#include "session/suite_report.h"

namespace specguard::session {

// True where the test's examples can stand for it: there are some, and no failed one is among those
// of a test that counts as passed (WILL_FAIL).
bool examples_tell(const ReportedTest& test);

// Several lines: the reason, limit and peak, the processes that were killed, the end of the output.
std::string failure_text(const ReportedTest& test);

}  // namespace specguard::session
