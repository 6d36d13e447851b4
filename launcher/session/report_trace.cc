#include "session/report_trace.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "journal/record_json.h"

namespace specguard::session {
namespace {

using nlohmann::json;

std::int64_t microseconds(base::WallTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// Names of colours that the viewers know.
const char* colour_of(const TimelineEntry& entry) {
  if (entry.running) return "thread_state_runnable";
  if (entry.outcome == base::Outcome::kSkipped) return "grey";
  if (base::is_success(entry.outcome)) return "good";
  return entry.outcome == base::Outcome::kFailed ? "bad" : "terrible";
}

json name_event(const char* what, std::size_t pid, std::size_t tid, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", pid}, {"tid", tid}, {"args", {{"name", name}}}};
}

json attempt_event(const SuiteReport& report, const TimelineEntry& entry, base::WallTime origin) {
  const ReportedTest& test = report.tests[entry.test];
  json arguments = {
      {"outcome", entry.running ? "running" : std::string(base::outcome_name(entry.outcome))},
      {"started", journal::format_time(entry.started)},
      {"labels", test.labels}};
  if (!test.reason.empty()) arguments["reason"] = test.reason;
  if (test.result.usage.peak_memory_bytes)
    arguments["peak-memory-bytes"] = *test.result.usage.peak_memory_bytes;
  if (!test.file.empty()) arguments["place"] = fmt::format("{}:{}", test.file, test.line);
  return {{"name", test.name},
          {"cat", arguments["outcome"]},
          {"ph", "X"},
          {"ts", microseconds(entry.started - origin)},
          {"dur", microseconds(entry.finished - entry.started)},
          {"pid", entry.session + 1},
          {"tid", entry.slot + 1},
          {"cname", colour_of(entry)},
          {"args", std::move(arguments)}};
}

}  // namespace

std::string report_trace(const SuiteReport& report) {
  const std::vector<TimelineEntry> entries = report.timeline();
  base::WallTime origin = entries.empty() ? base::WallTime() : entries.front().started;
  for (const TimelineEntry& entry : entries) origin = std::min(origin, entry.started);
  json events = json::array();
  std::set<std::pair<std::size_t, std::size_t>> rows;
  for (std::size_t i = 0; i < report.history.sessions.size(); ++i)
    events.push_back(name_event("process_name", i + 1, 0,
                                fmt::format("session {}", report.history.sessions[i].id)));
  for (const TimelineEntry& entry : entries) {
    if (rows.emplace(entry.session, entry.slot).second)
      events.push_back(name_event("thread_name", entry.session + 1, entry.slot + 1,
                                  fmt::format("slot {}", entry.slot + 1)));
    events.push_back(attempt_event(report, entry, origin));
  }
  const json document = {
      {"displayTimeUnit", "ms"},
      {"otherData",
       {{"build-dir", report.build_dir.string()}, {"began", journal::format_time(origin)}}},
      {"traceEvents", std::move(events)}};
  return base::dump_json(document) + "\n";
}

}  // namespace specguard::session
