// ChildLimits: what a new process does to itself between fork and exec so that it, and everything
// it starts, is bounded.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace specguard::sys {

// One setrlimit call. `resource` is the system's number (RLIMIT_NOFILE, ...).
struct RlimitSetting {
  int resource;
  std::uint64_t soft;
  std::uint64_t hard;
};

struct ChildLimits {
  std::vector<int> join_fds;  // open for writing: cgroup.procs of each group; not owned
  std::vector<RlimitSetting> rlimits;
  std::vector<int> cpus;  // run on these only; empty: wherever it may already run
};

// Joins the groups, sets the limits, narrows the CPUs, in this order. For the child: only
// async-signal-safe calls, no allocation. 0, or the errno of the first call that failed; then the
// child must not go on.
int enter_limits(const ChildLimits& limits) noexcept;

// The setting for at most `count` descriptors, or bytes a file, in each process. Never above the
// hard limit that is there: raising one fails even for root without CAP_SYS_RESOURCE.
RlimitSetting open_files_limit(std::uint64_t count);
RlimitSetting file_size_limit(std::uint64_t bytes);

// The CPUs that this process may run on, ascending.
std::vector<int> allowed_cpus();

// CPU time, memory and I/O of the children that this process has waited for, and of theirs.
struct ChildrenUsage {
  std::int64_t user_us = 0;
  std::int64_t system_us = 0;
  std::uint64_t max_rss_bytes = 0;  // of the largest single process
  std::uint64_t read_bytes = 0;     // block I/O that reached a device
  std::uint64_t written_bytes = 0;
};
ChildrenUsage children_usage();

}  // namespace specguard::sys
