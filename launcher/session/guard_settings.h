// GuardSettings: the options of the guard, read the same way from a command line, from the
// environment and from a settings file.
//
// Under `run` the guard is on unless --no-self-protect is given. A bare ctest has no guard.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "guard/thresholds.h"

namespace specguard::session {

// On, where the guard is on and nothing else is said. CPU use and pressure are watched only where a
// limit is given: a machine that tests in parallel is busy because it should be.
inline constexpr double kDefaultMemoryPercent = 90;
inline constexpr std::uint64_t kDefaultDiskMinBytes = 100ULL << 20;

inline constexpr std::array<std::string_view, 7> kGuardOptionNames = {
    "self-protect", "cpu-limit", "mem-limit", "psi-limit", "disk-min", "sustain", "on-pressure"};

// The value of an option by its name without dashes; nullopt where nobody gave one.
using OptionLookup = std::function<std::optional<std::string>(std::string_view name)>;

// nullopt: the guard is off. An ill value is an Error that names the option and what would be
// right.
base::Result<std::optional<guard::Thresholds>> read_guard_settings(const OptionLookup& lookup,
                                                                   bool on_by_default);

// SPECGUARD_CPU_LIMIT and so on, from the environment of this process.
std::optional<std::string> guard_option_from_environment(std::string_view name);

}  // namespace specguard::session
