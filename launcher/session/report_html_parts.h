// Parts of the HTML report that stand alone: tiles, badges, rows, the timeline.
#pragma once

#include <string>

#include "session/suite_report.h"

namespace specguard::session {

// A button for each standing with its count, and the bar that shows their shares.
std::string tiles(const Counts& counts);

// Sign and word, never colour alone.
std::string badge(const ReportedTest& test);

// One row of the table, with the test's examples folded away.
std::string test_row(const ReportedTest& test);

// Rows of slots, session after session; empty where nothing ran.
std::string timeline_section(const SuiteReport& report);

}  // namespace specguard::session
