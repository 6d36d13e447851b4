// Fault: which system call of which process of the launcher fails, the how-manieth time, and how.
//
// The test writes it into the environment of the faulty launcher (SPECGUARD_FAULT), which reads it
// there. Every process counts its own calls from its start.
#pragma once

#include <array>
#include <cerrno>
#include <string_view>

namespace specguard::testing {

enum class Role { kFront, kKeeper, kChild };  // kChild: what the keeper forks, until it executes
inline constexpr std::array<std::string_view, 3> kRoleNames = {"front", "keeper", "child"};

struct CallRow {
  std::string_view name;
  int error;  // what it fails with, where the test does not say otherwise
};

// First the table of sys/syscalls.h, member by member; then what is called without the table: by
// Asio, by the code that records results, for control groups and other limits, in namespaces.
enum Call : int {
  kOpen,
  kRead,
  kWrite,
  kPipe2,
  kPoll,
  kClone,
  kCloneVfork,
  kSetsid,
  kSetpgid,
  kDup2,
  kPrctl,
  kGetrlimit,
  kSetrlimit,
  kSignalfd,
  kSigprocmask,
  kWait4,
  kWaitid,
  kKill,
  kPidfdOpen,
  kPidfdSendSignal,
  kExecvpe,
  kRawOpen,
  kRawRead,
  kRawWrite,
  kRawFlock,
  kRawMkdir,
  kRawRename,
  kRawFork,
  kRawRmdir,
  kRawSetrlimit,
  kRawSetaffinity,
  kRawGetrusage,
  kRawPrctl,
  kRawCloseRange,
  kRawSyscall,
  kEpollCreate,
  kEpollCtl,
  kEpollWait,
  kEventfd,
  kTimerfdCreate,
  kTimerfdSettime,
  kCallCount,
};

inline constexpr std::array<CallRow, kCallCount> kCalls = {{
    {"open", EMFILE},
    {"read", EIO},
    {"write", ENOSPC},
    {"pipe2", EMFILE},
    {"poll", ENOMEM},
    {"clone", EAGAIN},
    {"clone_vfork", EAGAIN},
    {"setsid", EPERM},
    {"setpgid", EPERM},
    {"dup2", EBUSY},
    {"prctl", EINVAL},
    {"getrlimit", EINVAL},
    {"setrlimit", EINVAL},
    {"signalfd", EMFILE},
    {"sigprocmask", EINVAL},
    {"wait4", ENOSYS},
    {"waitid", ENOSYS},
    {"kill", EPERM},
    {"pidfd_open", ENOSYS},
    {"pidfd_send_signal", EPERM},
    {"execvpe", ENOMEM},
    {"raw-open", EMFILE},
    {"raw-read", EIO},
    {"raw-write", ENOSPC},
    {"raw-flock", ENOLCK},
    {"raw-mkdir", ENOSPC},
    {"raw-rename", EIO},
    {"raw-fork", EAGAIN},
    {"raw-rmdir", EBUSY},
    {"raw-setrlimit", EPERM},
    {"raw-affinity", EINVAL},
    {"raw-getrusage", EINVAL},
    {"raw-prctl", EPERM},
    {"raw-close_range", ENOSYS},
    {"raw-syscall", EPERM},
    {"epoll_create1", EMFILE},
    {"epoll_ctl", ENOMEM},
    {"epoll_wait", EINTR},
    {"eventfd", EMFILE},
    {"timerfd_create", EMFILE},
    {"timerfd_settime", ENOMEM},
}};

}  // namespace specguard::testing
