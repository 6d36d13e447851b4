// Outcome: how an attempt ended, a closed vocabulary, and the evidence that each one carries.
//
// It lives in base and not in supervise because the journal writes it and the session reports it,
// and those rooms do not see supervise (docs/decisions/0002-outcome-in-base.md). The names are a
// public contract: they stand in journals, reports, measurements and documentation.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace specguard::base {

enum class Outcome {
  kPassed,
  kFailed,  // non-zero exit code, or a failure in its own output
  kSkipped,
  kCrashed,      // died by a signal that was not ours
  kTimeout,      // wall time
  kIdleTimeout,  // no output for too long
  kCpuTime,
  kOutOfMemory,
  kProcessLimit,
  kOutputLimit,
  kLeaked,   // passed, but left processes behind, and the policy is fail
  kAborted,  // the guard, a signal, or the end of the session
  kNotRun,   // the session stopped before it, or it is quarantined
  kLauncherError,
};

// "passed", "idle-timeout", "out-of-memory" and so on.
std::string_view outcome_name(Outcome outcome);

// The reverse; nullopt for a word that is no outcome.
std::optional<Outcome> parse_outcome(std::string_view name);

// Passed or skipped: nothing is left to do for this test.
bool is_success(Outcome outcome);

// What an attempt used, over its whole process tree. A value that could not be measured is absent,
// never zero.
struct Usage {
  std::chrono::nanoseconds wall{0};
  std::optional<std::chrono::microseconds> user_cpu;
  std::optional<std::chrono::microseconds> system_cpu;
  std::optional<std::uint64_t> peak_memory_bytes;
  std::optional<std::uint64_t> peak_processes;
  std::optional<std::uint64_t> read_bytes;
  std::optional<std::uint64_t> written_bytes;
};

// A process that had to be killed, or was left behind.
struct ProcessNote {
  int pid = 0;
  std::string command_line;  // arguments joined by spaces, escaped, at most 4096 bytes
};

// Why the outcome is what it is.
struct Evidence {
  std::string reason;  // one sentence for people: "wrote 70.2 MiB of output, the limit is 64.0 MiB"
  std::string limit;   // the limit that was met, as configured: "64M"; empty where none was
  std::string peak;    // what was reached: "70.2 MiB"
  std::string mechanism;  // cgroup2, cgroup1, rlimit, poll, docker, podman, timer, pipe; empty
                          // where none was needed
  std::vector<ProcessNote> killed;
  std::size_t unnamed = 0;  // more than those; for the words of the moment, not recorded
};

// One example of a spec, or one line of TAP.
struct ExampleResult {
  enum class Status { kPassed, kFailed, kSkipped };
  std::string name;
  Status status = Status::kPassed;
  std::string message;                                // failure text or skip reason
  std::optional<std::chrono::milliseconds> duration;  // where the interpreter printed one
};

// One finished attempt, as the launcher hands it to the journal.
struct AttemptResult {
  Outcome outcome = Outcome::kLauncherError;
  int exit_code = 0;  // the test's own, where it exited
  int signal = 0;     // the test's own, where it died by one
  Evidence evidence;
  Usage usage;
  std::vector<ExampleResult> examples;
  std::string output_tail;  // the last of what it printed, where it did not succeed
};

}  // namespace specguard::base
