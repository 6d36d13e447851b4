// ResourceBound: the tightest CPU and memory limits of the control groups above this process.
//
// Found once, from /proc/self/cgroup and /proc/self/mountinfo, for both versions of cgroups and for
// a process that sees its own group as the root (a container). Reading only; nothing is created.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace specguard::sys {

struct MemoryBound {
  std::uint64_t limit_bytes = 0;
  std::filesystem::path usage_file;  // bytes in use, page cache included
  std::filesystem::path stat_file;   // says how much of that is page cache nobody needs
  std::string inactive_key;          // the line of stat_file: "inactive_file "
};

struct CpuBound {
  double cpus = 0;                   // quota / period
  std::filesystem::path usage_file;  // CPU time used by the group
  bool usage_is_stat = false;        // version 2: a "usage_usec N" line; version 1: nanoseconds
};

struct ResourceBound {
  std::optional<MemoryBound> memory;
  std::optional<CpuBound> cpu;
  std::string group;  // the group's path below its mount, for people; empty where nothing limits
};

// `root` is "/" but in tests. `machine_memory_bytes` and `machine_cpus`: a limit that is not below
// them is none.
ResourceBound find_resource_bound(const std::filesystem::path& root,
                                  std::uint64_t machine_memory_bytes, double machine_cpus);

// The mount point of a controller ("memory", "cpu"; "" for version 2) and the part of the hierarchy
// that is mounted there, from the text of mountinfo. Pure.
struct CgroupMount {
  std::string root;
  std::string mount_point;
};
std::optional<CgroupMount> parse_cgroup_mount(std::string_view mountinfo,
                                              std::string_view controller);

// The group of this process in a controller's hierarchy, from the text of /proc/self/cgroup. Pure.
std::optional<std::string> parse_cgroup_path(std::string_view cgroup, std::string_view controller);

}  // namespace specguard::sys
