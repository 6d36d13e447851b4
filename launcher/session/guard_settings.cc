#include "session/guard_settings.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/quantity.h"
#include "base/text.h"

namespace specguard::session {
namespace {

using base::Error;
using base::Result;

Result<bool> parse_switch(std::string_view name, std::string_view value) {
  for (const std::string_view word : {"1", "on", "yes", "true", "ON", "YES", "TRUE"})
    if (value == word) return true;
  for (const std::string_view word : {"0", "off", "no", "false", "OFF", "NO", "FALSE"})
    if (value == word) return false;
  return Error(fmt::format("{}: '{}' is neither on (1, yes, true) nor off (0, no, false)", name,
                           base::printable(value)));
}

// Sets the target where the option was given; "80" and "80%" are the same.
Result<void> take_percent(const OptionLookup& lookup, std::string_view name,
                          std::optional<double>& target) {
  const auto text = lookup(name);
  if (!text) return {};
  std::string_view number = *text;
  if (number.ends_with('%')) number.remove_suffix(1);
  const auto value = base::parse_number(number, 1, 100);
  if (!value) return value.error().with_context(name);
  target = *value;
  return {};
}

Result<void> take_sustain(const OptionLookup& lookup, guard::Thresholds& limits) {
  const auto text = lookup("sustain");
  if (!text) return {};
  SPECGUARD_TRY(const std::chrono::milliseconds sustain, base::parse_duration(*text));
  limits.cpu_sustain = limits.memory_sustain = sustain;
  limits.pressure_sustain = limits.disk_sustain = sustain;
  return {};
}

}  // namespace

Result<std::optional<guard::Thresholds>> read_guard_settings(const OptionLookup& lookup,
                                                             bool on_by_default) {
  guard::Thresholds limits;
  SPECGUARD_TRY_VOID(take_percent(lookup, "cpu-limit", limits.cpu_percent));
  SPECGUARD_TRY_VOID(take_percent(lookup, "mem-limit", limits.memory_percent));
  SPECGUARD_TRY_VOID(take_percent(lookup, "psi-limit", limits.pressure_percent));
  if (const auto text = lookup("disk-min")) {
    const auto bytes = base::parse_size_bytes(*text);
    if (!bytes) return bytes.error().with_context("disk-min");
    limits.disk_min_bytes = *bytes;  // 0 is never undercut
  }
  bool on = on_by_default || limits.watches_anything();
  if (const auto text = lookup("self-protect")) {
    SPECGUARD_TRY(on, parse_switch("self-protect", *text));
  }
  if (auto taken = take_sustain(lookup, limits); !taken)
    return taken.error().with_context("sustain");
  if (const auto text = lookup("on-pressure")) {
    if (*text != "wait" && *text != "stop")
      return Error(
          fmt::format("on-pressure: '{}' is neither wait nor stop", base::printable(*text)));
    limits.on_pressure = *text == "wait" ? guard::OnPressure::kWait : guard::OnPressure::kStop;
  }
  if (!on) return std::optional<guard::Thresholds>();
  if (!limits.memory_percent) limits.memory_percent = kDefaultMemoryPercent;
  if (!limits.disk_min_bytes) limits.disk_min_bytes = kDefaultDiskMinBytes;
  return std::optional(limits);
}

std::optional<std::string> guard_option_from_environment(std::string_view name) {
  std::string variable = "SPECGUARD_";
  for (const char c : name)
    variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace specguard::session
