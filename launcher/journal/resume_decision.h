// The resume decision: what becomes of one test in a session, as one pure function.
//
// First rule that fits, top to bottom (docs/resume.md says them to users):
//   1. the session does not resume                              -> run
//   2. nothing is recorded about the test                       -> run
//   3. its content, command or settings changed                 -> run
//   4. in flight at two crashes in a row                        -> quarantined
//   5. it must run: fixture, or judged by CTest by its output   -> run
//   6. passed or skipped, as often as it is asked for now       -> replay
//   7. anything else: failed, aborted, not run, in flight, ...  -> run
#pragma once

#include <optional>
#include <string_view>

#include "base/outcome.h"

namespace specguard::journal {

inline constexpr unsigned kCrashesToQuarantine = 2;

struct ResumeQuestion {
  bool resumes = false;
  bool is_recorded = false;
  std::optional<base::Outcome> outcome;  // nullopt: in flight when its session died
  bool same_content = false;             // of the spec
  bool same_command = false;             // and settings
  bool must_run = false;
  unsigned crashes_in_a_row = 0;
  unsigned attempts_recorded = 0;  // finished, before this session
  unsigned attempts_made = 0;      // of this test in this session: ctest --repeat
};

enum class Decision { kRun, kReplay, kQuarantine };

struct ResumeAnswer {
  Decision decision = Decision::kRun;
  std::string_view why;  // a few words for people
};

ResumeAnswer decide(const ResumeQuestion& question);

}  // namespace specguard::journal
