// The system calls on which supervision depends, behind one table, so that a test can make the n-th
// of each fail and see that the answer is still a right outcome or a clear launcher-error (as
// SQLite's test_syscall.c does it).
//
// Each member has the contract of the call it is named after. Nothing but tests/fault replaces the
// table.
#pragma once

#include <poll.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <csignal>
#include <cstddef>
#include <span>

namespace specguard::sys {

struct Syscalls {
  int (*open)(const char* path, int flags);
  ssize_t (*read)(int fd, void* buffer, std::size_t size);
  ssize_t (*write)(int fd, const void* buffer, std::size_t size);
  int (*pipe2)(int ends[2], int flags);
  int (*poll)(pollfd* fds, nfds_t count, int timeout_ms);
  pid_t (*clone)(int namespace_flags);  // fork, with CLONE_NEW* flags
  // As posix_spawn(3) makes a process: the child runs in the caller's memory, on the stack given,
  // and the caller goes on once the child has executed a program or has ended. No page of the
  // caller is copied.
  pid_t (*clone_vfork)(int (*run)(void*), void* argument, std::span<std::byte> stack);
  int (*setsid)();  // 0 or -1
  int (*setpgid)(pid_t pid, pid_t group);
  int (*dup2)(int fd, int target);
  int (*prctl)(int option, unsigned long argument);
  int (*getrlimit)(int resource, rlimit* limit);
  int (*setrlimit)(int resource, const rlimit* limit);
  int (*signalfd)(const sigset_t* signals, int flags);
  int (*sigprocmask)(int how, const sigset_t* set, sigset_t* old);
  pid_t (*wait4)(pid_t pid, int* status, int options, rusage* usage);
  int (*waitid)(idtype_t of, id_t id, siginfo_t* info, int options);
  int (*kill)(pid_t pid, int signal);
  int (*pidfd_open)(pid_t pid);
  int (*pidfd_send_signal)(int pidfd, int signal);
  int (*execvpe)(const char* file, char* const argv[], char* const environment[]);
};

// The table in force.
const Syscalls& calls();

// The kernel's own, to build a faulty table upon.
const Syscalls& real_calls();

// For tests, before the first fork. The table must outlive the process.
void replace_calls(const Syscalls* table);

}  // namespace specguard::sys
