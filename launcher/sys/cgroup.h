// Control groups: where this process may make its own, one group of our making, and the set of
// groups that bounds one attempt, over version 1, version 2, or both at once ("hybrid").
//
// Promises: groups are made only below the group this process is already in, so that no bound put
// on us is escaped; a group of somebody else is never frozen, killed, limited or emptied. Version 2
// wants processes in leaves only, so our own group may have to be split first: that is done only
// to a group that was delegated to us (split_own_group).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace specguard::sys {

// One mounted hierarchy.
struct CgroupHierarchy {
  int version = 0;                       // 1 or 2
  std::vector<std::string> controllers;  // version 1 only; version 2 says it in each group
  std::filesystem::path mount;
  std::filesystem::path own;  // the directory of this process's group; empty: outside of the mount
};

// Everything mounted, seen from this process.
struct CgroupMap {
  std::vector<CgroupHierarchy> hierarchies;

  const CgroupHierarchy* unified() const;  // version 2, or null
  const CgroupHierarchy* v1(std::string_view controller) const;
  // "none", "v1", "v2", or "hybrid": version 1 with version 2 beside it, without controllers.
  std::string_view mode() const;
};

// Pure: from the text of /proc/self/mountinfo and /proc/self/cgroup. Lines it cannot read are
// passed over.
CgroupMap parse_cgroup_map(std::string_view mountinfo, std::string_view self_cgroup);
base::Result<CgroupMap> read_cgroup_map();

// Names of our groups carry their owner, so that a sweep can tell which ones are orphaned.
struct CgroupOwner {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;    // field 22 of /proc/PID/stat
  std::uint64_t pid_namespace = 0;  // inode: in another one, the pid means nothing to us
  bool operator==(const CgroupOwner&) const = default;
};
inline constexpr std::string_view kCgroupPrefix = "specguard.";
inline constexpr std::string_view kCgroupLeaf = "specguard.leaf";  // of split_own_group

std::string cgroup_name(const CgroupOwner& owner, std::string_view attempt_id);
std::optional<CgroupOwner> parse_cgroup_name(std::string_view name);  // nullopt: none of ours
CgroupOwner this_cgroup_owner();

// A directory of a hierarchy that we made. Removed, with the groups below it, on destruction;
// anything still in it is killed first.
class Cgroup {
 public:
  static base::Result<Cgroup> create(const std::filesystem::path& parent, std::string_view name);
  // Takes over a group that is there: for the sweep, once its owner is known to be dead.
  static base::Result<Cgroup> adopt(const std::filesystem::path& path);
  Cgroup(Cgroup&&) noexcept = default;
  Cgroup& operator=(Cgroup&&) = delete;
  ~Cgroup();

  const std::filesystem::path& path() const { return path_; }

  base::Result<void> write(const char* file, std::string_view value) const;
  // nullopt: no such file on this kernel, or not in that form.
  std::optional<std::uint64_t> read_number(const char* file) const;
  std::optional<std::uint64_t> read_keyed(const char* file, std::string_view key) const;
  bool has(const char* file) const;

  // The open file a child writes "0" to; stays open as long as the group.
  base::Result<int> open_to_join();

  // Of this group and all below it.
  std::vector<pid_t> processes() const;

  // SIGKILL to each of processes(), held by pidfd and checked to be still in the group.
  void kill_once() const;
  // Until none is left or the time is up; true: none is left. One write to cgroup.kill where the
  // kernel has it (5.14), which nothing can outrun by forking.
  bool kill_all(std::chrono::milliseconds limit) const;

  // The same value to a file of this group and of all below it; failures are passed over.
  void write_below(const char* file, std::string_view value) const;

 private:
  Cgroup(std::filesystem::path path, UniqueFd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  std::optional<std::string> read(const char* file) const;

  std::filesystem::path path_;
  UniqueFd directory_;
  UniqueFd join_;
};

// What cannot be killed within this is in uninterruptible sleep.
inline constexpr std::chrono::milliseconds kCgroupKillLimit{2000};
// The period over which a quota of CPU time counts, in microseconds; the kernel's own default.
inline constexpr std::int64_t kCgroupPeriodUs = 100'000;

// What an attempt asks of groups.
struct CgroupWishes {
  std::optional<std::uint64_t> memory_bytes;  // swap included
  std::optional<std::uint64_t> pids;          // tasks: threads count
  std::optional<double> cpus;
  bool cpu_usage = false;  // only to be measured
};

// What the kernel counted. Absent: this kernel does not tell.
struct CgroupFacts {
  std::optional<std::uint64_t> oom_kills;   // processes of the group killed for want of memory
  std::optional<std::uint64_t> limit_hits;  // times that our own memory limit stopped somebody
  std::optional<std::uint64_t> peak_memory_bytes;  // page cache that the group caused included
  std::optional<std::uint64_t> fork_refusals;
  std::optional<std::uint64_t> peak_tasks;
  std::optional<std::uint64_t> user_us;
  std::optional<std::uint64_t> system_us;
};

// The groups of one attempt in one version.
class CgroupSet {
 public:
  struct Granted {
    bool memory = false;
    bool pids = false;
    bool cpus = false;
    bool cpu_usage = false;
    bool kill = false;  // kill_all() is one step that nothing outruns
    // By wish ("memory", "pids", "cpus", "cpu-time"), of each that was not granted.
    std::map<std::string, std::string, std::less<>> why_not;
  };

  virtual ~CgroupSet() = default;
  const Granted& granted() const { return granted_; }
  const std::vector<int>& join_fds() const { return join_fds_; }

  virtual CgroupFacts facts() const = 0;
  // Everything in the groups, those below included. True: nothing is left.
  virtual bool kill_all() = 0;

 protected:
  CgroupSet() = default;
  void refuse(std::string_view wish, std::string why) {
    granted_.why_not[std::string(wish)] = std::move(why);
  }
  // Every wish, for one reason.
  void refuse_all(const CgroupWishes& wishes, const std::string& why);

  Granted granted_;
  std::vector<int> join_fds_;
};

// Makes the groups that the wishes need, as far as this machine lets us. Never null: granted() and
// its why_not say what came of it.
std::unique_ptr<CgroupSet> make_cgroup_v2_set(const CgroupMap& map, std::string_view name,
                                              const CgroupWishes& wishes);
// `need_kill`: also a freezer, so that kill_all() cannot be outrun by forking.
std::unique_ptr<CgroupSet> make_cgroup_v1_set(const CgroupMap& map, std::string_view name,
                                              const CgroupWishes& wishes, bool need_kill);

// Every group below the mounts that has a name of ours, deepest first, leaves of split_own_group
// left out.
struct FoundCgroup {
  std::filesystem::path path;
  CgroupOwner owner;
};
std::vector<FoundCgroup> find_our_cgroups(const CgroupMap& map);

}  // namespace specguard::sys
