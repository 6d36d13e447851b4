#include "supervise/resource_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <functional>

#include "base/quantity.h"
#include "supervise/tree_sample.h"
#include "sys/cgroup.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using base::Outcome;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a breach may go unseen, by what has to be looked at.
constexpr milliseconds kTreePoll = 50ms;  // memory and process count without a group
constexpr milliseconds kCpuTimePoll = 100ms;
constexpr milliseconds kOomPoll = 250ms;       // one process of several was killed
constexpr milliseconds kSamplingPoll = 250ms;  // peaks only
// A short test has its peaks early: the first look comes after this, each later one after twice it.
constexpr milliseconds kFirstLook = 4ms;
// Looking may cost a tenth of one CPU at most, however large the tree.
constexpr int kPollShare = 10;

constexpr std::string_view kGroupRemedy =
    "run as root, or in a control group that is yours: systemd-run --user --scope -p Delegate=yes "
    "COMMAND";
constexpr std::string_view kProcRemedy = "mount /proc";
constexpr std::string_view kHardLimitRemedy =
    "raise the hard limit where the session begins: ulimit -H, limits.conf(5), or --ulimit of the "
    "container that ctest runs in";

class Control final : public ResourceControl {
 public:
  Control(const Limits& limits, std::string_view attempt_id);

  base::Result<void> refuse_where_strict() const;

  const sys::ChildLimits& child_limits() const override { return child_; }
  const std::vector<Enforcement>& enforcement() const override { return enforcement_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }
  milliseconds poll_interval() const override {
    return std::max(std::min(interval_, young_), slow_down_);
  }
  std::optional<Breach> poll(std::span<const pid_t> tree) override;
  std::optional<Breach> breach_at_end(const Ending& ending) override;
  bool kill_all() override;
  void measure(base::Usage& usage) override;

 private:
  void make_groups(std::string_view attempt_id);
  // The mechanism "cgroup2" or "cgroup1" where one of them granted the wish, else empty.
  std::string group_mechanism(bool sys::CgroupSet::Granted::*wish) const;
  std::string why_no_group(std::string_view wish) const;
  void hold_by_polling(std::string limit, bool sys::CgroupSet::Granted::*wish, milliseconds every);
  void hold_cpus(std::string_view attempt_id);
  void hold_by_rlimit(std::string limit, std::uint64_t wanted, const sys::RlimitSetting& setting,
                      std::string (*format)(std::uint64_t));
  std::string mechanism_of(std::string_view limit) const;

  sys::CgroupFacts facts() const;
  // Of everything so far; `living` is what the living hold, where no group counts.
  std::chrono::microseconds cpu_time(std::uint64_t living_us) const;
  std::optional<Breach> memory_breach(std::span<const pid_t> tree, const TreeSample& sample) const;
  std::optional<Breach> oom_breach(const sys::CgroupFacts& facts) const;
  std::optional<Breach> cpu_breach(std::uint64_t living_us) const;

  const Limits limits_;
  sys::ChildLimits child_;
  std::vector<Enforcement> enforcement_;
  std::vector<std::string> warnings_;
  milliseconds interval_ = kSamplingPoll;
  milliseconds young_ = kFirstLook;
  milliseconds slow_down_{0};
  sys::ChildrenUsage before_;  // what this process's children had used before the attempt

  // Destroyed in reverse: version 2 first, which kills at once.
  std::unique_ptr<sys::CgroupSet> v1_;
  std::unique_ptr<sys::CgroupSet> v2_;

  std::uint64_t peak_memory_bytes_ = 0;
  std::uint64_t peak_tasks_ = 1;  // the test itself, where it ends before the first look
};

Control::Control(const Limits& limits, std::string_view attempt_id) : limits_(limits) {
  if (limits.memory_bytes || limits.pids || limits.cpus || limits.cpu_time) make_groups(attempt_id);
  using Granted = sys::CgroupSet::Granted;
  if (limits.cpu_time) {
    before_ = sys::children_usage();
    hold_by_polling("cpu-time", &Granted::cpu_usage, kCpuTimePoll);
    interval_ = std::min(interval_, kCpuTimePoll);
  }
  if (limits.memory_bytes) {
    hold_by_polling("memory", &Granted::memory, kTreePoll);
    interval_ = std::min(interval_, kOomPoll);
  }
  if (limits.cpus) hold_cpus(attempt_id);
  if (limits.pids) hold_by_polling("pids", &Granted::pids, kTreePoll);
  if (limits.open_files)
    hold_by_rlimit("open-files", *limits.open_files, sys::open_files_limit(*limits.open_files),
                   [](std::uint64_t count) { return fmt::to_string(count); });
  if (limits.file_size_bytes)
    hold_by_rlimit("file-size", *limits.file_size_bytes,
                   sys::file_size_limit(*limits.file_size_bytes), base::format_size);
}

