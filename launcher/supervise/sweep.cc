#include "supervise/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <string_view>

#include "supervise/container_engine.h"
#include "supervise/control_directory.h"
#include "sys/cgroup.h"
#include "sys/environment.h"
#include "sys/file.h"
#include "sys/lineage.h"
#include "sys/process.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kSweepLimit = 5s;
constexpr auto kChase = 20ms;
constexpr int kMaxAncestors = 256;
constexpr std::string_view kCookie = "SPECGUARD_ATTEMPT=";

std::optional<std::string> cookie_of(pid_t pid) {
  for (const std::string& entry : sys::environment_of(pid))
    if (entry.starts_with(kCookie)) return entry.substr(kCookie.size());
  return std::nullopt;
}

// The keeper is a subreaper: while it lives, init is never the parent of one of its tree.
bool hangs_on_init(pid_t pid, const std::string& cookie) {
  for (int step = 0; step < kMaxAncestors; ++step) {
    const auto stat = sys::read_process_stat(pid);
    if (!stat) return false;
    if (stat->parent == 1) return true;
    if (stat->parent == 0 || cookie_of(stat->parent) != cookie) return false;
    pid = stat->parent;
  }
  return false;
}

enum class Kind { kStranger, kLeftover, kGone };

Kind kind_of(pid_t pid, const std::optional<std::string>& own_cookie) {
  if (pid == sys::own_pid() || pid == 1) return Kind::kStranger;
  const auto stat = sys::read_process_stat(pid);
  if (!stat || stat->is_dead()) return Kind::kGone;
  const auto leftover_if = [](bool yes) { return yes ? Kind::kLeftover : Kind::kStranger; };
  if (const auto lineage = sys::Lineage::carried_by(pid))
    return leftover_if(!lineage->may_be_alive());
  const auto cookie = cookie_of(pid);
  return leftover_if(cookie && cookie != own_cookie && hangs_on_init(pid, *cookie));
}

Leftover& note(std::vector<Leftover>& found, pid_t pid) {
  const auto known = std::find_if(found.begin(), found.end(),
                                  [&](const Leftover& leftover) { return leftover.pid == pid; });
  if (known != found.end()) return *known;
  return found.emplace_back(
      Leftover{Leftover::Kind::kProcess, pid, sys::read_command_line(pid), false});
}

// With its process group, which no fork outruns. The keeper leads a session, and a group is within
// one session: so no stranger is in the group of a process that has a keeper's mark. True also
// where it is gone by the time that its own turn comes: the group's signal has reached it, or it
// ended.
bool kill_with_group(pid_t pid, const sys::PidFd& held) {
  const auto stat = sys::read_process_stat(pid);
  if (stat && sys::Lineage::carried_by(pid) && stat->session != sys::own_session() && held.send(0))
    sys::kill_process_group(stat->group);
  return held.send(SIGKILL) || sys::is_gone(pid);
}

// A process that forks its successor and dies, over and over, is gone whenever a walk over /proc
// comes to where it was. The newest pid of the machine is where it is now. True where one was met.
bool chase_forkers(steady_clock::time_point end) {
  constexpr pid_t kBehind = 6;     // other processes are born, too
  constexpr int kLeastLooks = 50;  // however long this process had to wait for a CPU
  bool met = false;
  for (int look = 0; look < kLeastLooks || steady_clock::now() < end; ++look) {
    const pid_t newest = sys::newest_pid();
    for (pid_t pid = newest; pid > std::max(newest - kBehind, 1); --pid) {
      const auto held = sys::PidFd::open(pid);
      if (!held) continue;
      const auto lineage = sys::Lineage::carried_by(pid);
      if (!lineage || lineage->may_be_alive()) continue;
      kill_with_group(pid, *held);
      met = true;
    }
  }
  return met;
}

struct Walk {
  bool leftovers = false;  // some were met, which may still be alive
  bool gone = false;       // some were gone before they could be looked at: perhaps leftovers
};

Walk sweep_processes(SweepMode mode, std::vector<Leftover>& found) {
  const auto own_cookie = sys::environment_variable("SPECGUARD_ATTEMPT");
  Walk walk;
  std::vector<pid_t> seen;
  for (const pid_t pid : sys::all_processes()) {
    Kind kind = kind_of(pid, own_cookie);
    const auto held = kind == Kind::kLeftover ? sys::PidFd::open(pid) : std::nullopt;
    if (kind == Kind::kLeftover) kind = held ? kind_of(pid, own_cookie) : Kind::kGone;
    walk.gone |= kind == Kind::kGone;
    if (kind != Kind::kLeftover) continue;
    Leftover& leftover = note(found, pid);
    leftover.cleared = mode == SweepMode::kClear ? kill_with_group(pid, *held) : held->send(0);
    seen.push_back(pid);
    walk.leftovers = true;
  }
  if (mode == SweepMode::kClear) sys::thaw_frozen(seen);  // the signal waits for that
  return walk;
}

constexpr std::string_view kLauncherName = "test-launcher";

// A front whose starter is gone: what takes orphans in is of another session, or the first process;
// in a container that one is often the shell whose session all others share. (Where it is ctest
// itself, a front is woken in the moment between ctest's two signals: the second one ends it.)
bool is_orphaned(const sys::ProcessStat& front) {
  if (front.parent == 1) return true;
  const auto parent = sys::read_process_stat(front.parent);
  return !parent || parent->session != front.session;
}

