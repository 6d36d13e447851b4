// Round: one suite, run, struck and edited several times, then resumed to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace specguard::testing {

struct RoundReport {
  std::vector<std::string> errors;  // empty: the truth held
  std::string story;                // what happened, one line a session
  int sessions = 0;
  int strikes = 0;
  int runs_to_the_end = 0;       // of tests, in all sessions
  int passed_again = 0;          // after a pass whose record the strike prevented
  int passed_again_cut_off = 0;  // after a pass whose record the power loss took
  int quarantined = 0;           // tests in flight at two crashes in a row
};

RoundReport play_round(std::uint32_t seed);

}  // namespace specguard::testing
