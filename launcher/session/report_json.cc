#include "session/report_json.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "journal/record_json.h"

namespace specguard::session {
namespace {

using nlohmann::json;

void add_usage(const base::Usage& usage, json& object) {
  if (usage.user_cpu && usage.system_cpu)
    object["cpu-seconds"] = seconds_of(*usage.user_cpu + *usage.system_cpu);
  if (usage.peak_memory_bytes) object["peak-memory-bytes"] = *usage.peak_memory_bytes;
  if (usage.peak_processes) object["peak-processes"] = *usage.peak_processes;
}

const char* status_word(base::ExampleResult::Status status) {
  switch (status) {
    case base::ExampleResult::Status::kPassed:
      return "passed";
    case base::ExampleResult::Status::kFailed:
      return "failed";
    case base::ExampleResult::Status::kSkipped:
      break;
  }
  return "skipped";
}

json example_to_json(const base::ExampleResult& example) {
  json object = {{"name", example.name}, {"status", status_word(example.status)}};
  if (!example.message.empty()) object["message"] = example.message;
  if (example.duration) object["seconds"] = seconds_of(*example.duration);
  return object;
}

}  // namespace

double seconds_of(std::chrono::nanoseconds duration) {
  // Microseconds are all that the journal keeps.
  return static_cast<double>(
             std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) /
         1e6;
}

json counts_to_json(const Counts& counts) {
  json object = {{"total", counts.total()},
                 {"done", counts.done()},
                 {"left", counts.left()},
                 {"quarantined", counts.quarantined},
                 {"carried-over", counts.carried_over}};
  for (std::size_t i = 0; i < kStandings; ++i)
    if (static_cast<Standing>(i) != Standing::kLeft)
      object[std::string(standing_name(static_cast<Standing>(i)))] = counts.by_standing[i];
  return object;
}

json session_to_json(const SessionRecord& session) {
  json object = {{"id", session.id},
                 {"degraded", session.degraded},
                 {"damaged-records", session.account.damaged}};
  const journal::SessionStarted& started = session.started;
  if (started.session.empty()) return object;
  object["number"] = started.number;
  object["kind"] = started.kind == journal::SessionKind::kBare ? "ctest" : "run";
  object["resumes"] = started.resumes;
  object["selection"] = started.selection;
  object["started"] = journal::format_time(started.at);
  object["last-record"] = journal::format_time(session.last);
  if (const auto& stop = session.state.stop()) object["stop"] = journal::to_json(*stop);
  return object;
}

json summary_to_json(const ReportedTest& test) {
  json object = {{"name", test.name},
                 {"standing", standing_name(test.standing)},
                 {"labels", test.labels},
                 {"launcher", test.guarded}};
  if (!test.file.empty()) {
    object["file"] = test.file;
    object["line"] = test.line;
  }
  if (!test.reason.empty()) object["reason"] = test.reason;
  if (test.quarantined) object["quarantined"] = true;
  if (test.carried_over) object["carried-over"] = true;
  if (test.started) object["started"] = journal::format_time(*test.started);
  if (!test.has_result) return object;
  object["outcome"] = base::outcome_name(test.result.outcome);
  object["seconds"] = seconds_of(test.duration());
  if (test.result.exit_code != 0) object["exit-code"] = test.result.exit_code;
  if (test.result.signal != 0) object["signal"] = test.result.signal;
  if (!test.result.evidence.limit.empty()) object["limit"] = test.result.evidence.limit;
  if (!test.result.evidence.peak.empty()) object["peak"] = test.result.evidence.peak;
  if (!test.result.evidence.mechanism.empty()) object["mechanism"] = test.result.evidence.mechanism;
  if (test.attempts > 1) object["attempts"] = test.attempts;
  add_usage(test.result.usage, object);
  return object;
}

std::string report_json(const SuiteReport& report) {
  json tests = json::array();
  for (const ReportedTest& test : report.tests) {
    json entry = summary_to_json(test);
    for (const base::ExampleResult& example : test.result.examples)
      entry["examples"].push_back(example_to_json(example));
    if (!test.result.output_tail.empty()) entry["output-tail"] = test.result.output_tail;
    for (const base::ProcessNote& note : test.result.evidence.killed)
      entry["killed"].push_back({{"pid", note.pid}, {"command", note.command_line}});
    tests.push_back(std::move(entry));
  }
  json sessions = json::array();
  for (const SessionRecord& session : report.history.sessions)
    sessions.push_back(session_to_json(session));
  const json document = {
      {"version", kReportVersion},
      {"build-dir", report.build_dir.string()},
      {"made", journal::format_time(report.now)},
      {"state", session_state_name(report.history.state)},
      {"stop", report.history.stop ? journal::to_json(*report.history.stop) : json()},
      {"suite-is-known", report.suite_is_known},
      {"counts", counts_to_json(report.counts())},
      {"sessions", std::move(sessions)},
      {"tests", std::move(tests)},
      {"gone", report.gone},
      {"notes", report.notes}};
  return base::dump_json_pretty(document);
}

}  // namespace specguard::session
