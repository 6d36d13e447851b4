#include "base/outcome.h"

#include <array>
#include <utility>

namespace specguard::base {
namespace {

constexpr std::array<std::pair<Outcome, std::string_view>, 14> kNames = {{
    {Outcome::kPassed, "passed"},
    {Outcome::kFailed, "failed"},
    {Outcome::kSkipped, "skipped"},
    {Outcome::kCrashed, "crashed"},
    {Outcome::kTimeout, "timeout"},
    {Outcome::kIdleTimeout, "idle-timeout"},
    {Outcome::kCpuTime, "cpu-time"},
    {Outcome::kOutOfMemory, "out-of-memory"},
    {Outcome::kProcessLimit, "process-limit"},
    {Outcome::kOutputLimit, "output-limit"},
    {Outcome::kLeaked, "leaked"},
    {Outcome::kAborted, "aborted"},
    {Outcome::kNotRun, "not-run"},
    {Outcome::kLauncherError, "launcher-error"},
}};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  return kNames[static_cast<std::size_t>(outcome)].second;
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  for (const auto& [outcome, its_name] : kNames)
    if (its_name == name) return outcome;
  return std::nullopt;
}

bool is_success(Outcome outcome) {
  return outcome == Outcome::kPassed || outcome == Outcome::kSkipped;
}

}  // namespace specguard::base
