// What the front and the keeper make of themselves.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace specguard::sys {

// A copy of the calling process; 0 in the copy.
base::Result<pid_t> fork_process();

// From now on every orphaned descendant becomes a child of the caller (prctl(2),
// PR_SET_CHILD_SUBREAPER), and how children ended can be told even where the caller was started
// with SIGCHLD ignored.
base::Result<void> become_subreaper();

// A session of its own: no terminal's Ctrl-C, and no signal to the caller's process group, arrives
// any more.
base::Result<void> become_session_leader();

// The signal arrives when `parent` dies. False where it is dead already: then no signal will come.
// `parent` is what parent_pid() said when the caller began.
base::Result<bool> ask_for_parent_death_signal(int signal, pid_t parent);

// For a process that is to outlive its starter and whoever reads the starter's output: a session of
// its own, streams from and to /dev/null, no other descriptor but `kept_fd`, and no handler of the
// starter's for the signals that ask a process to end.
base::Result<void> detach_from_starter(int kept_fd);

pid_t parent_pid();

// Replaces the calling process by the command, searched in PATH; returns only the Error.
base::Error execute(char* const argv[]);

}  // namespace specguard::sys
