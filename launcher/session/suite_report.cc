#include "session/suite_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "sys/file.h"

namespace specguard::session {
namespace {

using base::Outcome;
using journal::TestState;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

// What is known of a test besides its results.
struct Properties {
  bool will_fail = false;
  bool judged_by_output = false;
  bool disabled = false;
};

std::string words_for(const base::AttemptResult& result) {
  if (!result.evidence.reason.empty()) return result.evidence.reason;
  if (result.signal != 0) return fmt::format("died by signal {}", result.signal);
  if (result.exit_code != 0) return fmt::format("exit code {}", result.exit_code);
  return std::string(base::outcome_name(result.outcome));
}

bool is_not_run(Outcome outcome) {
  return outcome == Outcome::kAborted || outcome == Outcome::kNotRun;
}

// Options that a session notes as its selection, and that leave no test out.
bool selects_all(const std::string& selection) {
  std::istringstream words(selection);
  for (std::string word; words >> word;) {
    if (word == "-C" || word == "--build-config")
      words >> word;
    else if (word != "--stop-on-failure" && !word.starts_with("--build-config="))
      return false;
  }
  return true;
}

// What ctest made of a test, with the launcher's result beside it where there is one.
void stand_by_ctest(const CtestVerdict& verdict, ReportedTest& test) {
  if (!test.has_result) {
    test.result.usage.wall = verdict.wall;
    test.result.outcome = verdict.status == CtestStatus::kPassed   ? Outcome::kPassed
                          : verdict.status == CtestStatus::kFailed ? Outcome::kFailed
                          : verdict.status == CtestStatus::kNotRun ? Outcome::kNotRun
                                                                   : Outcome::kSkipped;
    if (verdict.status == CtestStatus::kFailed) test.result.output_tail = verdict.output;
    test.has_result = true;
  }
  const Outcome outcome = test.result.outcome;
  switch (verdict.status) {
    case CtestStatus::kPassed:
      test.standing = Standing::kPassed;
      test.reason = base::is_success(outcome)
                        ? std::string()
                        : words_for(test.result) + ", and ctest was told to expect that";
      return;
    case CtestStatus::kFailed:
      test.standing = is_not_run(outcome) ? Standing::kNotRun : Standing::kFailed;
      test.reason = base::is_success(outcome)
                        ? "ctest judged it failed: by WILL_FAIL, by its output or by a TIMEOUT"
                    : test.guarded ? words_for(test.result)
                                   : "failed";
      return;
    case CtestStatus::kSkipped:
      test.standing = Standing::kSkipped;
      test.reason = outcome == Outcome::kSkipped && !test.result.evidence.reason.empty()
                        ? test.result.evidence.reason
                        : verdict.message;
      return;
    case CtestStatus::kDisabled:
      test.standing = Standing::kSkipped;
      test.reason = "disabled";
      return;
    case CtestStatus::kNotRun:
      test.standing = Standing::kNotRun;
      test.reason = verdict.message.empty() ? "ctest could not run it" : verdict.message;
  }
}

// By the journal alone.
void stand_by_result(const Properties& properties, ReportedTest& test) {
  const Outcome outcome = test.result.outcome;
  test.reason = outcome == Outcome::kPassed ? std::string() : words_for(test.result);
  if (is_not_run(outcome)) {
    test.standing = Standing::kNotRun;
  } else if (outcome == Outcome::kSkipped) {
    test.standing = Standing::kSkipped;
  } else if (outcome != Outcome::kPassed && outcome != Outcome::kFailed) {
    test.standing = Standing::kFailed;  // death by a signal, which no property reinterprets
  } else if (properties.judged_by_output) {
    test.standing = Standing::kUnknown;
    test.reason =
        "ctest judges this test by what it prints, and its verdict is not recorded here; "
        "'test-launcher run' records it";
  } else if (properties.will_fail) {
    const bool passed = outcome == Outcome::kFailed;
    test.standing = passed ? Standing::kPassed : Standing::kFailed;
    test.reason = passed ? test.reason + ", as WILL_FAIL expects" : "passed, but WILL_FAIL is set";
  } else {
    test.standing = outcome == Outcome::kPassed ? Standing::kPassed : Standing::kFailed;
  }
}

void stand_by_state(const TestState& state, const Properties& properties, bool alive,
                    ReportedTest& test) {
  test.quarantined = state.quarantined;
  test.carried_over = state.replayed && !state.in_flight;
  test.attempts = state.attempts;
  if (state.in_flight) {
    test.standing = alive ? Standing::kRunning : Standing::kLeft;
    test.reason = alive ? "running" : "was running when the session ended; its end is not recorded";
    return;
  }
  if (!state.finished) {
    test.reason = "was running when an earlier session ended";
    return;
  }
  test.result = state.result;
  test.has_result = true;
  stand_by_result(properties, test);
}

// Names in the suite's order, with what is known of each; then those that only the journal knows.
class Merger {
 public:
  Merger(SuiteReport& report, const SuiteSources& sources) : report_(report), sources_(sources) {}

