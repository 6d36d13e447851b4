#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"
#include "journal/record_json.h"
#include "session/status.h"

namespace specguard::session {
namespace {

using base::format_duration;

constexpr std::size_t kMaxLines = 20;  // of one list; --json has them all

std::string how_it_stands(const SuiteReport& report) {
  switch (report.history.state) {
    case SessionState::kRunning:
      return "running";
    case SessionState::kStopping:
      return "ending";
    case SessionState::kFinished:
      return "came to its end";
    case SessionState::kStopped:
      return fmt::format("stopped ({})", journal::stop_kind_name(report.history.stop->kind));
    case SessionState::kDied:
      break;
  }
  return "died";
}

std::string headline(const Status& status) {
  const SuiteReport& report = *status.report;
  const journal::SessionStarted& started = report.history.newest().started;
  std::string line =
      fmt::format("{} of {}: {}", started.kind == journal::SessionKind::kBare ? "ctest" : "run",
                  report.build_dir.string(), how_it_stands(report));
  if (!started.session.empty())
    line += fmt::format("; started {}, {} {}", journal::format_time(started.at).substr(0, 19) + "Z",
                        report.history.state == SessionState::kRunning ? "running for" : "took",
                        format_duration(status.elapsed));
  line += "\n";
  if (report.history.stop)
    line += fmt::format("  why: {}\n", base::printable(report.history.stop->message));
  if (!started.selection.empty())
    line += fmt::format("  selected: {}\n", base::printable(started.selection));
  return line;
}

std::string counts_line(const Status& status) {
  const Counts& counts = status.counts;
  std::string line = fmt::format(
      "  {} of {}{} tests done: {} passed, {} failed, {} skipped", counts.done(), counts.total(),
      status.report->suite_is_known ? "" : " known", counts.of(Standing::kPassed),
      counts.of(Standing::kFailed), counts.of(Standing::kSkipped));
  const auto add = [&](std::size_t count, const char* what) {
    if (count != 0) line += fmt::format(", {} {}", count, what);
  };
  add(counts.of(Standing::kUnknown), "unknown");
  add(counts.quarantined, "quarantined");
  line += fmt::format("; {} running, {} left\n", counts.of(Standing::kRunning), counts.left());
  const std::size_t earlier = status.report->history.sessions.size() - 1;
  if (earlier != 0 || counts.carried_over != 0)
    line += fmt::format("  {} of these results are from before the last interruption",
                        counts.carried_over);
  if (earlier != 0)
    line += fmt::format("; {} sessions took {} together", earlier + 1,
                        format_duration(status.elapsed_all));
  if (earlier != 0 || counts.carried_over != 0) line += "\n";
  if (status.estimate && status.estimate->count() > 0 && counts.total() > counts.done())
    line += fmt::format("  about {} left\n", format_duration(*status.estimate));
  return line;
}

template <typename Line>
std::string list(const char* title, const std::vector<std::size_t>& tests, Line&& line) {
  if (tests.empty()) return {};
  std::string text = fmt::format("\n{}:\n", title);
  for (std::size_t i = 0; i < tests.size() && i < kMaxLines; ++i)
    text += "  " + line(tests[i]) + "\n";
  if (tests.size() > kMaxLines)
    text += fmt::format("  ... and {} more; --json lists them\n", tests.size() - kMaxLines);
  return text;
}

std::string failure_line(const ReportedTest& test) {
  std::string line = base::printable(test.name, 200);
  if (test.standing == Standing::kUnknown)
    return line + "\n      unknown: " + base::printable(test.reason, 300);
  line += fmt::format("  ({})\n      {}", format_duration(test.duration()),
                      base::outcome_name(test.result.outcome));
  if (!test.reason.empty() && test.reason != base::outcome_name(test.result.outcome))
    line += ": " + base::printable(test.reason, 300);
  std::size_t shown = 0;
  for (const base::ExampleResult& example : test.result.examples) {
    if (example.status != base::ExampleResult::Status::kFailed || shown++ == 3) continue;
    line += "\n      ✗ " + base::printable(example.name, 160);
    if (!example.message.empty())
      line += ": " + base::printable(example.message.substr(0, example.message.find('\n')), 200);
  }
  if (!test.file.empty())
    line += fmt::format("\n      {}:{}", base::printable(test.file), test.line);
  return line;
}

}  // namespace

std::string status_text(const Status& status) {
  const SuiteReport& report = *status.report;
  std::string text = headline(status) + counts_line(status);
  text += list("running", status.running, [&](std::size_t i) {
    return fmt::format("{}  for {}", base::printable(report.tests[i].name, 200),
                       format_duration(running_for(report, report.tests[i])));
  });
  text +=
      list("failed", status.failed, [&](std::size_t i) { return failure_line(report.tests[i]); });
  text += list("quarantined (not run: in flight at two crashes in a row)", status.quarantined,
               [&](std::size_t i) { return base::printable(report.tests[i].name, 200); });
  text += list("slowest", status.slowest, [&](std::size_t i) {
    return fmt::format("{:>10}  {}", format_duration(report.tests[i].duration()),
                       base::printable(report.tests[i].name, 200));
  });
  if (!report.gone.empty())
    text += fmt::format("\n{} recorded tests are not in the suite any more\n", report.gone.size());
  for (const std::string& note : report.notes)
    text += fmt::format("\nnote: {}\n", base::printable(note));
  if (!status.resume.empty()) text += fmt::format("\nto go on: {}\n", status.resume);
  if (!status.rerun.empty())
    text += fmt::format("\nto run the failed ones again: {}\n", status.rerun);
  return text;
}

std::string no_session_text(const std::filesystem::path& build_dir) {
  return fmt::format(
      "no session yet in {}: none of its tests has run under test-launcher\n"
      "  'ctest', or 'test-launcher run', begins one\n",
      build_dir.string());
}

}  // namespace specguard::session
