// The report as one HTML file that needs nothing else: no network, no other file, no script to be
// read (a script only filters and sorts). Everything that comes from tests is escaped.
#pragma once

#include <string>
#include <string_view>

#include "session/suite_report.h"

namespace specguard::session {

std::string report_html(const SuiteReport& report);

// The parts of the page that never change (report_html_page.cc).
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace specguard::session
