#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "sys/process_control.h"
#include "sys/syscalls.h"

namespace specguard::sys {

using base::Error;

base::Result<pid_t> fork_process() {
  const pid_t pid = calls().clone(0);
  if (pid < 0) return Error::from_errno("fork", errno);
  return pid;
}

base::Result<void> become_subreaper() {
  // Where SIGCHLD is ignored, the kernel keeps no child's status (sigaction(2)).
  struct sigaction as_usual {};
  as_usual.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &as_usual, nullptr);
  if (calls().prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
    return Error::from_errno("become a child subreaper", errno);
  return {};
}

base::Result<void> become_session_leader() {
  if (calls().setsid() != 0) return Error::from_errno("start a session", errno);
  return {};
}

base::Result<bool> ask_for_parent_death_signal(int signal, pid_t parent) {
  if (calls().prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal)) != 0)
    return Error::from_errno("ask for the parent-death signal", errno);
  return ::getppid() == parent;
}

base::Result<void> detach_from_starter(int kept_fd) {
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  SPECGUARD_TRY_VOID(become_session_leader());
  const int null_fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0) return Error::from_errno("open /dev/null", errno);
  for (const int stream : {0, 1, 2}) ::dup2(null_fd, stream);
  const auto kept = static_cast<unsigned>(kept_fd);
  if (kept > 3) ::close_range(3, kept - 1, 0);
  ::close_range(kept + 1, ~0U, 0);
  return {};
}

pid_t parent_pid() {
  return ::getppid();
}

base::Error execute(char* const argv[]) {
  calls().execvpe(argv[0], argv, environ);
  return Error::from_errno(fmt::format("cannot run {}", base::printable(argv[0])), errno);
}

}  // namespace specguard::sys
