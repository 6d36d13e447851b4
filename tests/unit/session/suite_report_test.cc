#include "session/suite_report.h"

#include <gmock/gmock.h>

#include "report_samples.h"

namespace specguard::session {
namespace {

using base::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ReportedTest& find(const SuiteReport& report, const std::string& name) {
  for (const ReportedTest& test : report.tests)
    if (test.name == name) return test;
  ADD_FAILURE() << "no test " << name;
  static const ReportedTest none;
  return none;
}

SuiteSources with_listing(const std::vector<ListedTest>& tests) {
  SuiteSources sources;
  sources.listing = SuiteListing{tests};
  return sources;
}

// Every outcome, as the journal alone tells it.
TEST(SuiteReport, AnOutcomeStandsForWhatItIs) {
  const std::vector<std::pair<Outcome, Standing>> table = {
      {Outcome::kPassed, Standing::kPassed},       {Outcome::kFailed, Standing::kFailed},
      {Outcome::kSkipped, Standing::kSkipped},     {Outcome::kCrashed, Standing::kFailed},
      {Outcome::kTimeout, Standing::kFailed},      {Outcome::kIdleTimeout, Standing::kFailed},
      {Outcome::kCpuTime, Standing::kFailed},      {Outcome::kOutOfMemory, Standing::kFailed},
      {Outcome::kProcessLimit, Standing::kFailed}, {Outcome::kOutputLimit, Standing::kFailed},
      {Outcome::kLeaked, Standing::kFailed},       {Outcome::kAborted, Standing::kNotRun},
      {Outcome::kNotRun, Standing::kNotRun},       {Outcome::kLauncherError, Standing::kFailed}};
  for (const auto& [outcome, standing] : table) {
    const SuiteReport report = make_suite_report(
        sample_history({sample_start("s", 1), sample_result("t", outcome)}, SessionState::kStopped),
        with_listing({listed("t")}), at_second(9));
    EXPECT_EQ(find(report, "t").standing, standing) << base::outcome_name(outcome);
    EXPECT_EQ(find(report, "t").reason.empty(), outcome == Outcome::kPassed);
  }
}

TEST(SuiteReport, WillFailTurnsExitCodesAroundAndNothingElse) {
  ListedTest test = listed("t");
  test.will_fail = true;
  const auto standing = [&](Outcome outcome) {
    return find(make_suite_report(
                    sample_history({sample_start("s", 1), sample_result("t", outcome)}),
                    with_listing({test}), at_second(9)),
                "t")
        .standing;
  };
  EXPECT_EQ(standing(Outcome::kFailed), Standing::kPassed);
  EXPECT_EQ(standing(Outcome::kPassed), Standing::kFailed);
  EXPECT_EQ(standing(Outcome::kOutOfMemory), Standing::kFailed);
  EXPECT_EQ(standing(Outcome::kSkipped), Standing::kSkipped);
}

// A test that ctest judges by its output may fail with exit code 0. Nobody may call that a pass.
TEST(SuiteReport, WhatOnlyCtestJudgesIsUnknownWithoutIt) {
  ListedTest test = listed("t");
  test.judged_by_output = true;
  const auto history = [] {
    return sample_history({sample_start("s", 1), sample_result("t", Outcome::kPassed)});
  };
  SuiteSources sources = with_listing({test});
  EXPECT_EQ(find(make_suite_report(history(), sources, at_second(9)), "t").standing,
            Standing::kUnknown);
  sources.verdicts["t"] = {.status = CtestStatus::kFailed};
  EXPECT_EQ(find(make_suite_report(history(), sources, at_second(9)), "t").standing,
            Standing::kFailed);
  sources.verdicts["t"] = {.status = CtestStatus::kPassed};
  EXPECT_EQ(find(make_suite_report(history(), sources, at_second(9)), "t").standing,
            Standing::kPassed);
}

TEST(SuiteReport, CtestHasTheLastWordAndIsTheOnlyOneOnTestsWithoutALauncher) {
  SuiteSources sources = with_listing({listed("guarded"), listed("plain"), listed("absent")});
  sources.listing->tests[1].guarded = false;
  sources.verdicts["guarded"] = {.status = CtestStatus::kFailed};
  sources.verdicts["plain"] = {
      .status = CtestStatus::kFailed, .wall = std::chrono::milliseconds(20), .output = "broken"};
  sources.verdicts["absent"] = {.status = CtestStatus::kNotRun,
                                .message = "Unable to find executable"};
  const SuiteReport report = make_suite_report(
      sample_history({sample_start("s", 1), sample_result("guarded", Outcome::kPassed)}), sources,
      at_second(9));
  EXPECT_EQ(find(report, "guarded").standing, Standing::kFailed);
  EXPECT_THAT(find(report, "guarded").reason, HasSubstr("ctest judged it failed"));
  EXPECT_EQ(find(report, "plain").standing, Standing::kFailed);
  sources.verdicts["plain"] = {.status = CtestStatus::kPassed};
  EXPECT_EQ(find(make_suite_report(sample_history({sample_start("s", 1)}), sources, at_second(9)),
                 "plain")
                .reason,
            "");
  EXPECT_EQ(find(report, "plain").result.output_tail, "broken");
  EXPECT_EQ(find(report, "absent").standing, Standing::kFailed);
  EXPECT_EQ(find(report, "absent").reason, "Unable to find executable");
}

// A test whose launcher was killed, alone, once counted as left in a session that nothing goes on
// from.
TEST(SuiteReport, NothingIsLeftOfASessionThatCameToItsEnd) {
  const SuiteReport report = make_suite_report(
      sample_history({sample_start("s", 1), sample_result("t", Outcome::kAborted)}),
      with_listing({listed("t")}), at_second(9));
  EXPECT_EQ(find(report, "t").standing, Standing::kFailed);
  EXPECT_EQ(report.counts().left(), 0U);
}

TEST(SuiteReport, WhatWasInFlightRunsOrIsLeft) {
  const std::vector<journal::Record> records = {
      sample_start("s", 1), journal::AttemptStarted{at_second(3), "attempt of t", {"t", 1, 2}}};
  const auto sources = with_listing({listed("t"), listed("next")});
  const SuiteReport running =
      make_suite_report(sample_history(records, SessionState::kRunning), sources, at_second(9));
  EXPECT_EQ(find(running, "t").standing, Standing::kRunning);
  EXPECT_EQ(find(running, "next").standing, Standing::kLeft);
  EXPECT_EQ(running.counts().left(), 1U);
  const SuiteReport died =
      make_suite_report(sample_history(records, SessionState::kDied), sources, at_second(9));
  EXPECT_EQ(find(died, "t").standing, Standing::kLeft);
  EXPECT_EQ(died.counts().left(), 2U);
}

// A carried result of a test that was deleted in between once counted for ever.
TEST(SuiteReport, AResultOfARemovedTestIsGone) {
  journal::TestState carried;
  carried.test = {"removed", 1, 2};
  carried.finished = true;
  carried.replayed = true;
  carried.result.outcome = Outcome::kFailed;
  const SuiteReport report = make_suite_report(
      sample_history({sample_start("s", 2), carried, sample_result("t", Outcome::kPassed)}),
      with_listing({listed("t")}), at_second(9));
  EXPECT_THAT(report.gone, ElementsAre("removed"));
  EXPECT_EQ(report.counts().total(), 1U);
}

TEST(SuiteReport, ANarrowerSessionKeepsTheOthersResults) {
  journal::TestState carried;
  carried.test = {"other", 1, 2};
  carried.finished = true;
  carried.result.outcome = Outcome::kFailed;
  journal::SessionStarted start = sample_start("s", 2);
  start.selection = "-L ^unit$";
  SuiteSources sources = with_listing({listed("t")});
  sources.scan.tests = {{.name = "t"}, {.name = "other"}, {.name = "never selected"}};
  const SuiteReport report =
      make_suite_report(sample_history({start, carried, sample_result("t", Outcome::kPassed)}),
                        sources, at_second(9));
  EXPECT_EQ(report.counts().of(Standing::kFailed), 1U);
  EXPECT_EQ(report.counts().total(), 2U);
  EXPECT_THAT(report.gone, IsEmpty());
}

// Without a list of the suite a test that nobody journaled is not passed over.
TEST(SuiteReport, ABareSessionTakesTheSuiteFromItsFiles) {
  journal::SessionStarted start = sample_start("s", 1);
  start.kind = journal::SessionKind::kBare;
  SuiteSources sources;
  sources.scan.tests = {{.name = "t"}, {.name = "plain"}, {.name = "off", .disabled = true}};
  const std::vector<journal::Record> records = {start, sample_result("t", Outcome::kPassed)};
  const SuiteReport ended = make_suite_report(sample_history(records), sources, at_second(9));
  EXPECT_EQ(find(ended, "plain").standing, Standing::kUnknown);
  EXPECT_EQ(find(ended, "off").standing, Standing::kSkipped);
  const SuiteReport died =
      make_suite_report(sample_history(records, SessionState::kDied), sources, at_second(9));
  EXPECT_EQ(find(died, "plain").standing, Standing::kLeft);
}

TEST(SuiteReport, AttemptsThatOverlapHaveSlotsOfTheirOwn) {
  std::vector<journal::Record> records = {sample_start("s", 1)};
  std::vector<ListedTest> tests;
  for (const auto& [name, start] :
       {std::pair("a", 0.0), std::pair("b", 0.5), std::pair("c", 1.6), std::pair("d", 1.7)}) {
    records.emplace_back(
        journal::AttemptStarted{at_second(start), std::string("attempt of ") + name, {name, 1, 2}});
    tests.push_back(listed(name));
  }
  for (const char* name : {"a", "b", "c", "d"})
    records.emplace_back(sample_result(name, Outcome::kPassed));
  const SuiteReport report =
      make_suite_report(sample_history(records), with_listing(tests), at_second(9));
  std::vector<std::size_t> slots;
  for (const TimelineEntry& entry : report.timeline()) slots.push_back(entry.slot);
  EXPECT_THAT(slots, ElementsAre(0, 1, 0, 2));
}

}  // namespace
}  // namespace specguard::session
