// A test of a report as JSON; the whole report; docs/formats.md has both, version 1.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "session/suite_report.h"

namespace specguard::session {

inline constexpr int kReportVersion = 1;

double seconds_of(std::chrono::nanoseconds duration);

nlohmann::json counts_to_json(const Counts& counts);
nlohmann::json session_to_json(const SessionRecord& session);

// Name, labels, place, standing, outcome, reason, times, usage and evidence; no examples and no
// output.
nlohmann::json summary_to_json(const ReportedTest& test);

std::string report_json(const SuiteReport& report);

}  // namespace specguard::session
