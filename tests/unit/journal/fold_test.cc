#include "journal/fold.h"

#include <gtest/gtest.h>

#include "sample_records.h"

namespace specguard::journal {
namespace {

using base::Outcome;

SuiteState fold(std::vector<Record> records) {
  SuiteState state;
  for (Record& record : records) state.apply(std::move(record));
  return state;
}

TEST(FoldTest, KnowsWhatIsDoneAndWhatIsInFlight) {
  const auto state =
      fold({started("a", "1"), finished("a", "1", Outcome::kPassed), started("b", "2")});
  EXPECT_EQ(state.counts().total, 2u);
  EXPECT_EQ(state.counts().succeeded(), 1u);
  EXPECT_EQ(state.counts().in_flight, 1u);
  EXPECT_TRUE(state.find("b")->in_flight);
  EXPECT_EQ(state.find("c"), nullptr);
}

TEST(FoldTest, AnEndWhoseStartWasLostCounts) {
  EXPECT_EQ(fold({finished("a", "1", Outcome::kFailed)}).counts().of(Outcome::kFailed), 1u);
}

TEST(FoldTest, RepeatedAttemptsAreKeptApart) {
  const auto state = fold({started("a", "1"), started("a", "2"),
                           finished("a", "1", Outcome::kAborted)});  // late: 2 runs by now
  EXPECT_TRUE(state.find("a")->in_flight);
  const auto repeated = fold({started("a", "1"), finished("a", "1", Outcome::kFailed),
                              started("a", "2"), finished("a", "2", Outcome::kPassed)});
  EXPECT_EQ(repeated.find("a")->attempts, 2u);
  EXPECT_EQ(repeated.find("a")->result.outcome, Outcome::kPassed);
}

TEST(FoldTest, CrashesInARowAreCountedOverSessions) {
  std::vector<TestState> carried = fold({started("a", "1")}).carried_over(false);
  EXPECT_EQ(carried[0].crashes_in_a_row, 1u);
  EXPECT_FALSE(carried[0].finished);
  const auto again = fold({carried[0], started("a", "2")}).carried_over(false);
  EXPECT_EQ(again[0].crashes_in_a_row, 2u);
  const auto ended = fold({carried[0], started("a", "2"), finished("a", "2", Outcome::kCrashed)});
  EXPECT_EQ(ended.carried_over(false)[0].crashes_in_a_row, 0u);
  const auto aborted = fold({carried[0], started("a", "2"), finished("a", "2", Outcome::kAborted)});
  EXPECT_EQ(aborted.carried_over(false)[0].crashes_in_a_row, 1u) << "Ctrl-C proves nothing";
  const auto quarantined =
      fold({again[0], finished("a", "3", Outcome::kNotRun, Origin::kQuarantined)});
  EXPECT_EQ(quarantined.carried_over(false)[0].crashes_in_a_row, 2u);
}

TEST(FoldTest, InADegradedSessionUnfinishedIsNoCrash) {
  EXPECT_EQ(fold({started("a", "1")}).carried_over(true)[0].crashes_in_a_row, 0u);
}

TEST(FoldTest, AnEditedTestIsNotGuiltyOfItsPast) {
  TestState carried = fold({started("a", "1")}).carried_over(false)[0];
  carried.crashes_in_a_row = 2;
  AttemptStarted edited = started("a", "2");
  edited.test.content = 99;
  EXPECT_EQ(fold({carried, edited}).carried_over(false)[0].crashes_in_a_row, 1u);
}

TEST(FoldTest, NotRunDoesNotUnmakeAPass) {
  const auto passed = fold({finished("a", "1", Outcome::kPassed)}).carried_over(false)[0];
  const auto state = fold({passed, finished("a", "2", Outcome::kNotRun, Origin::kStopped)});
  EXPECT_EQ(state.find("a")->result.outcome, Outcome::kPassed);
}

TEST(FoldTest, TheFirstStopIsTheCause) {
  const auto state = fold({SessionStopped{{}, {StopKind::kGuard, "memory"}},
                           SessionStopped{{}, {StopKind::kInterrupted, "Ctrl-C"}}});
  EXPECT_EQ(state.stop()->kind, StopKind::kGuard);
}

}  // namespace
}  // namespace specguard::journal
