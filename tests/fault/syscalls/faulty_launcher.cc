// test-launcher with a system-call table in which one call fails on order. A test fixture: it is
// never installed.
//
//   SPECGUARD_FAULT="ROLE CALL N once|ever ERRNO FILE" faulty_launcher exec ...
//
// FILE, which must be there with one byte at least, gets a '1' as its first byte when the call has
// failed. The calls that go by no table are redirected by the linker (--wrap).
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/commands.h"
#include "fault.h"
#include "sys/syscalls.h"

namespace {

using specguard::sys::real_calls;
using specguard::sys::Syscalls;
using namespace specguard::testing;

struct Order {
  int role = -1;
  int call = -1;
  long nth = 0;
  bool ever = false;
  int error = 0;
};

Order order;
char* fired = nullptr;  // shared by all processes
int role = 0;           // how many forks below the front, at most kChild
std::array<long, kCallCount> made{};
bool inside_table = false;

// True where this call of this process is to fail; errno is set then.
bool fails(Call call) {
  if (call != order.call || role != order.role) return false;
  const long now = ++made[call];
  if (order.ever ? now < order.nth : now != order.nth) return false;
  *fired = '1';
  errno = order.error;
  return true;
}

void enter_child() {
  if (role < static_cast<int>(Role::kChild)) ++role;
  made.fill(0);
}

template <auto Member, Call call>
struct Faulty;

template <typename R, typename... Args, R (*Syscalls::*Member)(Args...), Call call>
struct Faulty<Member, call> {
  static R function(Args... args) {
    if (fails(call)) return static_cast<R>(-1);
    inside_table = true;
    const R result = (real_calls().*Member)(args...);
    inside_table = false;
    return result;
  }
};

pid_t clone_or_fail(int flags) {
  const pid_t pid = Faulty<&Syscalls::clone, kClone>::function(flags);
  if (pid == 0) enter_child();
  return pid;
}

// The child shares this memory until it executes a program; the parent, which waits until then,
// goes on with counts of its own.
pid_t clone_vfork_or_fail(int (*run)(void*), void* argument, std::span<std::byte> stack) {
  struct Child {
    int (*run)(void*);
    void* argument;
  } child{run, argument};
  const auto enter = [](void* child_of) {
    inside_table = false;
    enter_child();
    return static_cast<Child*>(child_of)->run(static_cast<Child*>(child_of)->argument);
  };
  const auto made_before = made;
  const int role_before = role;
  const pid_t pid = Faulty<&Syscalls::clone_vfork, kCloneVfork>::function(enter, &child, stack);
  if (pid < 0) return pid;
  made = made_before;
  ++made[kCloneVfork];
  role = role_before;
  return pid;
}

// A member that is new in the table has to be named here, and in kCalls.
static_assert(sizeof(Syscalls) == std::size_t{kRawOpen} * sizeof(void (*)()));

constexpr Syscalls kFaulty = {
    .open = Faulty<&Syscalls::open, kOpen>::function,
    .read = Faulty<&Syscalls::read, kRead>::function,
    .write = Faulty<&Syscalls::write, kWrite>::function,
    .pipe2 = Faulty<&Syscalls::pipe2, kPipe2>::function,
    .poll = Faulty<&Syscalls::poll, kPoll>::function,
    .clone = clone_or_fail,
    .clone_vfork = clone_vfork_or_fail,
    .setsid = Faulty<&Syscalls::setsid, kSetsid>::function,
    .setpgid = Faulty<&Syscalls::setpgid, kSetpgid>::function,
    .dup2 = Faulty<&Syscalls::dup2, kDup2>::function,
    .prctl = Faulty<&Syscalls::prctl, kPrctl>::function,
    .getrlimit = Faulty<&Syscalls::getrlimit, kGetrlimit>::function,
    .setrlimit = Faulty<&Syscalls::setrlimit, kSetrlimit>::function,
    .signalfd = Faulty<&Syscalls::signalfd, kSignalfd>::function,
    .sigprocmask = Faulty<&Syscalls::sigprocmask, kSigprocmask>::function,
    .wait4 = Faulty<&Syscalls::wait4, kWait4>::function,
    .waitid = Faulty<&Syscalls::waitid, kWaitid>::function,
    .kill = Faulty<&Syscalls::kill, kKill>::function,
    .pidfd_open = Faulty<&Syscalls::pidfd_open, kPidfdOpen>::function,
    .pidfd_send_signal = Faulty<&Syscalls::pidfd_send_signal, kPidfdSendSignal>::function,
    .execvpe = Faulty<&Syscalls::execvpe, kExecvpe>::function,
};

bool fails_outside(Call call) {
  return !inside_table && fails(call);
}

int index_of(const char* name, auto&& names) {
  int index = 0;
  for (const auto& candidate : names) {
    if (candidate == name) return index;
    ++index;
  }
  std::fprintf(stderr, "faulty_launcher: SPECGUARD_FAULT: unknown name %s\n", name);
  std::exit(2);
}

void read_order(const char* text) {
  char role_name[16], call_name[32], mode[8], file[512];
  if (std::sscanf(text, "%15s %31s %ld %7s %d %511s", role_name, call_name, &order.nth, mode,
                  &order.error, file) != 6) {
    std::fprintf(stderr, "faulty_launcher: SPECGUARD_FAULT: six words are needed\n");
    std::exit(2);
  }
  std::array<std::string_view, kCallCount> names;
  for (int i = 0; i < kCallCount; ++i) names[i] = kCalls[i].name;
  const int fd = ::open(file, O_RDWR | O_CLOEXEC);
  fired = static_cast<char*>(::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  if (fd < 0 || fired == MAP_FAILED) {
    std::fprintf(stderr, "faulty_launcher: %s: %s\n", file, std::strerror(errno));
    std::exit(2);
  }
  ::close(fd);
  order.ever = std::strcmp(mode, "ever") == 0;
  order.call = index_of(call_name, names);
  order.role = index_of(role_name, kRoleNames);
}

}  // namespace

// The names that ld's --wrap gives to the calls and to the real ones.
extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_read(int fd, void* buffer, size_t size);
ssize_t __real_write(int fd, const void* buffer, size_t size);
int __real_flock(int fd, int operation);
int __real_mkdir(const char* path, mode_t mode);
int __real_rename(const char* from, const char* to);
pid_t __real_fork();
int __real_rmdir(const char* path);
int __real_setrlimit(__rlimit_resource_t resource, const rlimit* limit);
int __real_sched_setaffinity(pid_t pid, std::size_t size, const cpu_set_t* set);
int __real_getrusage(__rusage_who_t who, rusage* usage);
int __real_prctl(int option, ...);
int __real_close_range(unsigned first, unsigned last, int flags);
long __real_syscall(long number, ...);
int __real_epoll_create1(int flags);
int __real_epoll_ctl(int fd, int operation, int target, epoll_event* event);
int __real_epoll_wait(int fd, epoll_event* events, int count, int timeout);
int __real_eventfd(unsigned count, int flags);
int __real_timerfd_create(int clock, int flags);
int __real_timerfd_settime(int fd, int flags, const itimerspec* value, itimerspec* old);

int __wrap_open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails_outside(kRawOpen) ? -1 : __real_open(path, flags, mode);
}
ssize_t __wrap_read(int fd, void* buffer, size_t size) {
  return fails_outside(kRawRead) ? -1 : __real_read(fd, buffer, size);
}
ssize_t __wrap_write(int fd, const void* buffer, size_t size) {
  return fails_outside(kRawWrite) ? -1 : __real_write(fd, buffer, size);
}
int __wrap_flock(int fd, int operation) {
  return fails_outside(kRawFlock) ? -1 : __real_flock(fd, operation);
}
int __wrap_mkdir(const char* path, mode_t mode) {
  return fails_outside(kRawMkdir) ? -1 : __real_mkdir(path, mode);
}
int __wrap_rename(const char* from, const char* to) {
  return fails_outside(kRawRename) ? -1 : __real_rename(from, to);
}
pid_t __wrap_fork() {
  if (fails_outside(kRawFork)) return -1;
  const pid_t pid = __real_fork();
  if (pid == 0 && !inside_table) enter_child();
  return pid;
}
int __wrap_rmdir(const char* path) {
  return fails_outside(kRawRmdir) ? -1 : __real_rmdir(path);
}
int __wrap_setrlimit(__rlimit_resource_t resource, const rlimit* limit) {
  return fails_outside(kRawSetrlimit) ? -1 : __real_setrlimit(resource, limit);
}
int __wrap_sched_setaffinity(pid_t pid, std::size_t size, const cpu_set_t* set) {
  return fails_outside(kRawSetaffinity) ? -1 : __real_sched_setaffinity(pid, size, set);
}
int __wrap_getrusage(__rusage_who_t who, rusage* usage) {
  return fails_outside(kRawGetrusage) ? -1 : __real_getrusage(who, usage);
}
int __wrap_prctl(int option, ...) {
  std::array<unsigned long, 4> rest;
  va_list arguments;
  va_start(arguments, option);
  for (unsigned long& argument : rest) argument = va_arg(arguments, unsigned long);
  va_end(arguments);
  return fails_outside(kRawPrctl) ? -1 : __real_prctl(option, rest[0], rest[1], rest[2], rest[3]);
}
int __wrap_close_range(unsigned first, unsigned last, int flags) {
  return fails_outside(kRawCloseRange) ? -1 : __real_close_range(first, last, flags);
}
long __wrap_syscall(long number, ...) {
  std::array<long, 6> rest;
  va_list arguments;
  va_start(arguments, number);
  for (long& argument : rest) argument = va_arg(arguments, long);
  va_end(arguments);
  if (fails_outside(kRawSyscall)) return -1;
  return __real_syscall(number, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]);
}
int __wrap_epoll_create1(int flags) {
  return fails_outside(kEpollCreate) ? -1 : __real_epoll_create1(flags);
}
int __wrap_epoll_ctl(int fd, int operation, int target, epoll_event* event) {
  return fails_outside(kEpollCtl) ? -1 : __real_epoll_ctl(fd, operation, target, event);
}
int __wrap_epoll_wait(int fd, epoll_event* events, int count, int timeout) {
  return fails_outside(kEpollWait) ? -1 : __real_epoll_wait(fd, events, count, timeout);
}
int __wrap_eventfd(unsigned count, int flags) {
  return fails_outside(kEventfd) ? -1 : __real_eventfd(count, flags);
}
int __wrap_timerfd_create(int clock, int flags) {
  return fails_outside(kTimerfdCreate) ? -1 : __real_timerfd_create(clock, flags);
}
int __wrap_timerfd_settime(int fd, int flags, const itimerspec* value, itimerspec* old) {
  return fails_outside(kTimerfdSettime) ? -1 : __real_timerfd_settime(fd, flags, value, old);
}
}

int main(int argc, char** argv) {
  if (const char* text = std::getenv("SPECGUARD_FAULT")) {
    read_order(text);
    specguard::sys::replace_calls(&kFaulty);
  }
  return specguard::cli::run_command_line(
      {argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)});
}
