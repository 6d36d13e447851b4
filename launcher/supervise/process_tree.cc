#include "supervise/process_tree.h"

#include <algorithm>
#include <csignal>

#include "sys/process.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Without a look into /proc (no descriptors left) nobody is found to be killed. After so many
// rounds, some 50 ms, it is left to the process above, whose children they become.
constexpr int kBlindRounds = 8;

// Sends to a descendant that was listed, unless the number has come to mean another process since:
// a pid that is reused belongs to a new process, whose parent is not in our tree save by having
// been forked there.
void send_verified(pid_t pid, int signal) {
  const auto held = sys::PidFd::open(pid);
  if (held && sys::is_descendant_of_caller(pid)) held->send(signal);
}

void send_all(const std::vector<pid_t>& processes, int signal) {
  for (const pid_t pid : processes) send_verified(pid, signal);
}

// Stops all, so that none can fork while the others are killed: scans until a scan finds nobody
// new. For process trees that fork faster than one scan and kill.
void stop_all() {
  std::size_t known = 0;
  for (int scan = 0; scan < 16; ++scan) {
    const std::vector<pid_t> processes = sys::descendants_of(sys::own_pid());
    send_all(processes, SIGSTOP);
    if (scan > 0 && processes.size() <= known) return;
    known = processes.size();
  }
}

// The whole process groups of descendants. A process that forks its successor and dies, over and
// over, is gone whenever a signal comes to where it was; its group is not. No stranger is in such a
// group: a group is within one session, and every session here was made by a descendant, or is the
// keeper's. The front, which leads no session, leaves alone what is in its own.
void kill_groups(const std::vector<pid_t>& processes) {
  std::vector<pid_t> groups;
  for (const pid_t pid : processes) {
    const auto stat = sys::read_process_stat(pid);
    if (!stat || stat->group == sys::own_process_group() || !sys::is_descendant_of_caller(pid))
      continue;
    if (stat->session == sys::own_session() && stat->session != sys::own_pid()) continue;
    if (std::find(groups.begin(), groups.end(), stat->group) != groups.end()) continue;
    groups.push_back(stat->group);
    sys::kill_process_group(stat->group);
  }
}

// One that also makes a new group each time is still where the newest pids of the machine are.
void kill_newest() {
  constexpr int kLooks = 50;
  constexpr pid_t kBehind = 4;  // other processes are born, too
  for (int look = 0; look < kLooks; ++look) {
    const pid_t newest = sys::newest_pid();
    for (pid_t pid = newest; pid > std::max(newest - kBehind, 1); --pid)
      send_verified(pid, SIGKILL);
  }
}

}  // namespace

std::vector<pid_t> ProcessTree::living() {
  std::vector<pid_t> processes = sys::descendants_of(sys::own_pid());
  std::erase_if(processes, [](pid_t pid) {
    const auto stat = sys::read_process_stat(pid);
    return !stat || stat->is_dead();
  });
  return processes;
}

std::vector<base::ProcessNote> ProcessTree::describe(const std::vector<pid_t>& processes,
                                                     std::size_t* unnamed) {
  constexpr std::size_t kMost = 32;
  std::vector<base::ProcessNote> notes;
  for (const pid_t pid : processes) {
    if (notes.size() == kMost) break;
    notes.push_back({pid, sys::read_command_line(pid)});
  }
  if (unnamed != nullptr) *unnamed = processes.size() - notes.size();
  return notes;
}

void ProcessTree::terminate() {
  const std::vector<pid_t> processes = living();
  send_all(processes, SIGTERM);
  send_all(processes, SIGCONT);
}

std::optional<ProcessTree::Reaped> ProcessTree::reap_one() {
  const sys::WaitResult ended = sys::wait_any_without_blocking();
  if (ended.kind != sys::WaitResult::Kind::kEnded) return std::nullopt;
  return Reaped{ended.pid, ended.status};
}

bool ProcessTree::none_left() {
  return !sys::has_children();
}

std::vector<pid_t> ProcessTree::kill_all(std::chrono::milliseconds limit, pid_t main_pid,
                                         std::optional<int>* main_status) {
  const auto deadline = steady_clock::now() + limit;
  auto pause = 200us;
  for (int round = 0;; ++round) {
    const std::vector<pid_t> processes = sys::descendants_of(sys::own_pid());
    kill_groups(processes);
    send_all(processes, SIGKILL);
    if (round >= 3) {
      stop_all();
      kill_newest();
    }
    // A process frozen in a version 1 freezer cgroup dies only when it is thawed.
    if (round >= 8) sys::thaw_frozen(processes);
    for (;;) {
      const sys::WaitResult ended = sys::wait_any_without_blocking();
      if (ended.kind == sys::WaitResult::Kind::kNoChildren) return {};
      if (ended.kind == sys::WaitResult::Kind::kNoneEnded) break;
      if (ended.pid == main_pid && main_status != nullptr) *main_status = ended.status;
    }
    if (steady_clock::now() >= deadline) return living();
    if (round >= kBlindRounds && processes.empty() && !sys::read_process_stat(sys::own_pid()))
      return {};
    sys::wait_for_child_event(pause);
    pause = std::min<std::chrono::microseconds>(pause * 2, 10ms);
  }
}

}  // namespace specguard::supervise
