// The child's side of starting ctest under a supervisor, between fork and exec.
#pragma once

#include <sys/types.h>

namespace specguard::sys {

// A process group of its own (the terminal's Ctrl-C goes to the supervisor alone), SIGKILL when the
// supervisor dies, standard input from /dev/null where it is a terminal (a background group that
// read from one would be stopped), SIGPIPE at its default, and standard output to `out_fd`
// where that is not negative. Async-signal-safe; returns 0 or an errno. ESRCH: the supervisor is
// dead already.
int begin_supervised_child(pid_t supervisor, int out_fd) noexcept;

// Processors this process may use.
unsigned usable_cpus();

}  // namespace specguard::sys
