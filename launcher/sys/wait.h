// Waiting for children, and for what keeps them from ending.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>

namespace specguard::sys {

pid_t own_pid();

struct WaitResult {
  enum class Kind { kEnded, kNoneEnded, kNoChildren };
  Kind kind = Kind::kNoneEnded;
  pid_t pid = 0;
  int status = 0;  // as of wait(2)
};

// One child that has ended, if any; never blocks. An unexpected failure counts as kNoneEnded.
WaitResult wait_any_without_blocking();

// Blocks until this child has ended; false where it is no child of the caller.
bool wait_for(pid_t pid, int& status);

// Signals a child that has not been waited for yet: so the number is still its own.
void send_to_child(pid_t child, int signal);

// True where the caller has children, dead ones included. Reaps none.
bool has_children();

// True where the chain of parents leads to the caller. The answer is of the moment; hold the
// process by a pidfd before.
bool is_descendant_of_caller(pid_t pid);

// Returns after the time, or as soon as a child has ended. Reaps none.
void wait_for_child_event(std::chrono::microseconds at_most);

// Thaws the version 1 freezer cgroups in which some of these processes sit, save those that also
// hold a process that is not among them: thawing is not ours to do there.
void thaw_frozen(std::span<const pid_t> processes);

bool exited(int status);
int exit_code(int status);
bool was_signalled(int status);
int terminating_signal(int status);

}  // namespace specguard::sys
