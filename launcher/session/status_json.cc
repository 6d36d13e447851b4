#include <nlohmann/json.hpp>

#include "base/json.h"
#include "journal/record_json.h"
#include "session/report_json.h"
#include "session/status.h"

namespace specguard::session {
namespace {

using nlohmann::json;

constexpr int kStatusVersion = 1;

json text_or_null(const std::string& text) {
  return text.empty() ? json() : json(text);
}

}  // namespace

std::string status_json(const Status& status) {
  const SuiteReport& report = *status.report;
  const auto named = [&](const std::vector<std::size_t>& tests, const auto& describe) {
    json list = json::array();
    for (const std::size_t i : tests) list.push_back(describe(report.tests[i]));
    return list;
  };
  const json document = {
      {"version", kStatusVersion},
      {"build-dir", report.build_dir.string()},
      {"state", session_state_name(report.history.state)},
      {"stop", report.history.stop ? journal::to_json(*report.history.stop) : json()},
      {"session", session_to_json(report.history.newest())},
      {"sessions-in-chain", report.history.sessions.size()},
      {"suite-is-known", report.suite_is_known},
      {"counts", counts_to_json(status.counts)},
      {"elapsed-seconds", seconds_of(status.elapsed)},
      {"elapsed-seconds-in-chain", seconds_of(status.elapsed_all)},
      {"estimated-seconds-left", status.estimate ? json(seconds_of(*status.estimate)) : json()},
      {"running",
       named(status.running,
             [&](const ReportedTest& test) {
               return json{{"name", test.name}, {"seconds", seconds_of(running_for(report, test))}};
             })},
      {"failed", named(status.failed, summary_to_json)},
      {"quarantined", named(status.quarantined, [](const ReportedTest& t) { return t.name; })},
      {"slowest",
       named(status.slowest,
             [](const ReportedTest& test) {
               return json{{"name", test.name}, {"seconds", seconds_of(test.duration())}};
             })},
      {"resume", text_or_null(status.resume)},
      {"rerun-failed", text_or_null(status.rerun)},
      {"notes", report.notes}};
  return base::dump_json_pretty(document);
}

std::string no_session_json(const std::filesystem::path& build_dir) {
  return base::dump_json_pretty(
      {{"version", kStatusVersion}, {"build-dir", build_dir.string()}, {"state", "none"}});
}

}  // namespace specguard::session