// Front and keeper that were stopped and whose starter is gone. ctest stops a tree before it kills
// it, and may be killed in between.
std::vector<pid_t> stopped_launchers() {
  std::vector<pid_t> stopped;
  for (const pid_t pid : sys::all_processes()) {
    const auto stat = sys::read_process_stat(pid);
    if (!stat || stat->state != 'T' || stat->name != kLauncherName) continue;
    const bool is_keeper = stat->session == pid;
    const auto front = is_keeper ? sys::read_process_stat(stat->parent) : stat;
    if (!front || front->name != kLauncherName || is_orphaned(*front)) stopped.push_back(pid);
  }
  return stopped;
}

// They clean up after themselves as soon as they go on.
void wake_stopped_launchers(SweepMode mode, std::vector<Leftover>& found) {
  for (const pid_t pid : stopped_launchers()) {
    const auto held = sys::PidFd::open(pid);
    if (!held) continue;
    Leftover& leftover = note(found, pid);
    if (mode == SweepMode::kClear) leftover.cleared = held->send(SIGCONT);
  }
}

void sweep_cgroups(SweepMode mode, std::vector<Leftover>& found) {
  const auto map = sys::read_cgroup_map();
  if (!map) return;
  for (const sys::FoundCgroup& group : sys::find_our_cgroups(*map)) {
    if (!is_dead_owner(group.owner)) continue;
    Leftover leftover{Leftover::Kind::kGroup, 0, group.path.string(), false};
    if (mode == SweepMode::kClear) {
      { auto adopted = sys::Cgroup::adopt(group.path); }  // its end kills what is in it, and it
      std::error_code ignored;
      leftover.cleared = !std::filesystem::exists(group.path, ignored);
    }
    found.push_back(std::move(leftover));
  }
}

std::string pid_namespace_of(const std::string& process) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/" + process + "/ns/pid", ignored).string();
}

}  // namespace

bool is_dead_owner(const sys::CgroupOwner& owner) {
  if (owner.pid_namespace != sys::this_cgroup_owner().pid_namespace) return false;
  const auto stat = sys::read_process_stat(owner.pid);
  if (!stat) return sys::is_gone(owner.pid);
  return stat->is_dead() || stat->start_ticks != owner.start_ticks;
}

std::vector<pid_t> processes_of_attempt_in_container(const std::string& attempt_id) {
  const std::string own = pid_namespace_of("self");
  std::string inside;
  std::vector<std::pair<pid_t, std::string>> elsewhere;
  for (const pid_t pid : sys::all_processes()) {
    std::string of = pid_namespace_of(std::to_string(pid));
    if (of.empty() || of == own) continue;
    if (inside.empty() && cookie_of(pid) == attempt_id) inside = of;
    elsewhere.emplace_back(pid, std::move(of));
  }
  std::vector<pid_t> found;
  for (const auto& [pid, of] : elsewhere) {
    const auto stat = of == inside ? sys::read_process_stat(pid) : std::nullopt;
    if (stat && !stat->is_dead() && stat->name != "specguard-init") found.push_back(pid);
  }
  return found;
}

std::vector<Leftover> sweep_containers(SweepMode mode) {
  constexpr auto kRemovalLimit = 20s;
  std::vector<Leftover> found;
  std::vector<std::string> remains = dead_control_directories();
  std::vector<EngineKind> answered;
  const bool tells_of_podman = std::any_of(remains.begin(), remains.end(), [](const auto& name) {
    const auto engine = engine_of_control_directory(name);
    return engine && engine->kind == EngineKind::kPodman;
  });
  for (const ContainerEngine& engine : answering_engines()) {
    if (engine.kind == EngineKind::kPodman && !tells_of_podman && !may_have_podman_containers())
      continue;
    const auto names = labelled_containers(engine);
    if (!names) continue;
    answered.push_back(engine.kind);
    for (const std::string& name : *names) {
      const auto owner = sys::parse_cgroup_name(name);
      if (!owner || !is_dead_owner(*owner)) continue;
      Leftover leftover{Leftover::Kind::kContainer, 0,
                        fmt::format("{} {}", engine_name(engine.kind), name), true};
      if (mode == SweepMode::kClear)
        leftover.cleared = !remove_container(engine, name, kRemovalLimit);
      // Where it is still there, its directory says so to the next sweep.
      if (mode == SweepMode::kFindOnly || !leftover.cleared) std::erase(remains, name);
      found.push_back(std::move(leftover));
    }
  }
  for (const std::string& name : remains) {
    const auto engine = engine_of_control_directory(name);
    // What an engine does not tell about may still be there.
    if (engine && std::find(answered.begin(), answered.end(), engine->kind) == answered.end())
      found.push_back(
          {Leftover::Kind::kContainer, 0,
           fmt::format("{0} {1} ({0} gives no answer)", engine_name(engine->kind), name), false});
    else if (mode == SweepMode::kClear)
      remove_control_directory(name);
  }
  return found;
}

std::vector<Leftover> sweep(SweepMode mode) {
  std::vector<Leftover> found;
  const auto end = steady_clock::now() + kSweepLimit;
  // Processes first, so that they are named; then their groups, as frozen or forking ones may need
  // that before the rounds can end.
  wake_stopped_launchers(mode, found);
  sweep_processes(mode, found);
  sweep_cgroups(mode, found);
  if (mode == SweepMode::kFindOnly) return found;
  // On a machine with no time to spare the limit may pass within one round.
  constexpr int kLeastRounds = 10;
  for (int round = 0; round < kLeastRounds || steady_clock::now() < end; ++round) {
    const Walk walk = sweep_processes(mode, found);
    const bool look_closer = walk.leftovers || walk.gone;
    const bool met = look_closer && chase_forkers(steady_clock::now() + kChase);
    if (!walk.leftovers && !met) break;
  }
  return found;
}

}  // namespace specguard::supervise
