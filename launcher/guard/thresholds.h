// Thresholds: what a session's guard watches for, and how patient it is. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace specguard::guard {

enum class OnPressure {
  kStop,  // stop the session
  kWait,  // hold new starts first; stop when it is still over after max_hold
};

struct Thresholds {
  // Absent: not watched. Percentages are 0..100 of what the session may use.
  std::optional<double> cpu_percent;
  std::optional<double> memory_percent;
  std::optional<double> pressure_percent;  // memory stalls of some task, I/O stalls of all
  std::optional<std::uint64_t> disk_min_bytes;

  // How long a threshold must be exceeded without a break before it trips. Memory and disk run out
  // faster than a busy CPU hurts.
  std::chrono::milliseconds cpu_sustain{10'000};
  std::chrono::milliseconds memory_sustain{3'000};
  std::chrono::milliseconds pressure_sustain{10'000};
  std::chrono::milliseconds disk_sustain{3'000};

  OnPressure on_pressure = OnPressure::kStop;
  std::chrono::milliseconds max_hold{60'000};

  bool watches_anything() const {
    return cpu_percent || memory_percent || pressure_percent || disk_min_bytes;
  }
};

}  // namespace specguard::guard
