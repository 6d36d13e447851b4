// The line with which newer interpreters close a spec file:
//
//   SPEC FILE VERDICT: <path> outcome=OK declared>=6 executed=6 passed=5 failed=0 skipped=1
//   dropped=0
//
// `outcome` (OK, ERROR, NOT_RUN, ...) and `skipped` are absent in older ones. `executed` includes
// the skipped; `dropped` are examples that were declared and never ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"

namespace specguard::supervise {

struct SpecVerdict {
  std::string path;
  std::string outcome;  // lower case; empty where the line has none
  std::uint64_t declared = 0;
  std::uint64_t executed = 0;
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
  std::uint64_t dropped = 0;
};

// nullopt for every line that is no complete verdict.
std::optional<SpecVerdict> parse_spec_verdict(std::string_view line);

struct JudgedVerdict {
  base::Outcome outcome;
  std::string reason;  // empty where it passed
};

// What the line means. The numbers are believed before the word: outcome=OK with failed=3, which
// interpreters have printed, has failed.
JudgedVerdict judge(const SpecVerdict& verdict);

}  // namespace specguard::supervise
