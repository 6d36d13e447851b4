// SuiteReport: where every test of the suite stands, over the newest session and all those whose
// results it took over. What `status` and `report` say, they take from here.
//
// Sources, strongest first: ctest's own verdict where the session came to its end under `run`; the
// journals; what `run` listed when it began, or else the generated CTestTestfile.cmake files, for
// the tests that have no result. Nothing here ever makes a pass of what is not known to be one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/testfile_scan.h"
#include "session/ctest_verdicts.h"
#include "session/session_history.h"
#include "session/suite_listing.h"

namespace specguard::session {

enum class Standing {
  kPassed,
  kFailed,
  kSkipped,
  kNotRun,   // stopped before it or in the middle of it, or quarantined
  kRunning,  // now
  kLeft,     // no result: never started, or nobody saw its end
  kUnknown,  // it ran; ctest judges it by its output and did not tell us how
};
inline constexpr std::size_t kStandings = 7;
std::string_view standing_name(Standing standing);

struct ReportedTest {
  std::string name;
  std::vector<std::string> labels;
  std::string file;  // where it is defined, with the line; empty where nobody said
  int line = 0;
  Standing standing = Standing::kLeft;
  bool guarded = true;         // it has a launcher; false: only ctest knows it
  bool has_result = false;     // `result` is of its last attempt
  base::AttemptResult result;  // outcome as the launcher saw it, which ctest may judge otherwise
  std::string reason;          // one sentence: why it stands so; empty where it passed
  bool quarantined = false;
  bool carried_over = false;                // earned in an earlier session of the chain
  std::optional<base::WallTime> started{};  // of the attempt that gave the result, or that runs
  std::optional<base::WallTime> finished{};
  unsigned attempts = 0;

  std::chrono::nanoseconds duration() const { return result.usage.wall; }
};

struct Counts {
  std::size_t by_standing[kStandings] = {};
  std::size_t quarantined = 0;
  std::size_t carried_over = 0;

  std::size_t of(Standing standing) const {
    return by_standing[static_cast<std::size_t>(standing)];
  }
  std::size_t total() const;
  // With a verdict: passed, failed, skipped, unknown, and those that must not run (quarantined).
  std::size_t done() const;
  std::size_t left() const { return total() - done() - of(Standing::kRunning); }
};

// One bar of the timeline: an attempt that ran a process.
struct TimelineEntry {
  std::size_t test = 0;     // index into tests
  std::size_t session = 0;  // index into history.sessions
  std::size_t slot = 0;     // row: attempts of one session that overlap have different ones
  base::WallTime started{};
  base::WallTime finished{};
  bool running = false;
  base::Outcome outcome = base::Outcome::kPassed;
};

struct SuiteReport {
  std::filesystem::path build_dir;
  SessionHistory history;
  std::vector<ReportedTest> tests;  // in the suite's order
  std::vector<std::string> gone;    // have a result, but the suite has them no more
  std::vector<std::string> notes;
  bool suite_is_known = true;  // false: there may be tests that nothing here knows of
  base::WallTime now{};

  Counts counts() const;
  std::vector<TimelineEntry> timeline() const;
};

// What the report is made from besides the journals.
struct SuiteSources {
  std::optional<SuiteListing> listing;  // of the newest session, where it is a supervised one
  journal::ScannedSuite scan;
  CtestVerdicts verdicts;  // of the newest session; empty where ctest did not come to its end
};

// Pure.
SuiteReport make_suite_report(SessionHistory history, const SuiteSources& sources,
                              base::WallTime now);

// nullopt: no session yet.
base::Result<std::optional<SuiteReport>> read_suite_report(const std::filesystem::path& build_dir,
                                                           base::WallTime now);

}  // namespace specguard::session
