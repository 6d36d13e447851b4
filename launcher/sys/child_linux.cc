#include "sys/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "sys/lineage.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

// The kernel kills the test before ctest or the launcher (proc(5), oom_score_adj). Raising it needs
// no privilege; where /proc cannot be written, the test is merely as likely as others.
void become_first_choice_for_oom() {
  const int fd = calls().open("/proc/self/oom_score_adj", O_WRONLY);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = calls().write(fd, "1000", 4);
  ::close(fd);
}

// Where Yama bounds ptrace to ancestors (kernel.yama.ptrace_scope 1, as in Ubuntu), a debugger that
// the keeper starts may look only where it is named: for the diagnosis. EINVAL without Yama.
void let_be_debugged_by(pid_t keeper) {
  [[maybe_unused]] const int named =
      calls().prctl(PR_SET_PTRACER, static_cast<unsigned long>(keeper));
}

bool become(int fd, int target) {
  if (fd == target) return true;  // dup2 of a descriptor onto itself would keep close-on-exec set
  return calls().dup2(fd, target) == target;
}

}  // namespace

StepFailure begin_child(const ChildStart& start) noexcept {
  // A group of its own: a test that signals its process group (kill 0) must not hit the keeper.
  if (calls().setpgid(0, 0) != 0) return {errno, "make a process group"};
  if (calls().prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    return {errno, "ask for the parent-death signal"};
  // It died before the line above. 0: it is outside of our PID namespace, whose init will know.
  if (const pid_t parent = ::getppid(); parent != start.keeper && parent != 0) ::_exit(1);
  if (start.lineage_tag != 0 && !put_on_lineage(start.lineage_tag) && errno != EPERM)
    return {errno, "put on the lineage tag"};
  become_first_choice_for_oom();
  let_be_debugged_by(start.keeper);
  if (!become(start.out_fd, STDOUT_FILENO)) return {errno, "redirect standard output"};
  if (!become(start.err_fd, STDERR_FILENO)) return {errno, "redirect standard error"};
  if (start.directory != nullptr && ::chdir(start.directory) != 0)
    return {errno, "change to the working directory"};
  return {};
}

void finish_child(const ChildStart& start) noexcept {
  if (start.close_other_fds) ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (start.signals != nullptr) start.signals->restore();
}

}  // namespace specguard::sys