void Control::make_groups(std::string_view attempt_id) {
  const auto map = sys::read_cgroup_map();
  if (!map || map->hierarchies.empty()) return;
  const std::string name = sys::cgroup_name(sys::this_cgroup_owner(), attempt_id);
  sys::CgroupWishes wishes{.memory_bytes = limits_.memory_bytes,
                           .pids = limits_.pids,
                           .cpus = limits_.cpus,
                           .cpu_usage = limits_.cpu_time.has_value()};
  v2_ = sys::make_cgroup_v2_set(*map, name, wishes);
  const sys::CgroupSet::Granted& granted = v2_->granted();
  if (granted.memory) wishes.memory_bytes.reset();
  if (granted.pids) wishes.pids.reset();
  if (granted.cpus) wishes.cpus.reset();
  if (granted.cpu_usage) wishes.cpu_usage = false;
  const bool wanting = wishes.memory_bytes || wishes.pids || wishes.cpus || wishes.cpu_usage;
  const bool has_v1 = map->mode() == "v1" || map->mode() == "hybrid";
  if (wanting && has_v1) v1_ = sys::make_cgroup_v1_set(*map, name, wishes, !granted.kill);
  for (const auto* set : {v2_.get(), v1_.get()})
    if (set != nullptr)
      child_.join_fds.insert(child_.join_fds.end(), set->join_fds().begin(), set->join_fds().end());
}

std::string Control::group_mechanism(bool sys::CgroupSet::Granted::*wish) const {
  if (v2_ && v2_->granted().*wish) return "cgroup2";
  if (v1_ && v1_->granted().*wish) return "cgroup1";
  return {};
}

std::string Control::why_no_group(std::string_view wish) const {
  // Where version 1 is mounted with controllers, its reason is the one to act on.
  for (const auto* set : {v1_.get(), v2_.get()}) {
    if (set == nullptr) continue;
    const auto why = set->granted().why_not.find(wish);
    if (why != set->granted().why_not.end()) return why->second;
  }
  return "no control groups are mounted";
}

void Control::hold_by_polling(std::string limit, bool sys::CgroupSet::Granted::*wish,
                              milliseconds every) {
  if (std::string mechanism = group_mechanism(wish); !mechanism.empty()) {
    enforcement_.push_back({std::move(limit), std::move(mechanism), {}, {}});
    return;
  }
  const std::string why = why_no_group(limit);
  if (can_sample_trees()) {
    interval_ = std::min(interval_, every);
    enforcement_.push_back({std::move(limit), "poll",
                            fmt::format("looked at every {}, so it can be exceeded for a moment "
                                        "({})",
                                        base::format_duration(every), why),
                            std::string(kGroupRemedy)});
    return;
  }
  warnings_.push_back(
      fmt::format("--{} is not enforced: {}, and /proc cannot be read", limit, why));
  enforcement_.push_back(
      {std::move(limit), {}, why + "; /proc cannot be read", std::string(kProcRemedy)});
}

void Control::hold_cpus(std::string_view attempt_id) {
  if (std::string mechanism = group_mechanism(&sys::CgroupSet::Granted::cpus); !mechanism.empty()) {
    enforcement_.push_back({"cpus", std::move(mechanism), {}, {}});
    return;
  }
  const std::string why = why_no_group("cpus");
  std::vector<int> allowed = sys::allowed_cpus();
  const auto whole = static_cast<std::size_t>(std::max(1.0, std::ceil(*limits_.cpus)));
  if (allowed.empty()) {
    warnings_.push_back(
        fmt::format("--cpus is not enforced: {}, and the CPUs that this process "
                    "may use cannot be read",
                    why));
    enforcement_.push_back({"cpus", {}, why, std::string(kGroupRemedy)});
    return;
  }
  const bool exact = static_cast<double>(whole) == *limits_.cpus || whole > allowed.size();
  if (whole < allowed.size()) {
    // Tests that run at once should not all sit on the first CPUs.
    const std::size_t first = std::hash<std::string_view>{}(attempt_id) % allowed.size();
    std::rotate(allowed.begin(), allowed.begin() + static_cast<std::ptrdiff_t>(first),
                allowed.end());
    allowed.resize(whole);
    child_.cpus = std::move(allowed);
  }
  Enforcement held{"cpus", exact ? "affinity" : "",
                   exact ? fmt::format("kept on {} CPU{} ({})", whole, whole == 1 ? "" : "s", why)
                         : fmt::format("whole CPUs only, no fraction ({})", why),
                   std::string(kGroupRemedy)};
  if (!exact)
    warnings_.push_back(
        fmt::format("--cpus {:g} is enforced as {} only: {}", *limits_.cpus, whole, why));
  enforcement_.push_back(std::move(held));
}

