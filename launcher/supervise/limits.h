// Limits: the bounds on one test, as asked for. Absent means unbounded; how each one is enforced is
// ResourceControl's to choose (time and output are the keeper's own).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace specguard::supervise {

// Each member has an initialiser, so that a call may name only those it means: Limits{.pids = 20}.
struct Limits {
  // Wall time of the attempt, and the longest silence on both of its streams.
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::chrono::milliseconds> idle_timeout{};
  // Between SIGTERM and SIGKILL.
  std::chrono::milliseconds kill_after{2000};

  // User and system time of all processes of the tree together, the ended ones too.
  std::optional<std::chrono::milliseconds> cpu_time{};
  // Memory of the whole tree; swap counts as memory.
  std::optional<std::uint64_t> memory_bytes{};
  // CPUs' worth of time in each 100 ms; a fraction is allowed.
  std::optional<double> cpus{};
  // Processes and threads that live at once in the whole tree.
  std::optional<std::uint64_t> pids{};

  // Of each process by itself: that is all a kernel offers for these two.
  std::optional<std::uint64_t> open_files{};
  std::optional<std::uint64_t> file_size_bytes{};

  // Both streams together.
  std::optional<std::uint64_t> output_bytes{};

  // Refuse to run, rather than run without, a limit that this machine cannot enforce.
  bool strict = false;
};

}  // namespace specguard::supervise
