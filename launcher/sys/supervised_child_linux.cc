#include "sys/supervised_child.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace specguard::sys {

int begin_supervised_child(pid_t supervisor, int out_fd) noexcept {
  if (::setpgid(0, 0) != 0) return errno;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (::getppid() != supervisor) return ESRCH;  // it died before the signal was asked for
  // The supervisor ignores it; what ctest starts must not.
  if (::signal(SIGPIPE, SIG_DFL) == SIG_ERR) return errno;
  if (::isatty(STDIN_FILENO) != 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    if (null < 0 || ::dup2(null, STDIN_FILENO) < 0) return errno;
    ::close(null);
  }
  if (out_fd >= 0 && ::dup2(out_fd, STDOUT_FILENO) < 0) return errno;
  return 0;
}

unsigned usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

}  // namespace specguard::sys
