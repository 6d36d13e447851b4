// GuardPolicy: from samples of the machine to decisions. Pure: no clock, no file, no process.
//
// A threshold trips when every sample has exceeded it for its sustain time; one spike does not, and
// one sample below starts the count anew. So does a gap between samples (a suspended machine, a
// session with no launcher running): nobody knows what happened in it.
//
// The ladder: go; with OnPressure::kWait hold while a threshold stays exceeded, then stop; with
// kStop stop at once. A stop is final.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/thresholds.h"
#include "sys/machine_sample.h"

namespace specguard::guard {

enum class Metric { kCpu, kMemory, kMemoryPressure, kIoPressure, kDisk };
inline constexpr std::size_t kMetricCount = 5;

// "CPU use", "memory use", "memory pressure", "I/O pressure", "free disk space".
std::string_view metric_name(Metric metric);

// What was exceeded, by how much, for how long.
struct Trip {
  Metric metric = Metric::kCpu;
  double value = 0;  // percent; bytes for the disk
  double worst = 0;  // the furthest it went while it was over
  double limit = 0;
  std::chrono::milliseconds lasted{0};
};

// "memory use is 93.1 % (at most 97.0 %) and was over the limit of 90 % for 4.0 s".
std::string describe(const Trip& trip);

enum class Action { kGo, kHold, kStop };
std::string_view action_name(Action action);  // "go", "hold", "stop"

struct Decision {
  Action action = Action::kGo;
  std::vector<Trip> trips;  // every threshold that has tripped; empty for kGo
};

// Everything the policy remembers, as data: the launchers of a bare ctest pass it on.
struct PolicyState {
  struct Over {
    base::MonotonicTime since{};
    double worst = 0;
  };
  std::optional<base::MonotonicTime> last_sample;
  std::array<std::optional<Over>, kMetricCount> over;
  std::optional<base::MonotonicTime> held_since;
  bool stopped = false;
};

class GuardPolicy {
 public:
  // Samples further apart than this do not count as one stretch.
  static constexpr std::chrono::seconds kMaxGap{5};

  explicit GuardPolicy(Thresholds thresholds, PolicyState state = {});

  // Samples come in the order of time; one that is not younger than the last changes nothing.
  Decision decide(const sys::MachineSample& sample);

  const PolicyState& state() const { return state_; }
  const Thresholds& thresholds() const { return thresholds_; }

 private:
  struct Reading;
  void note(Metric metric, const Reading& reading, base::MonotonicTime at, Decision& decision);

  Thresholds thresholds_;
  PolicyState state_;
  Decision last_;
};

}  // namespace specguard::guard
