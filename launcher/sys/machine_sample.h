// MachineSampler: how busy the machine is right now, cheap enough to ask every second.
//
// It owns the open files that it reads (with pread: nothing is opened, forked or allocated for a
// sample). CPU use and pressure are measured between two samples, never since boot. Inside a
// container or a limited cgroup, version 1 or 2, the numbers are measured against that bound: CPU
// against the quota or the CPUs that the process may use, memory against the tightest limit above
// the process. A number that this machine does not offer is absent, never zero.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace specguard::sys {

// The counters that only make sense as a difference. They are plain data, so that the launchers of
// a bare ctest can hand them to each other: one takes the first sample, another the second.
struct MachineCounters {
  base::MonotonicTime at{};
  std::uint64_t cpu_busy = 0;   // units of cpu_total
  std::uint64_t cpu_total = 0;  // ticks of the machine, or nanoseconds of a quota's CPU time
  std::uint64_t memory_stall_us = 0;
  std::uint64_t io_stall_us = 0;
};

struct MachineSample {
  base::MonotonicTime at{};
  std::optional<double> cpu_percent;  // of what may be used; stolen time counts as used
  std::uint64_t memory_available_bytes = 0;
  std::uint64_t memory_bound_bytes = 0;           // the machine's memory, or the tightest limit
  std::optional<double> memory_pressure_percent;  // time in which some task waited for memory
  std::optional<double> io_pressure_percent;      // time in which all tasks waited for I/O
  std::optional<std::uint64_t> disk_free_bytes;   // for this user, where the state is kept

  double memory_percent() const;  // used, 0..100
};

struct SamplerOptions {
  std::filesystem::path disk_directory;  // whose file system is watched; empty: none
  std::filesystem::path root = "/";      // where proc and the cgroup mounts are; tests set it
};

class MachineSampler {
 public:
  // Fails only where /proc itself cannot be read.
  static base::Result<MachineSampler> open(const SamplerOptions& options);

  MachineSampler(MachineSampler&&) noexcept;
  MachineSampler& operator=(MachineSampler&&) noexcept;
  ~MachineSampler();

  // What happened between `before` and now; CPU and pressure are absent where `before` is empty or
  // not older than now. `counters` receives what the next call takes as `before`.
  base::Result<MachineSample> sample(const std::optional<MachineCounters>& before,
                                     MachineCounters& counters);

  // What memory and CPU are measured against, for people: "the machine", "cgroup /docker/ab12 (4.0
  // GiB, 2 CPUs)".
  const std::string& bound() const;

 private:
  struct Files;
  explicit MachineSampler(std::unique_ptr<Files> files);

  std::unique_ptr<Files> files_;
};

}  // namespace specguard::sys
