// The ladder of the guard as tables: one sample a second, and what is decided after each.
#include "guard/policy.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace specguard::guard {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::uint64_t kGiB = 1ULL << 30;

sys::MachineSample sample_at(milliseconds at) {
  sys::MachineSample sample;
  sample.at = base::MonotonicTime(at) + std::chrono::hours(1);
  sample.memory_bound_bytes = 10 * kGiB;
  sample.memory_available_bytes = 9 * kGiB;
  return sample;
}

// One letter a sample, a second apart: g(o), h(old), S(top).
std::string run(GuardPolicy& policy, Metric metric, const std::vector<double>& values,
                seconds start = seconds(0)) {
  std::string decided;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sys::MachineSample sample = sample_at(start + seconds(i));
    switch (metric) {
      case Metric::kCpu:
        sample.cpu_percent = values[i];
        break;
      case Metric::kMemory:
        sample.memory_available_bytes =
            static_cast<std::uint64_t>((100 - values[i]) / 100 * 10.0 * kGiB);
        break;
      case Metric::kMemoryPressure:
        sample.memory_pressure_percent = values[i];
        break;
      case Metric::kIoPressure:
        sample.io_pressure_percent = values[i];
        break;
      case Metric::kDisk:
        sample.disk_free_bytes = static_cast<std::uint64_t>(values[i]);
        break;
    }
    decided += "ghS"[static_cast<int>(policy.decide(sample).action)];
  }
  return decided;
}

struct Row {
  const char* story;
  Metric metric;
  std::vector<double> values;
  const char* decided;
};

Thresholds quick(OnPressure on_pressure) {
  Thresholds limits;
  limits.cpu_percent = 80;
  limits.memory_percent = 90;
  limits.pressure_percent = 50;
  limits.disk_min_bytes = 1000;
  limits.cpu_sustain = limits.pressure_sustain = seconds(4);
  limits.memory_sustain = limits.disk_sustain = seconds(2);
  limits.on_pressure = on_pressure;
  limits.max_hold = seconds(3);
  return limits;
}

TEST(GuardPolicy, StopsOnWhatLastsAndNotOnSpikes) {
  const std::vector<Row> rows = {
      {"idle", Metric::kCpu, {1, 2, 3}, "ggg"},
      {"one spike", Metric::kCpu, {1, 99, 1, 99, 1}, "ggggg"},
      {"exactly at the limit is not over it", Metric::kCpu, {80, 80, 80, 80, 80, 80}, "gggggg"},
      {"over for the sustain time", Metric::kCpu, {81, 81, 81, 81, 81, 10}, "ggggSS"},
      {"a break starts the count anew",
       Metric::kCpu,
       {99, 99, 99, 5, 99, 99, 99, 99, 99},
       "ggggggggS"},
      {"memory is faster", Metric::kMemory, {91, 95, 99}, "ggS"},
      {"memory recovers", Metric::kMemory, {91, 95, 50, 91, 95, 50}, "gggggg"},
      {"memory pressure", Metric::kMemoryPressure, {60, 60, 60, 60, 60}, "ggggS"},
      {"I/O pressure", Metric::kIoPressure, {60, 60, 60, 60, 60}, "ggggS"},
      {"the disk fills", Metric::kDisk, {5000, 999, 500, 0}, "gggS"},
      {"the disk at its minimum", Metric::kDisk, {1000, 1000, 1000, 1000}, "gggg"},
  };
  for (const Row& row : rows) {
    GuardPolicy policy(quick(OnPressure::kStop));
    EXPECT_EQ(run(policy, row.metric, row.values), row.decided) << row.story;
  }
}

TEST(GuardPolicy, WaitHoldsBeforeItStops) {
  const std::vector<Row> rows = {
      {"held, then released", Metric::kMemory, {91, 91, 91, 91, 50, 50}, "gghhgg"},
      {"held too long", Metric::kMemory, {91, 91, 91, 91, 91, 91, 91}, "gghhhSS"},
      {"each hold has its own patience",
       Metric::kMemory,
       {91, 91, 91, 91, 91, 50, 91, 91, 91, 91, 91, 91},
       "gghhhggghhhS"},
      {"a stop is final", Metric::kDisk, {1, 1, 1, 1, 1, 1, 9999}, "gghhhSS"},
  };
  for (const Row& row : rows) {
    GuardPolicy policy(quick(OnPressure::kWait));
    EXPECT_EQ(run(policy, row.metric, row.values), row.decided) << row.story;
  }
}

