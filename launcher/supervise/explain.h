// What the launcher says about an attempt, in words. Every line begins with "test-launcher: ", and
// everything that comes from outside (command lines, reasons) is made printable first.
#pragma once

#include <string>

#include "base/outcome.h"

namespace specguard::supervise {

// Empty for a test that passed or failed by its own exit code and left nothing: its own output says
// it all. A skipped one has the line that the registered SKIP_REGULAR_EXPRESSION looks for:
// "test-launcher: skipped: REASON".
std::string explain(const base::AttemptResult& result);

// The usage, for --verbose: one line.
std::string explain_usage(const base::AttemptResult& result);

// <CTestMeasurement> elements that ctest takes into Test.xml and CDash plots; only for dashboards,
// since elsewhere they stay visible in the output.
std::string dashboard_measurements(const base::AttemptResult& result);

}  // namespace specguard::supervise
