// CtestVerdicts: what ctest itself says of each test, from the JUnit file that it writes when it
// comes to its end.
//
// A launcher knows how its test ended; ctest may see it otherwise (WILL_FAIL, regular expressions
// over the output, a TIMEOUT of its own), and has the last word. It is also the only one who knows
// of tests without a launcher.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace specguard::session {

enum class CtestStatus { kPassed, kFailed, kSkipped, kNotRun, kDisabled };

struct CtestVerdict {
  CtestStatus status = CtestStatus::kPassed;
  std::chrono::microseconds wall{0};
  std::string message;  // of a skip or a test that was not run
  std::string output;   // its end, at most kMaxOutputBytes
};

inline constexpr std::size_t kMaxOutputBytes = 8u << 10;

using CtestVerdicts = std::unordered_map<std::string, CtestVerdict>;  // by name

// Pure. An Error where it is no JUnit of ctest's. Two tests of one name: the worse verdict counts.
base::Result<CtestVerdicts> parse_ctest_junit(std::string_view xml, std::string_view source);

// Character data or an attribute's value, its entities resolved.
std::string unescape_xml(std::string_view text);

}  // namespace specguard::session