void Control::hold_by_rlimit(std::string limit, std::uint64_t wanted,
                             const sys::RlimitSetting& setting,
                             std::string (*format)(std::uint64_t)) {
  child_.rlimits.push_back(setting);
  if (setting.hard >= wanted) {
    enforcement_.push_back({std::move(limit), "rlimit", "of each process by itself", {}});
    return;
  }
  warnings_.push_back(fmt::format("--{} {} is enforced as {}: that is the hard limit here", limit,
                                  format(wanted), format(setting.hard)));
  enforcement_.push_back({std::move(limit),
                          {},
                          fmt::format("the hard limit here is {}", format(setting.hard)),
                          std::string(kHardLimitRemedy)});
}

std::string Control::mechanism_of(std::string_view limit) const {
  for (const Enforcement& held : enforcement_)
    if (held.limit == limit) return held.mechanism;
  return {};
}

base::Result<void> Control::refuse_where_strict() const {
  if (!limits_.strict) return {};
  for (const Enforcement& held : enforcement_)
    if (held.mechanism.empty())
      return base::Error(fmt::format("--strict: this machine cannot enforce --{}: {}; remedy: {}",
                                     held.limit, held.caveat, held.remedy));
  return {};
}

sys::CgroupFacts Control::facts() const {
  sys::CgroupFacts facts = v2_ ? v2_->facts() : sys::CgroupFacts{};
  if (!v1_) return facts;
  const sys::CgroupFacts other = v1_->facts();
  const auto take = [](auto& mine, const auto& its) {
    if (!mine) mine = its;
  };
  take(facts.oom_kills, other.oom_kills);
  take(facts.limit_hits, other.limit_hits);
  take(facts.peak_memory_bytes, other.peak_memory_bytes);
  take(facts.fork_refusals, other.fork_refusals);
  take(facts.peak_tasks, other.peak_tasks);
  take(facts.user_us, other.user_us);
  take(facts.system_us, other.system_us);
  return facts;
}

std::chrono::microseconds Control::cpu_time(std::uint64_t living_us) const {
  const sys::CgroupFacts counted = facts();
  if (counted.user_us && counted.system_us)
    return std::chrono::microseconds(*counted.user_us + *counted.system_us);
  // The ended ones that were waited for by this process, and the living with what they waited for.
  const sys::ChildrenUsage now = sys::children_usage();
  const std::int64_t ended_us = now.user_us + now.system_us - before_.user_us - before_.system_us;
  return std::chrono::microseconds(ended_us + static_cast<std::int64_t>(living_us));
}

std::optional<Breach> Control::cpu_breach(std::uint64_t living_us) const {
  if (!limits_.cpu_time) return std::nullopt;
  const auto used = cpu_time(living_us);
  if (used <= *limits_.cpu_time) return std::nullopt;
  return Breach{Outcome::kCpuTime,
                {.reason = "used more CPU time than it may, over all its processes",
                 .limit = base::format_duration(*limits_.cpu_time),
                 .peak = base::format_duration(used),
                 .mechanism = mechanism_of("cpu-time"),
                 .killed = {}}};
}

std::optional<Breach> Control::memory_breach(std::span<const pid_t> tree,
                                             const TreeSample& sample) const {
  if (!limits_.memory_bytes || mechanism_of("memory") != "poll" ||
      sample.memory_bytes <= *limits_.memory_bytes)
    return std::nullopt;
  // Before anybody is killed for it: pages that forked processes share were counted in each.
  const std::uint64_t bytes = exact_memory_bytes(tree).value_or(sample.memory_bytes);
  if (bytes <= *limits_.memory_bytes) return std::nullopt;
  return Breach{Outcome::kOutOfMemory,
                {.reason = "its processes together held more memory than they may",
                 .limit = base::format_size(*limits_.memory_bytes),
                 .peak = base::format_size(bytes),
                 .mechanism = "poll",
                 .killed = {}}};
}

std::optional<Breach> Control::oom_breach(const sys::CgroupFacts& facts) const {
  if (facts.oom_kills.value_or(0) == 0) return std::nullopt;
  // A kernel that does not tell whose limit it was: there is one of ours, and somebody was killed.
  // Newer kernels do not count hits of memory and swap together in version 1: a peak at the limit
  // tells as much.
  const std::uint64_t near_limit = *limits_.memory_bytes - *limits_.memory_bytes / 64;
  const bool own_limit =
      facts.limit_hits.value_or(1) > 0 || facts.peak_memory_bytes.value_or(0) >= near_limit;
  return Breach{Outcome::kOutOfMemory,
                {.reason = own_limit ? "the kernel killed it for exceeding its memory limit"
                                     : "the kernel killed it because the machine, or a group "
                                       "around the test, was out of memory",
                 .limit = base::format_size(*limits_.memory_bytes),
                 .peak = facts.peak_memory_bytes ? base::format_size(*facts.peak_memory_bytes) : "",
                 .mechanism = mechanism_of("memory"),
                 .killed = {}}};
}

