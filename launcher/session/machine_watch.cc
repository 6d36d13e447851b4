#include "session/machine_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"

namespace specguard::session {

base::Result<MachineWatch> MachineWatch::open(const guard::Thresholds& limits,
                                              const std::filesystem::path& disk_directory) {
  SPECGUARD_TRY(sys::MachineSampler sampler,
                sys::MachineSampler::open({.disk_directory = disk_directory}));
  return MachineWatch(std::move(sampler), limits);
}

guard::Decision MachineWatch::look() {
  sys::MachineCounters now;
  const auto sample = sampler_.sample(before_, now);
  if (!sample) return {};
  before_ = now;
  guard::Decision decision = policy_.decide(*sample);
  const auto& over = policy_.state().over;
  const bool trouble =
      std::any_of(over.begin(), over.end(), [](const auto& metric) { return metric.has_value(); });
  if (!trouble) trouble_began_.reset();
  if (trouble && !trouble_began_) trouble_began_ = sys::ProcessSurvey::take();
  return decision;
}

std::string MachineWatch::reason(const guard::Decision& decision) const {
  return trip_reason(decision, sampler_.bound());
}

std::string trip_reason(const guard::Decision& decision, const std::string& bound) {
  std::string text;
  for (const guard::Trip& trip : decision.trips)
    text += (text.empty() ? "" : "; ") + guard::describe(trip);
  return fmt::format("{} (of {})", text, bound);
}

std::string describe_culprits(const std::optional<sys::ProcessSurvey>& earlier) {
  constexpr std::size_t kCount = 5;
  const sys::ProcessSurvey now = sys::ProcessSurvey::take();
  std::string text;
  if (earlier) {
    const auto busiest = now.top_cpu_since(*earlier, kCount);
    if (!busiest.empty()) text += "  most CPU since it began:\n";
    for (const auto& use : busiest)
      text += fmt::format("  {:>8.1f} %  pid {}  {}\n", use.cpu_percent, use.pid, use.command_line);
  }
  text += "  most memory:\n";
  for (const auto& use : now.top_memory(kCount))
    text += fmt::format("  {:>10}  pid {}  {}\n", base::format_size(use.resident_bytes), use.pid,
                        use.command_line);
  return text;
}

}  // namespace specguard::session
