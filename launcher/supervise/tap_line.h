// One line of TAP, taken apart. Pure; the order of lines is results_tap.cc's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace specguard::supervise {

struct TapPlan {
  std::uint64_t count = 0;
  std::string_view reason;  // "1..0 # SKIP reason"
};

// "1..N"; nullopt for any other line.
std::optional<TapPlan> parse_plan(std::string_view line);

enum class TapDirective { kNone, kSkip, kTodo };

struct TapTestPoint {
  bool ok = false;
  std::optional<std::uint64_t> number;
  std::string description;  // unescaped, without the leading "- "
  TapDirective directive = TapDirective::kNone;
  std::string reason;                                 // of the directive
  std::optional<std::chrono::milliseconds> duration;  // bats writes "name in 12ms"
};

// "ok ..." or "not ok ..."; nullopt for any other line.
std::optional<TapTestPoint> parse_test_point(std::string_view line);

// "Bail out! reason", in any case of letters -> the reason.
std::optional<std::string_view> parse_bail_out(std::string_view line);

}  // namespace specguard::supervise
