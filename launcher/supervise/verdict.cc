#include "supervise/verdict.h"

#include <fmt/format.h>

#include "sys/signals.h"

namespace specguard::supervise {
namespace {

using base::Outcome;

constexpr int kExitFailed = 1;
constexpr int kExitTimeout = 124;        // as timeout(1)
constexpr int kExitLauncherError = 125;  // as timeout(1), docker(1)

void judge_exit(const Observation& observation, base::AttemptResult& result) {
  const auto& results = observation.results;
  const std::size_t left = observation.leaked.size() + observation.unnamed;
  if (results) {
    result.outcome = results->outcome;
    result.evidence.reason = results->reason;
  } else {
    result.outcome = result.exit_code == 0 ? Outcome::kPassed : Outcome::kFailed;
  }
  if (result.outcome == Outcome::kPassed && !observation.leaked.empty() &&
      observation.leaks == LeakPolicy::kFail) {
    result.outcome = Outcome::kLeaked;
    result.evidence.reason =
        fmt::format("passed, but left {} process{} behind", left, left == 1 ? "" : "es");
    result.evidence.limit = "no processes";
    result.evidence.mechanism = "subreaper";
  }
}

// What was too slow was the start.
bool is_of_no_test(const Observation& observation) {
  const bool of_time = observation.stop && (observation.stop->outcome == Outcome::kTimeout ||
                                            observation.stop->outcome == Outcome::kIdleTimeout);
  return of_time && observation.breach && observation.breach->test_never_began;
}

}  // namespace

base::AttemptResult judge(Observation observation) {
  base::AttemptResult result;
  result.exit_code = observation.ending.exit_code;
  result.signal = observation.ending.signal;
  if (observation.results) result.examples = observation.results->examples;
  if (observation.stop && !is_of_no_test(observation)) {
    result.outcome = observation.stop->outcome;
    result.evidence = std::move(observation.stop->evidence);
  } else if (observation.breach) {
    result.outcome = observation.breach->outcome;
    result.evidence = std::move(observation.breach->evidence);
  } else if (result.signal != 0) {
    result.outcome = Outcome::kCrashed;
    result.evidence.reason = fmt::format("died by {}", sys::signal_name(result.signal));
  } else {
    judge_exit(observation, result);
  }
  // Of a test that was stopped, or broke down, all that was killed is evidence.
  const bool ended_by_itself =
      result.outcome == Outcome::kPassed || result.outcome == Outcome::kFailed;
  const bool nobody_asks = ended_by_itself && observation.leaks == LeakPolicy::kIgnore;
  if (result.evidence.killed.empty() && !nobody_asks) {
    result.evidence.killed = std::move(observation.leaked);
    result.evidence.unnamed = observation.unnamed;
  }
  return result;
}

LauncherEnd decide_end(const base::AttemptResult& result, const EndOptions& options) {
  using Kind = LauncherEnd::Kind;
  constexpr LauncherEnd kUndeniable{Kind::kSignal, SIGKILL};
  switch (result.outcome) {
    case Outcome::kPassed:
      return {Kind::kExit, 0};
    case Outcome::kFailed:
      return {Kind::kExit, result.exit_code != 0 ? result.exit_code : kExitFailed};
    case Outcome::kSkipped:
      return {Kind::kExit, options.skip_code};
    case Outcome::kCrashed:
      return {Kind::kSignal, result.signal != 0 ? result.signal : SIGKILL};
    case Outcome::kTimeout:
      if (!options.under_ctest) return {Kind::kExit, kExitTimeout};
      if (options.ctest_has_timer) return {Kind::kAwaitCtest, 0};
      return kUndeniable;
    case Outcome::kAborted:
      return {Kind::kSignal, options.stop_signal != 0 ? options.stop_signal : SIGKILL};
    case Outcome::kLauncherError:
      if (!options.under_ctest) return {Kind::kExit, kExitLauncherError};
      return kUndeniable;
    case Outcome::kIdleTimeout:
    case Outcome::kCpuTime:
    case Outcome::kOutOfMemory:
    case Outcome::kProcessLimit:
    case Outcome::kOutputLimit:
    case Outcome::kLeaked:
    case Outcome::kNotRun:
      return kUndeniable;
  }
  return kUndeniable;
}

}  // namespace specguard::supervise
