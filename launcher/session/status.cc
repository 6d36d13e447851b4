#include "session/status.h"

#include <algorithm>

namespace specguard::session {
namespace {

using std::chrono::nanoseconds;

nanoseconds elapsed_of(const SessionRecord& session, base::WallTime until) {
  if (session.started.session.empty()) return nanoseconds(0);
  return std::max(nanoseconds(until - session.started.at), nanoseconds(0));
}

bool is_going_on(const SuiteReport& report) {
  return report.history.state == SessionState::kRunning ||
         report.history.state == SessionState::kStopping;
}

bool is_to_do(const ReportedTest& test) {
  return test.standing == Standing::kLeft || test.standing == Standing::kRunning ||
         (test.standing == Standing::kNotRun && !test.quarantined);
}

// How many tests ran at once, on average.
double concurrency(const SessionRecord& session, nanoseconds elapsed) {
  nanoseconds sum{0};
  for (const AttemptNote& attempt : session.attempts) sum += attempt.wall;
  if (elapsed.count() <= 0) return 1;
  return std::max(1.0, static_cast<double>(sum.count()) / static_cast<double>(elapsed.count()));
}

std::optional<nanoseconds> estimate(const Status& status, const Durations& before) {
  const SuiteReport& report = *status.report;
  Durations known = before;
  Durations at_least;  // of those that were ended before their end
  nanoseconds sum{0};
  std::int64_t count = 0;
  for (const SessionRecord& session : report.history.sessions)
    for (const AttemptNote& attempt : session.attempts) {
      if (!attempt.finished || attempt.origin != journal::Origin::kRun) continue;
      if (attempt.outcome == base::Outcome::kAborted) {
        nanoseconds& least = at_least[attempt.test];
        least = std::max(least, nanoseconds(attempt.wall));
        continue;
      }
      known[attempt.test] = attempt.wall;
      sum += attempt.wall;
      ++count;
    }
  if (count == 0)
    for (const auto& [name, duration] : known) sum += duration, ++count;
  if (count == 0) return std::nullopt;
  const nanoseconds typical = sum / count;
  nanoseconds left{0};
  for (const ReportedTest& test : report.tests) {
    if (!is_to_do(test)) continue;
    const auto own = known.find(test.name);
    const nanoseconds usual = own != known.end() ? own->second : typical;
    const auto least = at_least.find(test.name);
    const nanoseconds all = least != at_least.end() ? std::max(usual, least->second) : usual;
    const nanoseconds done =
        test.standing == Standing::kRunning ? running_for(report, test) : nanoseconds(0);
    left += std::max(all - done, nanoseconds(0));
  }
  const double at_once = concurrency(report.history.newest(), status.elapsed);
  return nanoseconds(static_cast<std::int64_t>(static_cast<double>(left.count()) / at_once));
}

void sort_tests_into(const SuiteReport& report, Status& status) {
  std::vector<std::size_t> timed;
  for (std::size_t i = 0; i < report.tests.size(); ++i) {
    const ReportedTest& test = report.tests[i];
    if (test.standing == Standing::kRunning) status.running.push_back(i);
    if (test.standing == Standing::kFailed || test.standing == Standing::kUnknown)
      status.failed.push_back(i);
    if (test.quarantined) status.quarantined.push_back(i);
    if (test.has_result && test.duration().count() > 0) timed.push_back(i);
  }
  std::stable_sort(status.running.begin(), status.running.end(), [&](std::size_t a, std::size_t b) {
    return running_for(report, report.tests[a]) > running_for(report, report.tests[b]);
  });
  const auto slower = [&](std::size_t a, std::size_t b) {
    return report.tests[a].duration() > report.tests[b].duration();
  };
  const auto end = timed.begin() + static_cast<std::ptrdiff_t>(std::min(kSlowest, timed.size()));
  std::partial_sort(timed.begin(), end, timed.end(), slower);
  status.slowest.assign(timed.begin(), end);
}

}  // namespace

nanoseconds running_for(const SuiteReport& report, const ReportedTest& test) {
  if (test.standing != Standing::kRunning || !test.started) return test.duration();
  return std::max(nanoseconds(report.now - *test.started), nanoseconds(0));
}

Status make_status(const SuiteReport& report, const Durations& known, std::string resume,
                   std::string rerun) {
  Status status{.report = &report, .counts = report.counts()};
  const bool going_on = is_going_on(report);
  for (const SessionRecord& session : report.history.sessions) {
    const bool is_newest = &session == &report.history.newest();
    status.elapsed = elapsed_of(session, is_newest && going_on ? report.now : session.last);
    status.elapsed_all += status.elapsed;
  }
  sort_tests_into(report, status);
  const bool ended_early =
      report.history.state == SessionState::kStopped || report.history.state == SessionState::kDied;
  if (going_on || ended_early) status.estimate = estimate(status, known);
  // A narrower session that came to its end may leave tests of an interrupted one.
  if (ended_early || (!going_on && status.counts.left() != 0)) status.resume = std::move(resume);
  if (report.history.state == SessionState::kFinished && !status.failed.empty())
    status.rerun = std::move(rerun);
  return status;
}

}  // namespace specguard::session
