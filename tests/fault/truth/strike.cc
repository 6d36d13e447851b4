#include "strike.h"

#include <signal.h>

#include <fstream>
#include <map>

#include "harness.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;

struct Process {
  pid_t parent = 0;
  std::string name;
};

std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> processes;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = read_text(entry.path() / "stat");
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close + 4 >= stat.size())
      continue;
    processes[std::stoi(name)] = {std::atoi(stat.c_str() + close + 4),
                                  stat.substr(open + 1, close - open - 1)};
  }
  return processes;
}

bool is_below(const std::map<pid_t, Process>& processes, pid_t pid, pid_t root) {
  for (int depth = 0; depth < 64 && pid > 1; ++depth) {
    if (pid == root) return true;
    const auto it = processes.find(pid);
    if (it == processes.end()) return false;
    pid = it->second.parent;
  }
  return false;
}

bool is_of(Target target, const Process& process, const std::string& parent_name) {
  const bool is_launcher = process.name == "test-launcher";
  const bool below_launcher = parent_name == "test-launcher";
  switch (target) {
    case Target::kCtest:
      return process.name == "ctest";
    case Target::kFront:
      return is_launcher && parent_name == "ctest";
    case Target::kKeeper:
      return is_launcher && below_launcher;
    case Target::kTest:
      return process.name == "sh" && below_launcher;
    default:
      return false;
  }
}

void kill_everything(const std::string& mark) {
  for (int empty = 0; empty < 2;) {  // one may have been born while we looked
    const std::vector<pid_t> left = processes_with_environment(mark);
    empty = left.empty() ? empty + 1 : 0;
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
  }
}

}  // namespace

const char* target_name(Target target) {
  constexpr const char* kNames[] = {"ctest",        "supervisor", "front",     "keeper",
                                    "test process", "everything", "power loss"};
  return kNames[static_cast<int>(target)];
}

bool strike(Target target, pid_t root, const std::string& mark, std::mt19937& random) {
  if (target == Target::kSupervisor) return ::kill(root, SIGKILL) == 0;
  if (target == Target::kEverything || target == Target::kPowerLoss) {
    kill_everything(mark);
    return true;
  }
  const auto processes = all_processes();
  std::vector<pid_t> found;
  for (const auto& [pid, process] : processes) {
    const auto parent = processes.find(process.parent);
    if (parent != processes.end() && is_of(target, process, parent->second.name) &&
        is_below(processes, pid, root))
      found.push_back(pid);
    else if (parent != processes.end() && pid == root && is_of(target, process, ""))
      found.push_back(pid);
  }
  if (found.empty()) return false;
  return ::kill(found[random() % found.size()], SIGKILL) == 0;
}

std::string lose_tail(const fs::path& journal, std::size_t durable_bytes, std::mt19937& random) {
  const std::size_t size = fs::file_size(journal);
  if (size <= durable_bytes) return "nothing to lose";
  const std::size_t cut = durable_bytes + random() % (size - durable_bytes + 1);
  fs::resize_file(journal, cut);
  const bool zeros = random() % 3 == 0;
  if (zeros) fs::resize_file(journal, size);
  return "lost from byte " + std::to_string(cut) + " of " + std::to_string(size) +
         (zeros ? " (zeros)" : "");
}

}  // namespace specguard::testing