std::optional<Breach> Control::poll(std::span<const pid_t> tree) {
  const auto began = steady_clock::now();
  young_ = std::min(2 * young_, kSamplingPoll);
  const TreeSample sample = sample_tree(tree);
  peak_memory_bytes_ = std::max(peak_memory_bytes_, sample.memory_bytes);
  peak_tasks_ = std::max(peak_tasks_, sample.tasks);
  std::optional<Breach> breach = memory_breach(tree, sample);
  if (!breach && limits_.memory_bytes) breach = oom_breach(facts());
  if (!breach && limits_.pids && mechanism_of("pids") == "poll" && sample.tasks > *limits_.pids)
    breach = Breach{Outcome::kProcessLimit,
                    {.reason = "had more processes and threads at once than it may",
                     .limit = fmt::format("{}", *limits_.pids),
                     .peak = fmt::format("{}", sample.tasks),
                     .mechanism = "poll",
                     .killed = {}}};
  if (!breach) breach = cpu_breach(sample.cpu_us);
  slow_down_ = std::chrono::duration_cast<milliseconds>((steady_clock::now() - began) * kPollShare);
  return breach;
}

std::optional<Breach> Control::breach_at_end(const Ending& ending) {
  const bool grouped = v2_ || v1_;
  const sys::CgroupFacts counted = grouped ? facts() : sys::CgroupFacts{};
  if (limits_.memory_bytes)
    if (auto breach = oom_breach(counted)) return breach;
  if (auto breach = cpu_breach(0)) return breach;
  const bool succeeded = ending.exit_code == 0 && ending.signal == 0;
  if (!succeeded && counted.fork_refusals.value_or(0) > 0)
    return Breach{
        Outcome::kProcessLimit,
        {.reason = fmt::format("the kernel refused it {} new process{} or thread{}",
                               *counted.fork_refusals, *counted.fork_refusals == 1 ? "" : "es",
                               *counted.fork_refusals == 1 ? "" : "s"),
         .limit = fmt::format("{}", *limits_.pids),
         .peak = fmt::format("{}", counted.peak_tasks.value_or(*limits_.pids)),
         .mechanism = mechanism_of("pids"),
         .killed = {}}};
  if (ending.signal == SIGXFSZ && limits_.file_size_bytes)
    return Breach{Outcome::kCrashed,
                  {.reason = "died by SIGXFSZ: it wrote a file past the size it may have",
                   .limit = base::format_size(sys::file_size_limit(*limits_.file_size_bytes).hard),
                   .peak = {},
                   .mechanism = "rlimit",
                   .killed = {}}};
  return std::nullopt;
}

bool Control::kill_all() {
  bool any = false;
  bool empty = true;
  for (auto* set : {v2_.get(), v1_.get()}) {
    if (set == nullptr || set->join_fds().empty()) continue;
    any = true;
    empty &= set->kill_all();
  }
  return any && empty;
}

void Control::measure(base::Usage& usage) {
  const sys::CgroupFacts counted = v2_ || v1_ ? facts() : sys::CgroupFacts{};
  const auto raise = [](auto& value, auto to) {
    if (!value || *value < to) value = to;
  };
  if (counted.user_us) raise(usage.user_cpu, std::chrono::microseconds(*counted.user_us));
  if (counted.system_us) raise(usage.system_cpu, std::chrono::microseconds(*counted.system_us));
  if (counted.peak_memory_bytes) raise(usage.peak_memory_bytes, *counted.peak_memory_bytes);
  if (peak_memory_bytes_ > 0) raise(usage.peak_memory_bytes, peak_memory_bytes_);
  if (counted.peak_tasks) raise(usage.peak_processes, *counted.peak_tasks);
  raise(usage.peak_processes, peak_tasks_);
}

}  // namespace

base::Result<std::unique_ptr<ResourceControl>> ResourceControl::open(const Limits& limits,
                                                                     std::string_view attempt_id) {
  auto control = std::make_unique<Control>(limits, attempt_id);
  SPECGUARD_TRY_VOID(control->refuse_where_strict());
  return std::unique_ptr<ResourceControl>(std::move(control));
}

}  // namespace specguard::supervise
