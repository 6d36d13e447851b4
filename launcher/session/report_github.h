// The report as workflow commands of GitHub Actions: an annotation at the place of each test that
// failed, and one for what has no verdict.
#pragma once

#include <string>

#include "session/suite_report.h"

namespace specguard::session {

// Paths below `workspace` (GITHUB_WORKSPACE) are made relative to it, as GitHub wants them; empty:
// none are. No line where there is nothing to say.
std::string report_github(const SuiteReport& report, const std::filesystem::path& workspace);

}  // namespace specguard::session
