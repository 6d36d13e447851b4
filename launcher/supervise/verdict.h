// Verdict: what an attempt's end means. Two pure functions: one from everything that was observed
// to the outcome, one from the outcome to the way in which the launcher itself must end so that
// CTest shows it truthfully.
#pragma once

#include <optional>
#include <vector>

#include "base/outcome.h"
#include "supervise/attempt.h"

namespace specguard::supervise {

// Why the keeper began to end the tree while the test was still running.
struct StopCause {
  base::Outcome outcome = base::Outcome::kAborted;
  base::Evidence evidence;
  int signal = 0;  // the signal to the launcher that asked for it, if any
};

struct Observation {
  std::optional<StopCause> stop;          // the first that was met; later ones do not count
  std::optional<Breach> breach;           // what kernel or engine say at the end
  Ending ending;                          // how the test's own first process ended
  std::optional<ResultsVerdict> results;  // what its output says; absent where it died by a signal
  std::vector<base::ProcessNote> leaked;  // what it left behind
  std::size_t unnamed = 0;                // and so many more
  LeakPolicy leaks = LeakPolicy::kWarn;
};

// The first that applies: a stop, a breach, death by a signal, its own words, leaks. `usage` is
// left empty.
base::AttemptResult judge(Observation observation);

// How the launcher ends.
struct LauncherEnd {
  enum class Kind {
    kExit,        // with `value` as the exit code
    kSignal,      // by the signal `value`
    kAwaitCtest,  // wait for ctest's own timer, which alone makes it say ***Timeout; by SIGKILL if
                  // it does not come
  };
  Kind kind = Kind::kExit;
  int value = 0;

  friend bool operator==(const LauncherEnd&, const LauncherEnd&) = default;
};

struct EndOptions {
  bool under_ctest = false;
  bool ctest_has_timer = false;  // the test has a TIMEOUT property that fires after our own
  int skip_code = 77;
  int stop_signal = 0;  // StopCause::signal
};

// Death by a signal is the one failure that neither WILL_FAIL nor PASS_REGULAR_EXPRESSION can turn
// into a pass, so what must stay a failure ends by SIGKILL.
LauncherEnd decide_end(const base::AttemptResult& result, const EndOptions& options);

}  // namespace specguard::supervise
