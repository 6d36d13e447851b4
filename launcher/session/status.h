// Status: what a person wants to know of the newest session, at any moment.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "session/suite_report.h"

namespace specguard::session {

using Durations = std::unordered_map<std::string, std::chrono::nanoseconds>;

struct Status {
  const SuiteReport* report = nullptr;
  Counts counts;
  std::chrono::nanoseconds elapsed{0};      // of the newest session
  std::chrono::nanoseconds elapsed_all{0};  // of the chain, without the pauses between sessions
  std::optional<std::chrono::nanoseconds> estimate;  // until the end; absent: nothing to go by
  // Indices into report->tests.
  std::vector<std::size_t> running;  // longest first
  std::vector<std::size_t> failed;   // and unknown ones, in the suite's order
  std::vector<std::size_t> quarantined;
  std::vector<std::size_t> slowest;  // of those with a result, at most kSlowest
  std::string resume;  // the command that goes on; empty where nothing is left to resume
  std::string rerun;   // the command that runs the failed ones again; empty likewise
};
inline constexpr std::size_t kSlowest = 10;

// Pure. `known` holds durations of sessions before this chain; `resume` and `rerun` are the
// commands to give where they fit.
Status make_status(const SuiteReport& report, const Durations& known, std::string resume,
                   std::string rerun);

// How long a test of the report runs already, or took.
std::chrono::nanoseconds running_for(const SuiteReport& report, const ReportedTest& test);

// Several lines for people.
std::string status_text(const Status& status);
std::string no_session_text(const std::filesystem::path& build_dir);

// docs/formats.md, version 1; ends in a newline.
std::string status_json(const Status& status);
std::string no_session_json(const std::filesystem::path& build_dir);

}  // namespace specguard::session
