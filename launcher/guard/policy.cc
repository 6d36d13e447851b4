#include "guard/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"

namespace specguard::guard {

std::string_view metric_name(Metric metric) {
  switch (metric) {
    case Metric::kCpu:
      return "CPU use";
    case Metric::kMemory:
      return "memory use";
    case Metric::kMemoryPressure:
      return "memory pressure";
    case Metric::kIoPressure:
      return "I/O pressure";
    case Metric::kDisk:
      return "free disk space";
  }
  return "unknown";
}

std::string_view action_name(Action action) {
  switch (action) {
    case Action::kGo:
      return "go";
    case Action::kHold:
      return "hold";
    case Action::kStop:
      return "stop";
  }
  return "unknown";
}

std::string describe(const Trip& trip) {
  const double seconds = std::chrono::duration<double>(trip.lasted).count();
  if (trip.metric == Metric::kDisk)
    return fmt::format("{} is {} (at least {}) and was under the limit of {} for {:.1f} s",
                       metric_name(trip.metric),
                       base::format_size(static_cast<std::uint64_t>(trip.value)),
                       base::format_size(static_cast<std::uint64_t>(trip.worst)),
                       base::format_size(static_cast<std::uint64_t>(trip.limit)), seconds);
  return fmt::format(
      "{} is {:.1f} % (at most {:.1f} %) and was over the limit of {:g} % for {:.1f} s",
      metric_name(trip.metric), trip.value, trip.worst, trip.limit, seconds);
}

struct GuardPolicy::Reading {
  std::optional<double> value;
  std::optional<double> limit;
  std::chrono::milliseconds sustain{0};
  bool low_is_bad = false;
};

GuardPolicy::GuardPolicy(Thresholds thresholds, PolicyState state)
    : thresholds_(thresholds), state_(state) {}

void GuardPolicy::note(Metric metric, const Reading& reading, base::MonotonicTime at,
                       Decision& decision) {
  auto& over = state_.over[static_cast<std::size_t>(metric)];
  const auto exceeds = [&](double value) {
    return reading.low_is_bad ? value < *reading.limit : value > *reading.limit;
  };
  if (!reading.limit || !reading.value || !exceeds(*reading.value)) {
    over.reset();
    return;
  }
  if (!over) over = PolicyState::Over{.since = at, .worst = *reading.value};
  over->worst = reading.low_is_bad ? std::min(over->worst, *reading.value)
                                   : std::max(over->worst, *reading.value);
  const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(at - over->since);
  if (lasted < reading.sustain) return;
  decision.trips.push_back(Trip{.metric = metric,
                                .value = *reading.value,
                                .worst = over->worst,
                                .limit = *reading.limit,
                                .lasted = lasted});
}

Decision GuardPolicy::decide(const sys::MachineSample& sample) {
  if (state_.stopped) return {.action = Action::kStop, .trips = last_.trips};
  if (state_.last_sample) {
    if (sample.at <= *state_.last_sample) return last_;
    if (sample.at - *state_.last_sample > kMaxGap) state_.over = {};
  }
  state_.last_sample = sample.at;

  Decision decision;
  const Thresholds& limits = thresholds_;
  const auto bytes = [](const std::optional<std::uint64_t>& value) {
    return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
  };
  note(Metric::kCpu, {sample.cpu_percent, limits.cpu_percent, limits.cpu_sustain}, sample.at,
       decision);
  note(Metric::kMemory, {sample.memory_percent(), limits.memory_percent, limits.memory_sustain},
       sample.at, decision);
  note(Metric::kMemoryPressure,
       {sample.memory_pressure_percent, limits.pressure_percent, limits.pressure_sustain},
       sample.at, decision);
  note(Metric::kIoPressure,
       {sample.io_pressure_percent, limits.pressure_percent, limits.pressure_sustain}, sample.at,
       decision);
  note(Metric::kDisk,
       {bytes(sample.disk_free_bytes), bytes(limits.disk_min_bytes), limits.disk_sustain, true},
       sample.at, decision);

  if (decision.trips.empty()) {
    state_.held_since.reset();
  } else if (limits.on_pressure == OnPressure::kStop) {
    decision.action = Action::kStop;
  } else {
    if (!state_.held_since) state_.held_since = sample.at;
    const bool patience_is_over = sample.at - *state_.held_since >= limits.max_hold;
    decision.action = patience_is_over ? Action::kStop : Action::kHold;
  }
  state_.stopped = decision.action == Action::kStop;
  last_ = decision;
  return decision;
}

}  // namespace specguard::guard
