// Processes as /proc shows them, and signals that reach only the process meant.
//
// A pid is a name that the kernel gives again once its process is reaped. So whatever is signalled
// is first held by a pidfd, and looked at again after the pidfd is open: from then on the number
// cannot come to mean another process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sys/fd.h"

namespace specguard::sys {

// proc(5), /proc/<pid>/stat. Ticks are of sysconf(_SC_CLK_TCK); the start is counted from boot.
struct ProcessStat {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;    // process group; 0 where it has none in our PID namespace
  pid_t session = 0;  // the same of its session
  char state = '?';   // R running, S sleeping, D disk sleep, T stopped, Z zombie, ...
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t resident_bytes = 0;
  std::string name;  // at most 15 bytes, whatever the process chose

  bool is_dead() const { return state == 'Z' || state == 'X'; }
};

// nullopt where there is no such process any more.
std::optional<ProcessStat> read_process_stat(pid_t pid);

// True where there is certainly no such process any more. Where it merely cannot be looked at (no
// descriptor is left, /proc is hidden), it may live.
bool is_gone(pid_t pid);

// The arguments joined by spaces and made printable, at most max_bytes; "[name]" where there are
// none (zombies, kernel threads, processes that overwrote them).
std::string read_command_line(pid_t pid, std::size_t max_bytes = 4096);

// NAME=value as the process got them when it was started; empty where that cannot be read.
std::vector<std::string> environment_of(pid_t pid);

// All processes that this process may see, by number, in no particular order.
std::vector<pid_t> all_processes();

// The last pid that the kernel gave in this PID namespace (proc(5), /proc/loadavg); 0 where it
// cannot be read.
pid_t newest_pid();

// The children of all threads of a process. One that is just being forked may be missing, and the
// kernel may skip children when one of them exits meanwhile (proc(5)): who needs them all asks
// again until nothing changes.
std::vector<pid_t> children_of(pid_t pid);

// The children, theirs, and so on, nearest first; the root itself is not among them. Same caution.
std::vector<pid_t> descendants_of(pid_t root);

// SIGKILL to a whole process group, as one step that no member outruns by forking: a fork under way
// is abandoned, or its child gets the signal, too (Linux, copy_process(), since 4.19). The number
// cannot be held as a PidFd holds a pid: ask only right after a member has been seen in it.
void kill_process_group(pid_t group);

// The caller's own.
pid_t own_process_group();
pid_t own_session();

// A process held so that its number cannot come to mean another one. Where the kernel, a filter or
// a lack of descriptors refuses a pidfd, the caller's own children can be signalled all the same:
// they keep their numbers until they are waited for.
class PidFd {
 public:
  // nullopt where the process is gone.
  static std::optional<PidFd> open(pid_t pid);

  // False where it is gone or may not be signalled.
  bool send(int signal) const;

 private:
  PidFd(UniqueFd fd, pid_t pid) : fd_(std::move(fd)), pid_(pid) {}
  UniqueFd fd_;
  pid_t pid_;
};

}  // namespace specguard::sys