  void merge() {
    const SessionRecord& newest = report_.history.newest();
    const bool whole_suite = selects_all(newest.started.selection);
    if (sources_.listing) {
      for (const ListedTest& test : sources_.listing->tests) add(test);
      // A narrower session keeps the results of the others; the files say which still exist.
      if (!whole_suite) add_recorded_of_scan();
    } else {
      for (const journal::ScannedTest& test : sources_.scan.tests)
        if (whole_suite || newest.state.find(test.name) != nullptr) add(test);
    }
    report_.suite_is_known = sources_.listing ? true : whole_suite && sources_.scan.complete;
    for (const TestState& state : newest.state.tests())
      if (!index_.contains(state.test.name)) add_unlisted(state);
    take_times();
  }

 private:
  ReportedTest& append(const std::string& name, const Properties& properties) {
    index_.emplace(name, report_.tests.size());
    ReportedTest& test = report_.tests.emplace_back();
    test.name = name;
    test.reason = "not started";
    const TestState* state = report_.history.newest().state.find(name);
    test.guarded = state != nullptr;
    const bool alive = report_.history.state == SessionState::kRunning ||
                       report_.history.state == SessionState::kStopping;
    if (state != nullptr) stand_by_state(*state, properties, alive, test);
    if (state == nullptr && properties.disabled) {
      test.standing = Standing::kSkipped;
      test.reason = "disabled";
    } else if (state == nullptr && !sources_.listing &&
               report_.history.state == SessionState::kFinished) {
      test.standing = Standing::kUnknown;
      test.reason =
          "no launcher ran it in this session, so only ctest knows; 'test-launcher run' records "
          "what ctest says";
    }
    if (const auto verdict = sources_.verdicts.find(name); verdict != sources_.verdicts.end())
      stand_by_ctest(verdict->second, test);
    // Nothing is left of a session that came to its end, and ctest counts these as failed.
    if (report_.history.state == SessionState::kFinished && test.standing == Standing::kNotRun &&
        !test.quarantined)
      test.standing = Standing::kFailed;
    return test;
  }

  void add(const ListedTest& listed) {
    if (index_.contains(listed.name)) return;
    ReportedTest& test =
        append(listed.name, {listed.will_fail, listed.judged_by_output, listed.disabled});
    test.guarded = test.guarded || listed.guarded;
    test.labels = listed.labels;
    test.file = listed.file;
    test.line = listed.line;
  }

  void add(const journal::ScannedTest& scanned) {
    if (index_.contains(scanned.name)) return;
    ReportedTest& test =
        append(scanned.name, {scanned.will_fail, scanned.judged_by_output, scanned.disabled});
    test.labels = scanned.labels;
    test.file = scanned.file;
    test.line = scanned.line;
  }

  void add_recorded_of_scan() {
    const journal::SuiteState& state = report_.history.newest().state;
    for (const journal::ScannedTest& test : sources_.scan.tests)
      if (state.find(test.name) != nullptr) add(test);
  }

  // A result that was only carried over, of a test that the whole suite does not have, is of one
  // that was removed. A list that may be incomplete proves nothing.
  void add_unlisted(const TestState& state) {
    const bool list_is_whole =
        sources_.listing
            ? selects_all(report_.history.newest().started.selection) || sources_.scan.complete
            : sources_.scan.complete && !sources_.scan.tests.empty();
    if (list_is_whole && !touched(state.test.name))
      report_.gone.push_back(state.test.name);
    else
      append(state.test.name, {});
  }

  bool touched(const std::string& name) {
    if (!touched_) {
      touched_.emplace();
      for (const AttemptNote& attempt : report_.history.newest().attempts)
        touched_->insert(attempt.test);
    }
    return touched_->contains(name);
  }

