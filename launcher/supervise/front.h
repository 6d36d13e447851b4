// Front: the process that ctest (or a person) started. It forks the keeper, hands on signals, and
// ends as the attempt did.
//
// It does nothing else, so that there is nothing in it that can go wrong while a test runs. If it
// is killed, the keeper sees its pipe end and clears the tree. If the keeper is killed, the orphans
// become the front's children, because it is a child subreaper too, and it clears the tree itself.
#pragma once

#include <chrono>

#include "supervise/attempt.h"
#include "supervise/verdict.h"

namespace specguard::supervise {

struct FrontOptions {
  EndOptions end;
  // How long after the start ctest's own timer fires; 0: it has none.
  std::chrono::milliseconds ctest_timeout{0};
};

// Runs the attempt and ends the calling process as it ended: with its exit code, by its signal, or
// by waiting for ctest's timer. The keeper is forked from the caller, which must have one thread.
[[noreturn]] void run_attempt(Attempt attempt, const AttemptHooks& hooks,
                              const FrontOptions& options);

// Ends the calling process so, for attempts that need no process (replayed, not run).
[[noreturn]] void end_launcher(const LauncherEnd& end);

}  // namespace specguard::supervise
