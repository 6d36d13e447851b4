#include "bounded_child.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <thread>

#include "sys/cgroup.h"
#include "sys/child_limits.h"
#include "sys/process_sample.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Living descendants, found by parent; this process is a subreaper, so none gets away.
std::vector<pid_t> descendants() {
  std::multimap<pid_t, pid_t> children;
  DIR* const directory = ::opendir("/proc");
  while (const dirent* entry = ::readdir(directory)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    const auto sample = sys::sample_process(pid);
    if (sample && sample->state != 'Z' && sample->state != 'X')
      children.emplace(sample->parent, pid);
  }
  ::closedir(directory);
  std::vector<pid_t> found = {::getpid()};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (auto [at, end] = children.equal_range(found[i]); at != end; ++at)
      found.push_back(at->second);
  found.erase(found.begin());
  return found;
}

class Watch {
 public:
  Watch(supervise::ResourceControl& control, pid_t main) : control_(control), main_(main) {}

  // True where every child is gone.
  bool reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG);
      if (pid == 0) return false;
      if (pid < 0) return true;
      if (pid != main_) continue;
      main_ended_ = true;
      if (WIFEXITED(status)) end_.ending.exit_code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) end_.ending.signal = WTERMSIG(status);
    }
  }

  BoundedEnd run() {
    const auto give_up = steady_clock::now() + 60s;
    auto next_poll = steady_clock::now() + control_.poll_interval();
    while (!reap() && !main_ended_ && !end_.breach && steady_clock::now() < give_up) {
      std::this_thread::sleep_for(2ms);
      if (steady_clock::now() < next_poll) continue;
      end_.breach = control_.poll(descendants());
      next_poll = steady_clock::now() + control_.poll_interval();
    }
    end_.survivors = !finish();
    if (!end_.breach) end_.breach = control_.breach_at_end(end_.ending);
    control_.measure(end_.usage);
    return end_;
  }

 private:
  bool finish() {
    const auto give_up = steady_clock::now() + 20s;
    while (!reap() && steady_clock::now() < give_up) {
      if (!control_.kill_all())
        for (const pid_t pid : descendants()) ::kill(pid, SIGKILL);
      std::this_thread::sleep_for(1ms);
    }
    return reap();
  }

  supervise::ResourceControl& control_;
  const pid_t main_;
  bool main_ended_ = false;
  BoundedEnd end_;
};

}  // namespace

BoundedEnd run_bounded(const supervise::Limits& limits, const std::function<int()>& body) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto control = supervise::ResourceControl::open(limits, "0123456789abcdef");
  if (!control) {
    std::cerr << control.error().message() << "\n";
    std::abort();
  }
  for (const std::string& warning : (*control)->warnings()) std::cerr << warning << "\n";
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (const int error = sys::enter_limits((*control)->child_limits()); error != 0) {
      std::cerr << "enter limits: " << std::strerror(error) << "\n";
      ::_exit(125);
    }
    ::_exit(body());
  }
  return Watch(**control, pid).run();
}

std::string mechanism_for(const supervise::Limits& limits, const std::string& name) {
  const auto control = supervise::ResourceControl::open(limits, "feedbeef");
  if (!control) return control.error().message();
  for (const supervise::Enforcement& held : (*control)->enforcement())
    if (held.limit == name) return held.mechanism;
  return "not listed";
}

std::vector<std::string> own_cgroups() {
  std::vector<std::string> paths;
  const auto map = sys::read_cgroup_map();
  if (!map) return paths;
  for (const sys::FoundCgroup& found : sys::find_our_cgroups(*map))
    if (found.owner == sys::this_cgroup_owner()) paths.push_back(found.path.string());
  return paths;
}

void* hold_memory(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  std::memset(memory, 0x5B, bytes);
  return memory;
}

int start_process(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return pid;
}

void burn_cpu_for_ever() {
  for (volatile unsigned long count = 0;;) count = count + 1;
}

int wait_for_child() {
  int status = 0;
  if (::wait(&status) < 0) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace specguard::testing
