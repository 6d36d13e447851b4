#include "living.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "harness.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Born {
  pid_t pid;  // as it is called in its PID namespace
  std::string start_time;
  std::string pid_namespace;
};

std::istream& operator>>(std::istream& log, Born& born) {
  return log >> born.pid >> born.start_time >> born.pid_namespace;
}

// The start time of a living process, "" for a dead one: proc(5), field 22.
std::string start_time_of(pid_t pid) {
  const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || !is_alive(pid)) return {};
  std::istringstream fields(stat.substr(name_end + 2));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return field;
}

std::string pid_namespace_of(const std::string& process) {
  std::error_code gone;
  return fs::read_symlink("/proc/" + process + "/ns/pid", gone).string();
}

// By PID namespace, as a number there is another process here: when its processes started. The
// kernel gives a namespace the number of one that is gone, so the number alone tells nothing.
using StartTimes = std::map<std::string, std::set<std::string>>;

std::vector<pid_t> living_elsewhere(const StartTimes& started) {
  std::vector<pid_t> alive;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto in_namespace = started.find(pid_namespace_of(name));
    if (in_namespace != started.end() &&
        in_namespace->second.contains(start_time_of(std::stoi(name))))
      alive.push_back(std::stoi(name));
  }
  return alive;
}

std::vector<pid_t> living_by_log(const fs::path& log) {
  std::vector<pid_t> alive;
  std::ifstream file(log);
  const std::string here = pid_namespace_of("self");
  StartTimes elsewhere;
  for (Born born; file >> born;) {
    if (born.pid_namespace != here)
      elsewhere[born.pid_namespace].insert(born.start_time);
    else if (start_time_of(born.pid) == born.start_time)
      alive.push_back(born.pid);
  }
  if (elsewhere.empty()) return alive;
  const std::vector<pid_t> others = living_elsewhere(elsewhere);
  alive.insert(alive.end(), others.begin(), others.end());
  return alive;
}

}  // namespace

std::vector<pid_t> living(const fs::path& log, const std::string& habit) {
  const auto size = [&] {
    std::error_code absent;
    return fs::file_size(log, absent);
  };
  for (;;) {
    const auto size_before = size();
    std::vector<pid_t> alive = living_by_log(log);
    if (!alive.empty() || habit != "keep-forking") return alive;
    std::this_thread::sleep_for(200ms);
    if (size() == size_before) return {};
  }
}

void remove_groups(const fs::path& log) {
  std::ifstream file(log);
  for (Born born; file >> born;)
    for (const char* root : {"/sys/fs/cgroup/freezer/misbehave-",
                             "/sys/fs/cgroup/unified/misbehave-", "/sys/fs/cgroup/misbehave-"}) {
      const std::string group = root + std::to_string(born.pid);
      std::ofstream(group + "/freezer.state") << "THAWED";
      wait_until([&] { return ::rmdir(group.c_str()) == 0 || errno != EBUSY; }, 10s);
    }
}

}  // namespace specguard::testing