TEST(GuardPolicy, WhatIsNotWatchedOrNotMeasuredNeverTrips) {
  GuardPolicy nothing_watched{Thresholds{}};
  EXPECT_FALSE(Thresholds{}.watches_anything());
  EXPECT_EQ(run(nothing_watched, Metric::kMemory, std::vector<double>(30, 100.0)),
            std::string(30, 'g'));

  GuardPolicy policy(quick(OnPressure::kStop));
  for (int i = 0; i < 30; ++i)  // no CPU, pressure or disk figure in these samples
    EXPECT_EQ(policy.decide(sample_at(seconds(i))).action, Action::kGo);
}

TEST(GuardPolicy, AGapBetweenSamplesProvesNothing) {
  GuardPolicy policy(quick(OnPressure::kStop));
  EXPECT_EQ(run(policy, Metric::kMemory, {95, 95}), "gg");
  EXPECT_EQ(run(policy, Metric::kMemory, {95, 95, 95}, seconds(600)), "ggS");
}

TEST(GuardPolicy, ASampleThatIsNotYoungerChangesNothing) {
  GuardPolicy policy(quick(OnPressure::kWait));
  EXPECT_EQ(run(policy, Metric::kMemory, {95, 95, 95}), "ggh");
  EXPECT_EQ(run(policy, Metric::kMemory, {95, 10, 10}), "hhh");
}

// The launchers of a bare ctest take turns: each goes on from what the last one wrote down.
TEST(GuardPolicy, StatePassesFromOneLauncherToTheNext) {
  PolicyState state;
  std::string decided;
  for (int second = 0; second < 7; ++second) {
    GuardPolicy policy(quick(OnPressure::kWait), state);
    decided += run(policy, Metric::kMemory, {95}, seconds(second));
    state = policy.state();
  }
  EXPECT_EQ(decided, "gghhhSS");
}

TEST(GuardPolicy, ATripSaysWhatByHowMuchAndForHowLong) {
  GuardPolicy policy(quick(OnPressure::kStop));
  run(policy, Metric::kMemory, {91, 99});
  sys::MachineSample last = sample_at(milliseconds(2500));
  last.memory_available_bytes = 10 * kGiB / 16;
  const Decision decision = policy.decide(last);
  ASSERT_EQ(decision.action, Action::kStop);
  ASSERT_EQ(decision.trips.size(), 1U);
  EXPECT_EQ(describe(decision.trips.front()),
            "memory use is 93.8 % (at most 99.0 %) and was over the limit of 90 % for 2.5 s");
}

TEST(GuardPolicy, EveryThresholdThatTrippedIsNamed) {
  GuardPolicy policy(quick(OnPressure::kStop));
  Decision decision;
  for (int second = 0; second < 3; ++second) {
    sys::MachineSample sample = sample_at(seconds(second));
    sample.memory_available_bytes = 0;
    sample.disk_free_bytes = 100;
    decision = policy.decide(sample);
  }
  ASSERT_EQ(decision.trips.size(), 2U);
  EXPECT_THAT(describe(decision.trips[0]), HasSubstr("memory use is 100.0 %"));
  EXPECT_EQ(
      describe(decision.trips[1]),
      "free disk space is 100 B (at least 100 B) and was under the limit of 1000 B for 2.0 s");
}

TEST(GuardPolicy, EveryMetricAndActionHasAName) {
  for (std::size_t i = 0; i < kMetricCount; ++i)
    EXPECT_NE(metric_name(static_cast<Metric>(i)), "unknown");
  for (const Action action : {Action::kGo, Action::kHold, Action::kStop})
    EXPECT_NE(action_name(action), "unknown");
}

}  // namespace
}  // namespace specguard::guard
