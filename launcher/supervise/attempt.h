// Attempt: one execution of a test under the launcher, as it was asked for. What came of it is
// base::AttemptResult.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "supervise/backend.h"
#include "supervise/limits.h"
#include "supervise/results.h"

namespace specguard::supervise {

// What becomes of processes that outlive the test. They are killed in any case; the policy is about
// the verdict.
enum class LeakPolicy { kIgnore, kWarn, kFail };

struct Attempt {
  std::string name;
  std::string id;  // hexadecimal; SPECGUARD_ATTEMPT in the environment of the test
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=value, added to the launcher's own
  Limits limits;
  LeakPolicy leaks = LeakPolicy::kWarn;
  ResultsOptions results;
  std::unique_ptr<Backend> backend;  // none: process isolation

  bool under_ctest =
      false;  // it dies with ctest, and inherits nothing but the three standard streams
  bool dashboard = false;  // print <CTestMeasurement>
  bool verbose = false;    // print usage
};

// Why somebody outside the attempt wants it to end: the guard, or the end of the session.
struct StopRequest {
  std::string reason;
};

// What the rooms above have to say while the attempt runs. All are called in the keeper; none may
// throw.
struct AttemptHooks {
  // Called every watch_interval while the test runs, where both are set.
  std::chrono::milliseconds watch_interval{0};
  std::function<std::optional<StopRequest>()> watch;

  // The result, before the front hears of it: it is recorded even where the front is dead.
  std::function<void(const base::AttemptResult&)> finished;
};

}  // namespace specguard::supervise
