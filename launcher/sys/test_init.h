// The init beside a test: it reaps, tells how the test ended, ends what the test left behind, and
// goes, taking everything that is still there with it. It is pid 1 of a PID namespace of ours, and
// pid 1 of a container (docs/decisions/0006-init-in-the-container.md).
//
// Why there is one: the kernel gives orphans to the first process of a PID namespace, ignores
// signals to it for which it has no handler, and kills the namespace when it ends. A test in that
// place would collect zombies and survive its own abort(). And a container's exit code says 137 for
// a test that was killed for memory, for one that exits with 137, and for one that somebody killed.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "sys/child.h"

namespace specguard::sys {

// What was asked for and is not there, so that the test was not started.
enum class Refusal : std::int32_t { kIsolation = 0, kLimit = 1 };

// One message of the init to the keeper. Small and of one size, so that a write is whole or not at
// all (PIPE_BUF).
struct InitMessage {
  enum Kind : std::int32_t {
    kEnded = 1,    // number: the wait status of the test
    kNotStarted,   // number: the errno of its exec
    kLeft,         // number: pid of a process that outlived the test; text: its command line
    kMemoryKills,  // number: processes that the kernel killed for the container's memory limit
    kPeakMemory,   // number: bytes
    kUserCpu,      // number: microseconds, of all that were reaped
    kSystemCpu,
    kRefused,       // number: a Refusal; text: what of that is not there
    kFromOutside,   // number: a signal that asks to end, from neither keeper nor test
    kCpuTime,       // number: microseconds, more than the limit; the test was killed for it
    kForkRefusals,  // number: times that the limit on processes was met
    kBegan,         // there is a process of the test now
  };
  std::int32_t kind = 0;
  std::int32_t reserved = 0;
  std::int64_t number = 0;
  std::array<char, 240> text{};  // words ended by NUL
};

// At most this many leftovers are named: their messages must fit into a pipe that nobody reads yet.
constexpr int kMaxNamedLeftovers = 64;

// What the cgroups seen here have counted since they were made; negative where they do not say.
struct GroupCounts {
  std::int64_t memory_kills = -1;
  std::int64_t fork_refusals = -1;
};

struct TestInit {
  pid_t test = 0;
  int report_fd = -1;
  // Whose other end the keeper has: a hang-up or an error on it says that the keeper is dead. May
  // be the report.
  int lifeline_fd = -1;
  // Signals to the init that are passed on to the test.
  sigset_t forwarded{};
  std::chrono::milliseconds grace{2000};  // between SIGTERM and the end for what is left
  // What the cgroups seen here count beyond that is the test's doing, and is reported.
  bool reports_groups = false;
  GroupCounts counted_before;
  // They hold others too, as of an engine without root that makes none: a peak is not the test's.
  bool groups_are_shared = false;
  // On the lifeline come the keeper's orders, each one byte: a signal for every process of the
  // test. Signals from outside are then nobody's order, and are reported.
  bool takes_orders = false;
  std::chrono::microseconds cpu_limit{0};  // of all that is in the cgroup; 0: none
};

// One message, for who has to say something before there is a test. Async-signal-safe.
void send_init_message(int report_fd, InitMessage::Kind kind, std::int64_t number,
                       const char* text = "") noexcept;

// CPU time that the cgroup seen here has used; negative where it does not say. Async-signal-safe.
std::chrono::microseconds cgroup_cpu_time() noexcept;

GroupCounts read_group_counts() noexcept;

// Whether there is more in the cgroups seen here than the calling process, which has one thread.
bool are_groups_shared() noexcept;

// The caller, who is about to fork the test, becomes its init: named so, and out of the reach of
// ptrace(2) by the test, which may have its user id. Before the fork, so that the test never meets
// it without. Async-signal-safe.
void prepare_test_init() noexcept;

// In the test, right after that fork: what the init took on is not the test's. The name goes with
// exec. Async-signal-safe.
void leave_test_init() noexcept;

// The rest of the life of the calling process, which has prepared itself and blocked every signal.
// Keeps no descriptor but those two. Async-signal-safe.
[[noreturn]] void run_test_init(const TestInit& init) noexcept;

// What the init has said, put together.
struct TestReport {
  bool began = false;
  std::optional<int> wait_status;
  std::optional<int> start_errno;
  std::uint64_t memory_kills = 0;
  std::uint64_t fork_refusals = 0;
  std::optional<int> signal_from_outside;
  std::optional<std::chrono::microseconds> cpu_time_met;
  std::string refused;  // empty: nothing was amiss
  Refusal refused_of = Refusal::kIsolation;
  std::optional<std::uint64_t> peak_memory_bytes;
  std::optional<std::chrono::microseconds> user_cpu;
  std::optional<std::chrono::microseconds> system_cpu;
  std::vector<base::ProcessNote> left;  // pids of their own namespace
};

// Reads all that is there, and does not wait for more. The other side is not trusted: what is no
// message ends it.
TestReport read_test_report(int fd);

// Drops all privileges of the calling process for good. Async-signal-safe.
StepFailure drop_privileges() noexcept;

}  // namespace specguard::sys
