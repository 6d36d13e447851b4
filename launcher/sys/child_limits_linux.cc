#include "sys/child_limits.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace specguard::sys {
namespace {

RlimitSetting bounded_setting(int resource, std::uint64_t wanted) {
  struct rlimit now {};
  ::getrlimit(static_cast<__rlimit_resource_t>(resource), &now);
  const std::uint64_t value =
      now.rlim_max == RLIM_INFINITY ? wanted : std::min<std::uint64_t>(wanted, now.rlim_max);
  return {resource, value, value};
}

std::int64_t microseconds(const timeval& time) {
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
}

}  // namespace

int enter_limits(const ChildLimits& limits) noexcept {
  // "0" means the writer itself, to both versions of cgroups.
  for (const int fd : limits.join_fds)
    if (::write(fd, "0\n", 2) != 2) return errno;
  for (const RlimitSetting& setting : limits.rlimits) {
    const struct rlimit value { setting.soft, setting.hard };
    if (::setrlimit(static_cast<__rlimit_resource_t>(setting.resource), &value) != 0) return errno;
  }
  if (!limits.cpus.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : limits.cpus) CPU_SET(cpu, &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) return errno;
  }
  return 0;
}

RlimitSetting open_files_limit(std::uint64_t count) {
  return bounded_setting(RLIMIT_NOFILE, count);
}

RlimitSetting file_size_limit(std::uint64_t bytes) {
  return bounded_setting(RLIMIT_FSIZE, bytes);
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  // Fails with EINVAL on a machine of more than CPU_SETSIZE (1024) CPUs: then none is named, and
  // the caller narrows nothing.
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

ChildrenUsage children_usage() {
  struct rusage usage {};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  constexpr std::uint64_t kBlockBytes = 512;  // the unit of ru_inblock and ru_oublock
  return {.user_us = microseconds(usage.ru_utime),
          .system_us = microseconds(usage.ru_stime),
          .max_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024,
          .read_bytes = static_cast<std::uint64_t>(usage.ru_inblock) * kBlockBytes,
          .written_bytes = static_cast<std::uint64_t>(usage.ru_oublock) * kBlockBytes};
}

}  // namespace specguard::sys
