// The groups of an attempt in version 1: one directory in each hierarchy that a wish needs.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <deque>
#include <thread>

#include "sys/cgroup.h"

namespace specguard::sys {
namespace {

using base::Result;

class V1Set final : public CgroupSet {
 public:
  explicit V1Set(std::string_view name) : name_(name) {}

  void grant(const CgroupMap& map, const CgroupWishes& wishes, bool need_kill);

  CgroupFacts facts() const override;
  bool kill_all() override;

 private:
  // The attempt's group in the hierarchy of a controller, made when first asked for; null and a
  // reason where that cannot be. Controllers that are mounted together share one.
  Cgroup* group_of(const CgroupMap& map, const char* controller);
  Result<void> limit_memory(Cgroup& group, std::uint64_t bytes);
  Result<void> limit_cpus(Cgroup& group, double cpus);

  std::string name_;
  std::deque<std::pair<std::filesystem::path, Cgroup>> groups_;  // by mount; addresses stay
  Cgroup* memory_ = nullptr;
  Cgroup* pids_ = nullptr;
  Cgroup* usage_ = nullptr;
  Cgroup* freezer_ = nullptr;
  std::string why_no_group_;
};

Cgroup* V1Set::group_of(const CgroupMap& map, const char* controller) {
  const CgroupHierarchy* const hierarchy = map.v1(controller);
  if (hierarchy == nullptr) {
    why_no_group_ = fmt::format("no version 1 hierarchy has the {} controller", controller);
    return nullptr;
  }
  for (auto& [mount, group] : groups_)
    if (mount == hierarchy->mount) return &group;
  if (hierarchy->own.empty()) {
    why_no_group_ = "our own group does not show in " + hierarchy->mount.string();
    return nullptr;
  }
  auto made = Cgroup::create(hierarchy->own, name_);
  if (!made) {
    why_no_group_ = made.error().message();
    return nullptr;
  }
  auto join = made->open_to_join();
  if (!join) {
    why_no_group_ = join.error().message();
    return nullptr;
  }
  join_fds_.push_back(*join);
  groups_.emplace_back(hierarchy->mount, std::move(made).value());
  return &groups_.back().second;
}

Result<void> V1Set::limit_memory(Cgroup& group, std::uint64_t bytes) {
  SPECGUARD_TRY_VOID(group.write("memory.limit_in_bytes", std::to_string(bytes)));
  // Memory and swap together may not exceed the limit of memory alone. Without swap accounting in
  // the kernel there is no such file; then nothing of the group is swapped as long as RAM lasts.
  if (group.has("memory.memsw.limit_in_bytes"))
    return group.write("memory.memsw.limit_in_bytes", std::to_string(bytes));
  return group.write("memory.swappiness", "0");
}

Result<void> V1Set::limit_cpus(Cgroup& group, double cpus) {
  const auto quota = std::max<std::int64_t>(1000, std::llround(cpus * double{kCgroupPeriodUs}));
  SPECGUARD_TRY_VOID(group.write("cpu.cfs_period_us", std::to_string(kCgroupPeriodUs)));
  auto written = group.write("cpu.cfs_quota_us", std::to_string(quota));
  // A group may not be given more than the one above it has: then that bound is the tighter one.
  if (!written && written.error().errno_value() == EINVAL) return {};
  return written;
}

void V1Set::grant(const CgroupMap& map, const CgroupWishes& wishes, bool need_kill) {
  const auto try_to = [&](std::string_view wish, const char* controller, const auto& limit) {
    Cgroup* const group = group_of(map, controller);
    if (group == nullptr) {
      refuse(wish, why_no_group_);
      return static_cast<Cgroup*>(nullptr);
    }
    if (const Result<void> done = limit(*group); !done) {
      refuse(wish, done.error().message());
      return static_cast<Cgroup*>(nullptr);
    }
    return group;
  };
  if (wishes.memory_bytes)
    memory_ = try_to("memory", "memory",
                     [&](Cgroup& group) { return limit_memory(group, *wishes.memory_bytes); });
  if (wishes.pids)
    pids_ = try_to("pids", "pids", [&](Cgroup& group) {
      return group.write("pids.max", std::to_string(*wishes.pids));
    });
  if (wishes.cpus)
    granted_.cpus = try_to("cpus", "cpu", [&](Cgroup& group) {
                      return limit_cpus(group, *wishes.cpus);
                    }) != nullptr;
  if (wishes.cpu_usage)
    usage_ = try_to("cpu-time", "cpuacct", [](Cgroup&) { return Result<void>(); });
  // Not worth a group of its own where nothing else needed one.
  if (need_kill && !groups_.empty()) freezer_ = group_of(map, "freezer");
  granted_.memory = memory_ != nullptr;
  granted_.pids = pids_ != nullptr;
  granted_.cpu_usage = usage_ != nullptr;
  granted_.kill = freezer_ != nullptr;
}

CgroupFacts V1Set::facts() const {
  CgroupFacts facts;
  if (memory_ != nullptr) {
    facts.oom_kills = memory_->read_keyed("memory.oom_control", "oom_kill");
    facts.limit_hits = memory_->read_number("memory.failcnt").value_or(0) +
                       memory_->read_number("memory.memsw.failcnt").value_or(0);
    facts.peak_memory_bytes = memory_->read_number("memory.max_usage_in_bytes");
  }
  if (pids_ != nullptr) {
    facts.fork_refusals = pids_->read_keyed("pids.events", "max");
    facts.peak_tasks = pids_->read_number("pids.peak");  // absent before Linux 6.7
  }
  if (usage_ != nullptr) {
    const auto to_us = [](std::uint64_t ns) { return ns / 1000; };
    if (const auto user = usage_->read_number("cpuacct.usage_user")) facts.user_us = to_us(*user);
    if (const auto system = usage_->read_number("cpuacct.usage_sys"))
      facts.system_us = to_us(*system);
  }
  return facts;
}

// Frozen processes cannot fork while they are marked for death, but take no SIGKILL before they are
// thawed: freeze, kill, thaw, until nothing is left. What the test froze below is thawed with it.
bool V1Set::kill_all() {
  if (groups_.empty()) return false;
  if (freezer_ == nullptr) return groups_.front().second.kill_all(kCgroupKillLimit);
  const auto end = std::chrono::steady_clock::now() + kCgroupKillLimit;
  for (auto pause = std::chrono::milliseconds(1); !freezer_->processes().empty(); pause *= 2) {
    (void)freezer_->write("freezer.state", "FROZEN");
    freezer_->kill_once();
    freezer_->write_below("freezer.state", "THAWED");
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace

std::unique_ptr<CgroupSet> make_cgroup_v1_set(const CgroupMap& map, std::string_view name,
                                              const CgroupWishes& wishes, bool need_kill) {
  auto set = std::make_unique<V1Set>(name);
  set->grant(map, wishes, need_kill);
  return set;
}

}  // namespace specguard::sys
