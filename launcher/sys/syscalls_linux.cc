#include "sys/syscalls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace specguard::sys {
namespace {

constexpr Syscalls kReal = {
    .open = [](const char* path, int flags) { return ::open(path, flags | O_CLOEXEC); },
    .read = ::read,
    .write = ::write,
    .pipe2 = ::pipe2,
    .poll = ::poll,
    .clone =
        [](int namespace_flags) {
          // The raw call takes no stack and returns twice like fork, but skips glibc's atfork
          // handlers: so it is used only where fork cannot do it.
          if (namespace_flags == 0) return ::fork();
          return static_cast<pid_t>(
              ::syscall(SYS_clone, namespace_flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        },
    .clone_vfork =
        [](int (*run)(void*), void* argument, std::span<std::byte> stack) {
          // Stacks grow downwards on every machine that Linux runs on but one.
          return ::clone(run, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD,
                         argument);
        },
    .setsid = [] { return ::setsid() < 0 ? -1 : 0; },
    .setpgid = ::setpgid,
    .dup2 = ::dup2,
    .prctl = [](int option,
                unsigned long argument) { return ::prctl(option, argument, 0UL, 0UL, 0UL); },
    .getrlimit =
        [](int resource, rlimit* limit) {
          return ::getrlimit(static_cast<__rlimit_resource_t>(resource), limit);
        },
    .setrlimit =
        [](int resource, const rlimit* limit) {
          return ::setrlimit(static_cast<__rlimit_resource_t>(resource), limit);
        },
    .signalfd = [](const sigset_t* signals, int flags) { return ::signalfd(-1, signals, flags); },
    .sigprocmask = ::sigprocmask,
    .wait4 = ::wait4,
    .waitid = ::waitid,
    .kill = ::kill,
    .pidfd_open = [](pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); },
    .pidfd_send_signal =
        [](int pidfd, int signal) {
          return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
        },
    .execvpe = ::execvpe,
};

const Syscalls* in_force = &kReal;

}  // namespace

const Syscalls& calls() {
  return *in_force;
}
const Syscalls& real_calls() {
  return kReal;
}
void replace_calls(const Syscalls* table) {
  in_force = table;
}

}  // namespace specguard::sys
