#include "sys/wait.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <string>
#include <string_view>

#include "sys/file.h"
#include "sys/process.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

constexpr std::string_view kFreezerRoot = "/sys/fs/cgroup/freezer";

// The freezer group of a process, "" where it is the root group or there is none (cgroups(7),
// /proc/<pid>/cgroup).
std::string freezer_group(pid_t pid) {
  const auto groups = read_file(fmt::format("/proc/{}/cgroup", pid), 64 * 1024);
  if (!groups) return {};
  constexpr std::string_view kController = ":freezer:";
  const std::size_t at = groups->find(kController);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kController.size();
  std::string group = groups->substr(begin, groups->find('\n', begin) - begin);
  return group == "/" ? std::string{} : group;
}

// True where every process of the group is among those given.
bool holds_only(const std::string& group_directory, std::span<const pid_t> processes) {
  const auto members = read_file(group_directory + "/cgroup.procs", 1 << 20);
  if (!members) return false;
  std::string_view text = *members;
  while (!text.empty()) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc{}) return false;
    if (std::find(processes.begin(), processes.end(), pid) == processes.end()) return false;
    text.remove_prefix(
        std::min<std::size_t>(static_cast<std::size_t>(end - text.data()) + 1, text.size()));
  }
  return true;
}

// As wait4(-1, &status, WNOHANG, nullptr).
pid_t wait_any_by_waitid(int& status) {
  siginfo_t info{};
  if (calls().waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0) return -1;
  status = info.si_code == CLD_EXITED
               ? W_EXITCODE(info.si_status, 0)
               : W_EXITCODE(0, info.si_status) | (info.si_code == CLD_DUMPED ? WCOREFLAG : 0);
  return info.si_pid;
}

}  // namespace

pid_t own_pid() {
  return ::getpid();
}

WaitResult wait_any_without_blocking() {
  WaitResult result;
  result.pid = calls().wait4(-1, &result.status, WNOHANG, nullptr);
  // Nobody must wait for ever for a test that has ended, only because a filter knows one of the two
  // calls and refuses the other.
  if (result.pid < 0 && errno != ECHILD) result.pid = wait_any_by_waitid(result.status);
  if (result.pid > 0) result.kind = WaitResult::Kind::kEnded;
  if (result.pid < 0 && errno == ECHILD) result.kind = WaitResult::Kind::kNoChildren;
  return result;
}

bool wait_for(pid_t pid, int& status) {
  for (;;) {
    if (calls().wait4(pid, &status, 0, nullptr) == pid) return true;
    if (errno != EINTR) return false;
  }
}

void send_to_child(pid_t child, int signal) {
  calls().kill(child, signal);
}

bool has_children() {
  siginfo_t info{};
  return calls().waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

bool is_descendant_of_caller(pid_t pid) {
  const pid_t self = ::getpid();
  // 4096 is deeper than any chain of processes that a machine runs, and ends a chain that changes
  // under our eyes.
  for (int depth = 0; depth < 4096 && pid > 1; ++depth) {
    const auto stat = read_process_stat(pid);
    if (!stat) return false;
    if (stat->parent == self) return true;
    pid = stat->parent;
  }
  return false;
}

void wait_for_child_event(std::chrono::microseconds at_most) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigset_t before;
  calls().sigprocmask(SIG_BLOCK, &child, &before);
  const timespec limit{.tv_sec = static_cast<time_t>(at_most.count() / 1'000'000),
                       .tv_nsec = static_cast<long>(at_most.count() % 1'000'000 * 1000)};
  ::sigtimedwait(&child, nullptr, &limit);
  calls().sigprocmask(SIG_SETMASK, &before, nullptr);
}

void thaw_frozen(std::span<const pid_t> processes) {
  for (const pid_t pid : processes) {
    const std::string group = freezer_group(pid);
    if (group.empty()) continue;
    const std::string directory = std::string(kFreezerRoot) + group;
    if (!holds_only(directory, processes)) continue;
    const UniqueFd state(calls().open((directory + "/freezer.state").c_str(), O_WRONLY));
    if (state) [[maybe_unused]]
      const ssize_t written = calls().write(state.get(), "THAWED", 6);
  }
}

bool exited(int status) {
  return WIFEXITED(status);
}
int exit_code(int status) {
  return WEXITSTATUS(status);
}
bool was_signalled(int status) {
  return WIFSIGNALED(status);
}
int terminating_signal(int status) {
  return WTERMSIG(status);
}

}  // namespace specguard::sys