  // The newest attempt that ran a process tells when.
  void take_times() {
    for (const SessionRecord& session : report_.history.sessions)
      for (const AttemptNote& attempt : session.attempts) {
        const auto known = index_.find(attempt.test);
        if (known == index_.end() || attempt.origin != journal::Origin::kRun) continue;
        ReportedTest& test = report_.tests[known->second];
        test.started = attempt.started;
        test.finished = attempt.finished;
      }
  }

  SuiteReport& report_;
  const SuiteSources& sources_;
  std::unordered_map<std::string, std::size_t> index_;
  std::optional<std::unordered_set<std::string>> touched_;
};

}  // namespace

std::string_view standing_name(Standing standing) {
  static constexpr std::string_view kNames[kStandings] = {"passed",  "failed", "skipped", "not-run",
                                                          "running", "left",   "unknown"};
  return kNames[static_cast<std::size_t>(standing)];
}

std::size_t Counts::total() const {
  std::size_t sum = 0;
  for (const std::size_t count : by_standing) sum += count;
  return sum;
}

std::size_t Counts::done() const {
  return of(Standing::kPassed) + of(Standing::kFailed) + of(Standing::kSkipped) +
         of(Standing::kUnknown) + quarantined;
}

Counts SuiteReport::counts() const {
  Counts counts;
  for (const ReportedTest& test : tests) {
    ++counts.by_standing[static_cast<std::size_t>(test.standing)];
    counts.quarantined += test.quarantined && test.standing == Standing::kNotRun;
    counts.carried_over += test.carried_over;
  }
  return counts;
}

std::vector<TimelineEntry> SuiteReport::timeline() const {
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < tests.size(); ++i) index.emplace(tests[i].name, i);
  std::vector<TimelineEntry> entries;
  for (std::size_t s = 0; s < history.sessions.size(); ++s) {
    std::vector<base::WallTime> slots;  // when each becomes free
    for (const AttemptNote& attempt : history.sessions[s].attempts) {
      const auto test = index.find(attempt.test);
      if (test == index.end() || attempt.origin != journal::Origin::kRun) continue;
      const bool running = !attempt.finished && tests[test->second].standing == Standing::kRunning;
      if (!attempt.finished && !running) continue;
      // The launcher's own clock measures; the wall clock may have jumped.
      const auto wall = std::chrono::duration_cast<base::WallTime::duration>(attempt.wall);
      const base::WallTime end = running ? std::max(now, attempt.started) : attempt.started + wall;
      std::size_t slot = 0;
      while (slot < slots.size() && slots[slot] > attempt.started) ++slot;
      if (slot == slots.size()) slots.emplace_back();
      slots[slot] = end;
      entries.push_back({test->second, s, slot, attempt.started, end, running, attempt.outcome});
    }
  }
  return entries;
}

SuiteReport make_suite_report(SessionHistory history, const SuiteSources& sources,
                              base::WallTime now) {
  SuiteReport report;
  report.history = std::move(history);
  report.notes = report.history.notes;
  report.now = now;
  Merger(report, sources).merge();
  return report;
}

base::Result<std::optional<SuiteReport>> read_suite_report(const std::filesystem::path& build_dir,
                                                           base::WallTime now) {
  const journal::StateDirectory state(build_dir);
  SPECGUARD_TRY(auto history, read_session_history(state));
  if (!history) return std::optional<SuiteReport>();
  const std::filesystem::path directory = state.session(history->newest().id);
  SuiteSources sources;
  std::vector<std::string> notes;
  if (const auto text = sys::read_file(directory / "suite.json", kMaxFileBytes)) {
    auto listing = decode_listing(*text, (directory / "suite.json").string());
    if (listing)
      sources.listing = std::move(listing).value();
    else
      notes.push_back(listing.error().message());
  }
  if (const auto text = sys::read_file(directory / "ctest.xml", kMaxFileBytes)) {
    auto verdicts = parse_ctest_junit(*text, (directory / "ctest.xml").string());
    if (verdicts)
      sources.verdicts = std::move(verdicts).value();
    else
      notes.push_back(verdicts.error().message());
  }
  if (!sources.listing || !selects_all(history->newest().started.selection))
    sources.scan = journal::scan_suite(build_dir);
  SuiteReport report = make_suite_report(std::move(*history), sources, now);
  report.build_dir = build_dir;
  report.notes.insert(report.notes.end(), notes.begin(), notes.end());
  return std::optional(std::move(report));
}

}  // namespace specguard::session
