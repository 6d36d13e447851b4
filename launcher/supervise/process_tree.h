// ProcessTree: the living descendants of the calling process, and their end.
//
// The caller is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): whatever a descendant does,
// as long as the caller lives every orphan becomes its child. So "no children left" (ECHILD from
// wait) means that nothing is left at all, and that is the only thing taken for it; what /proc
// lists on the way there may be incomplete.
//
// Promises: signals reach only descendants, each held by a pidfd and looked at again before; a
// process that keeps forking, ignores, stops itself or was frozen in a cgroup of its own is ended
// as well; no call waits longer than it is told. Refuses: to touch anything that is no descendant
// of the caller.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/outcome.h"
#include "sys/process.h"

namespace specguard::supervise {

class ProcessTree {
 public:
  // The living descendants (zombies are dead), nearest first.
  static std::vector<pid_t> living();

  // The same with command lines, at most 32 of them; how many more there are goes to `unnamed`.
  static std::vector<base::ProcessNote> describe(const std::vector<pid_t>& processes,
                                                 std::size_t* unnamed = nullptr);

  // Asks every descendant to end: SIGTERM, then SIGCONT so that one that is stopped can hear it.
  static void terminate();

  struct Reaped {
    pid_t pid;
    int status;  // as of wait(2)
  };
  // Waits for one child that has ended, without blocking. nullopt: none has; none_left() tells
  // whether there are any.
  static std::optional<Reaped> reap_one();

  // True where the caller has no children, dead or alive, and so no descendants.
  static bool none_left();

  // Ends every descendant with SIGKILL and waits for all of them, at most until the limit has
  // passed; the test's own first process, where given, is reported through `main_status` when it is
  // waited for here. Returns those that could not be ended: in uninterruptible sleep, or another
  // user's. Where /proc cannot be read it gives up early, and none_left() tells.
  static std::vector<pid_t> kill_all(std::chrono::milliseconds limit, pid_t main_pid = 0,
                                     std::optional<int>* main_status = nullptr);
};

}  // namespace specguard::supervise
