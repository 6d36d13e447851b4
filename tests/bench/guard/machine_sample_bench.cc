// What one look at the machine costs. The promise is under 50 microseconds (docs/performance.md).
#include <benchmark/benchmark.h>

#include "guard/policy.h"
#include "sys/machine_sample.h"

namespace {

using specguard::guard::GuardPolicy;
using specguard::guard::Thresholds;
using specguard::sys::MachineCounters;
using specguard::sys::MachineSampler;

void sample(benchmark::State& state) {
  auto sampler = MachineSampler::open({.disk_directory = "."});
  if (!sampler) {
    state.SkipWithError(sampler.error().message().c_str());
    return;
  }
  std::optional<MachineCounters> before;
  for (auto _ : state) {
    MachineCounters now;
    auto taken = sampler->sample(before, now);
    benchmark::DoNotOptimize(taken);
    before = now;
  }
}
BENCHMARK(sample);

void sample_and_decide(benchmark::State& state) {
  auto sampler = MachineSampler::open({.disk_directory = "."});
  if (!sampler) {
    state.SkipWithError(sampler.error().message().c_str());
    return;
  }
  Thresholds limits;
  limits.cpu_percent = limits.memory_percent = limits.pressure_percent = 100;
  limits.disk_min_bytes = 1;
  GuardPolicy policy(limits);
  std::optional<MachineCounters> before;
  for (auto _ : state) {
    MachineCounters now;
    if (auto taken = sampler->sample(before, now)) benchmark::DoNotOptimize(policy.decide(*taken));
    before = now;
  }
}
BENCHMARK(sample_and_decide);

// Opening happens once a session, or once a launcher that takes its turn in a bare ctest.
void open(benchmark::State& state) {
  for (auto _ : state) {
    auto sampler = MachineSampler::open({.disk_directory = "."});
    benchmark::DoNotOptimize(sampler);
  }
}
BENCHMARK(open);

}  // namespace

BENCHMARK_MAIN();
