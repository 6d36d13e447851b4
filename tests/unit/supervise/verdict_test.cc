#include "supervise/verdict.h"

#include <gtest/gtest.h>

#include <csignal>

namespace specguard::supervise {
namespace {

using base::Outcome;

Observation ended(int exit_code, int signal = 0) {
  Observation observation;
  observation.ending = {.exit_code = exit_code, .signal = signal};
  if (signal == 0)
    observation.results =
        ResultsVerdict{exit_code == 0 ? Outcome::kPassed : Outcome::kFailed, {}, {}};
  return observation;
}

TEST(JudgeTest, AnEndOfItsOwnIsJudgedByItsOwnWords) {
  EXPECT_EQ(judge(ended(0)).outcome, Outcome::kPassed);
  EXPECT_EQ(judge(ended(3)).outcome, Outcome::kFailed);
  Observation liar = ended(0);
  liar.results = ResultsVerdict{Outcome::kFailed, "1 of 3 examples failed", {}};
  EXPECT_EQ(judge(liar).outcome, Outcome::kFailed);
  EXPECT_EQ(judge(liar).evidence.reason, "1 of 3 examples failed");
}

TEST(JudgeTest, ASignalOfItsOwnIsACrash) {
  const base::AttemptResult result = judge(ended(0, SIGSEGV));
  EXPECT_EQ(result.outcome, Outcome::kCrashed);
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(result.evidence.reason, "died by SIGSEGV");
}

TEST(JudgeTest, TheFirstReasonToStopCountsBeforeAllThatFollowsFromIt) {
  Observation observation = ended(0, SIGTERM);
  observation.stop = StopCause{Outcome::kTimeout, {.reason = "too long"}};
  observation.breach = Breach{Outcome::kOutOfMemory, {}};
  EXPECT_EQ(judge(observation).outcome, Outcome::kTimeout);
}

TEST(JudgeTest, ATestThatNeverBeganMetNoLimitOnItsTime) {
  Observation observation = ended(0, SIGKILL);
  observation.stop = StopCause{Outcome::kTimeout, {.reason = "too long"}};
  observation.breach = Breach{Outcome::kLauncherError, {.reason = "not started"}};
  observation.breach->test_never_began = true;
  EXPECT_EQ(judge(observation).outcome, Outcome::kLauncherError);
  EXPECT_EQ(judge(observation).evidence.reason, "not started");
  observation.stop->outcome = Outcome::kAborted;  // who pressed Ctrl-C knows why
  EXPECT_EQ(judge(observation).outcome, Outcome::kAborted);
}

TEST(JudgeTest, KernelEvidenceOutranksTheSignalItSent) {
  Observation observation = ended(0, SIGKILL);
  observation.breach = Breach{Outcome::kOutOfMemory, {.reason = "out of memory"}};
  EXPECT_EQ(judge(observation).outcome, Outcome::kOutOfMemory);
}

TEST(JudgeTest, ATestThatStoppedCleanlyAfterItsTimeoutIsStillATimeout) {
  Observation observation = ended(0);
  observation.stop = StopCause{Outcome::kTimeout, {}};
  EXPECT_EQ(judge(observation).outcome, Outcome::kTimeout);
}

TEST(JudgeTest, LeaksChangeOnlyAPassAndOnlyByPolicy) {
  const std::vector<base::ProcessNote> left = {{42, "sleep 1000"}};
  for (const LeakPolicy policy : {LeakPolicy::kIgnore, LeakPolicy::kWarn, LeakPolicy::kFail}) {
    Observation passed = ended(0);
    passed.leaked = left;
    passed.leaks = policy;
    EXPECT_EQ(judge(passed).outcome,
              policy == LeakPolicy::kFail ? Outcome::kLeaked : Outcome::kPassed);
    Observation failed = ended(1);
    failed.leaked = left;
    failed.leaks = policy;
    EXPECT_EQ(judge(failed).outcome, Outcome::kFailed);
    EXPECT_EQ(judge(failed).evidence.killed.size(), policy == LeakPolicy::kIgnore ? 0u : 1u);
    Observation crashed = ended(0, SIGSEGV);
    crashed.leaked = left;
    crashed.leaks = policy;
    EXPECT_EQ(judge(crashed).evidence.killed.size(), 1u);
  }
}

struct EndCase {
  Outcome outcome;
  LauncherEnd by_hand;
  LauncherEnd under_ctest;
};

TEST(DecideEndTest, EveryOutcomeEndsSoThatCtestCannotReadItAsAPass) {
  using Kind = LauncherEnd::Kind;
  const LauncherEnd killed{Kind::kSignal, SIGKILL};
  const EndCase cases[] = {
      {Outcome::kPassed, {Kind::kExit, 0}, {Kind::kExit, 0}},
      {Outcome::kFailed, {Kind::kExit, 3}, {Kind::kExit, 3}},
      {Outcome::kSkipped, {Kind::kExit, 77}, {Kind::kExit, 77}},
      {Outcome::kCrashed, {Kind::kSignal, SIGABRT}, {Kind::kSignal, SIGABRT}},
      {Outcome::kTimeout, {Kind::kExit, 124}, killed},
      {Outcome::kIdleTimeout, killed, killed},
      {Outcome::kCpuTime, killed, killed},
      {Outcome::kOutOfMemory, killed, killed},
      {Outcome::kProcessLimit, killed, killed},
      {Outcome::kOutputLimit, killed, killed},
      {Outcome::kLeaked, killed, killed},
      {Outcome::kAborted, killed, killed},
      {Outcome::kNotRun, killed, killed},
      {Outcome::kLauncherError, {Kind::kExit, 125}, killed},
  };
  for (const EndCase& row : cases) {
    base::AttemptResult result;
    result.outcome = row.outcome;
    result.exit_code = row.outcome == Outcome::kFailed ? 3 : 0;
    result.signal = row.outcome == Outcome::kCrashed ? SIGABRT : 0;
    EXPECT_EQ(decide_end(result, {}), row.by_hand) << base::outcome_name(row.outcome);
    EXPECT_EQ(decide_end(result, {.under_ctest = true}), row.under_ctest)
        << base::outcome_name(row.outcome);
  }
}

TEST(DecideEndTest, WhereCtestHasATimerATimeoutIsLeftToIt) {
  base::AttemptResult result;
  result.outcome = Outcome::kTimeout;
  const LauncherEnd end = decide_end(result, {.under_ctest = true, .ctest_has_timer = true});
  EXPECT_EQ(end.kind, LauncherEnd::Kind::kAwaitCtest);
}

TEST(DecideEndTest, AFailureSeenOnlyInTheOutputIsNoExitCodeZero) {
  base::AttemptResult result;
  result.outcome = Outcome::kFailed;
  result.exit_code = 0;
  EXPECT_EQ(decide_end(result, {}), (LauncherEnd{LauncherEnd::Kind::kExit, 1}));
}

TEST(DecideEndTest, AnAbortEndsByTheSignalThatAskedForIt) {
  base::AttemptResult result;
  result.outcome = Outcome::kAborted;
  EXPECT_EQ(decide_end(result, {.stop_signal = SIGINT}),
            (LauncherEnd{LauncherEnd::Kind::kSignal, SIGINT}));
}

}  // namespace
}  // namespace specguard::supervise
