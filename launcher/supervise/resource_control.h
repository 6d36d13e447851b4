// ResourceControl: puts the limits of one attempt on its whole process tree by the best means this
// machine has, recognises a breach from evidence, and measures what the tree used.
//
// It chooses for each limit: cgroup v2, else cgroup v1, else a limit of the process (rlimit or CPU
// affinity), else polling. A cgroup is made only for a limit that asks for one, only below our own
// group, and is removed with everything in it; an attempt with no limit opens, reads and makes
// nothing. It lives in the keeper: the test and every orphan are children of this process.
//
// Use: open() before fork; sys::enter_limits(child_limits()) in the child before exec; poll() every
// poll_interval(); breach_at_end() once the test has ended and before the groups go; measure()
// after the last process was waited for; then destroy.
//
// It refuses to move, freeze or kill a process that is not in a group of its own making.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/result.h"
#include "supervise/limits.h"
#include "sys/child_limits.h"

namespace specguard::supervise {

// A limit that was met, and the proof.
struct Breach {
  base::Outcome outcome;
  base::Evidence evidence;        // all but `killed`
  bool test_never_began = false;  // so no limit on its time was met
};

// How one limit is held.
struct Enforcement {
  std::string limit;      // as the option is called: "memory", "pids", ...
  std::string mechanism;  // cgroup2, cgroup1, rlimit, poll; empty: this machine cannot
  std::string caveat;     // why it is no better than that; empty where it is the best there is
  std::string remedy;     // what a person can do about it
};

// How the test's own first process ended.
struct Ending {
  int exit_code = 0;
  int signal = 0;  // other than 0: died by it
};

class ResourceControl {
 public:
  // Prepares everything that can fail before the test is started. Only a strict limit that cannot
  // be enforced, or a limit that this machine can hold but refuses now (no descriptors left, ...),
  // is an Error; the rest that falls short is in warnings().
  static base::Result<std::unique_ptr<ResourceControl>> open(const Limits& limits,
                                                             std::string_view attempt_id);

  // Kills what is left in its groups and removes them, with those that the test made inside.
  virtual ~ResourceControl() = default;
  ResourceControl(const ResourceControl&) = delete;
  ResourceControl& operator=(const ResourceControl&) = delete;

  // For the child, between fork and exec: sys::enter_limits(control.child_limits()).
  virtual const sys::ChildLimits& child_limits() const = 0;
  std::span<const int> join_fds() const { return child_limits().join_fds; }
  const std::vector<sys::RlimitSetting>& rlimits() const { return child_limits().rlimits; }

  // Every limit that was asked for, in the order of struct Limits; empty where none was.
  virtual const std::vector<Enforcement>& enforcement() const = 0;
  // Sentences for people: a limit that is held only roughly, or not at all.
  virtual const std::vector<std::string>& warnings() const = 0;

  // Call poll() after this. Never 0: where no limit needs it, peak memory and process count are
  // sampled, often at first, and a test shorter than the first interval pays nothing.
  virtual std::chrono::milliseconds poll_interval() const = 0;

  // `tree`: every living process of the attempt, the test first. A breach means: end it now.
  virtual std::optional<Breach> poll(std::span<const pid_t> tree) = 0;

  // What the kernel says after the test's end: killed for memory, refused a fork, a file too large.
  // Memory is a breach however the test ended; a refused fork only where the test did not succeed.
  virtual std::optional<Breach> breach_at_end(const Ending& ending) = 0;

  // SIGKILLs everything in the attempt's groups, forking or frozen or not, at once where the kernel
  // can. False where there is no group: then the caller walks the tree.
  virtual bool kill_all() = 0;

  // Fills in what it knows better; keeps the larger of two peaks. Not `wall`. CPU time is complete
  // once the caller has waited for every process.
  virtual void measure(base::Usage& usage) = 0;

 protected:
  ResourceControl() = default;
};

}  // namespace specguard::supervise
