// What a session's end does to the checkpoint of an earlier one.
#include "session/checkpoint_update.h"

#include <gmock/gmock.h>

namespace specguard::session {
namespace {

using base::Outcome;
using journal::Checkpoint;
using journal::StopKind;
using journal::SuiteState;
using journal::TestState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Session {
 public:
  explicit Session(const std::string& selection = "", const std::string& continues = "") {
    journal::SessionStarted started;
    started.session = "now";
    started.number = 2;
    started.selection = selection;
    started.continues = continues;
    state_.apply(started);
  }

  Session& ended(const std::string& name, Outcome outcome) {
    journal::AttemptFinished finished;
    finished.test.name = name;
    finished.result.outcome = outcome;
    state_.apply(finished);
    return *this;
  }
  Session& in_flight(const std::string& name) {
    journal::AttemptStarted started;
    started.test.name = name;
    state_.apply(started);
    return *this;
  }
  Session& took_over(const TestState& test) {
    state_.apply(test);
    return *this;
  }

  std::optional<Checkpoint> update(
      const std::optional<Checkpoint>& before, std::optional<StopKind> stop,
      std::optional<std::vector<std::string>> selected = std::nullopt) const {
    EndedSession session{.id = "now", .state = state_, .selected = std::move(selected)};
    if (stop) session.stop = journal::StopReason{*stop, "why"};
    return update_checkpoint(before, session, {});
  }

 private:
  SuiteState state_;
};

TestState state_of(const std::string& name, Outcome outcome) {
  TestState state;
  state.test.name = name;
  state.finished = true;
  state.replayed = true;
  state.result.outcome = outcome;
  return state;
}

Checkpoint interrupted(std::vector<TestState> tests, const std::string& selection = "") {
  Checkpoint checkpoint;
  checkpoint.session = "before";
  checkpoint.selection = selection;
  checkpoint.stop = {StopKind::kGuard, "memory"};
  checkpoint.tests = std::move(tests);
  return checkpoint;
}

std::vector<std::string> names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const TestState& test : checkpoint.tests) names.push_back(test.test.name);
  return names;
}

TEST(CheckpointUpdateTest, ASessionThatCameToItsEndRemovesTheOneItCovers) {
  const auto before = interrupted({state_of("a", Outcome::kPassed)}, "-L unit");
  EXPECT_FALSE(Session().update(before, std::nullopt));
  EXPECT_FALSE(Session("-L unit").update(before, std::nullopt));
  EXPECT_FALSE(Session("-R a").update(std::nullopt, std::nullopt));
}

// A finished narrower `run` once removed the checkpoint of the whole suite.
TEST(CheckpointUpdateTest, ANarrowerSessionThatCameToItsEndKeepsTheRest) {
  const auto before =
      interrupted({state_of("a", Outcome::kPassed), state_of("b", Outcome::kAborted)});
  const auto after = Session("-R b").ended("b", Outcome::kPassed).update(before, std::nullopt);
  ASSERT_TRUE(after);
  EXPECT_THAT(names(*after), ElementsAre("a", "b"));
  EXPECT_EQ(after->tests[1].result.outcome, Outcome::kPassed);
  EXPECT_EQ(after->stop.kind, StopKind::kGuard);
  EXPECT_THAT(after->selection, IsEmpty());
}

// An interrupted narrower session once took the place of the whole suite's results.
TEST(CheckpointUpdateTest, ANarrowerSessionThatWasInterruptedKeepsTheRest) {
  const auto before = interrupted({state_of("a", Outcome::kPassed)});
  const auto after = Session("-R b").in_flight("b").update(before, StopKind::kDied);
  ASSERT_TRUE(after);
  EXPECT_THAT(names(*after), ElementsAre("a", "b"));
  EXPECT_EQ(after->stop.kind, StopKind::kDied);
}

TEST(CheckpointUpdateTest, AnInterruptedSessionOfTheWholeSuiteBeginsAnew) {
  const auto before = interrupted({state_of("a", Outcome::kPassed)});
  const auto after = Session().ended("b", Outcome::kPassed).update(before, StopKind::kDied);
  ASSERT_TRUE(after);
  EXPECT_THAT(names(*after), ElementsAre("b"));
}

TEST(CheckpointUpdateTest, OnlyTheWholeSuiteCoversTwoSelections) {
  const auto before = interrupted({state_of("a", Outcome::kPassed)}, "-L unit");
  const auto after = Session("-L slow").update(before, StopKind::kGuard);
  ASSERT_TRUE(after);
  EXPECT_THAT(after->selection, IsEmpty());
}

TEST(CheckpointUpdateTest, APartOfWhatItTookOverKeepsItsSelection) {
  const auto before = interrupted({state_of("a", Outcome::kPassed)}, "-L unit");
  const auto after = Session("-R b", "before").update(before, StopKind::kGuard);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->selection, "-L unit");
}

// `ctest --rerun-failed` runs what is left and no more; when all is known, nothing remains.
TEST(CheckpointUpdateTest, WhatWasLeftHavingRunTheCheckpointGoes) {
  auto before = interrupted({state_of("a", Outcome::kPassed), state_of("b", Outcome::kNotRun)});
  before.all_known = true;
  before.not_started = {"c"};
  const auto rerun = [&](Outcome b, bool with_c) {
    Session session("--rerun-failed", "before");
    for (const TestState& test : before.tests) session.took_over(test);
    session.ended("b", b);
    if (with_c) session.ended("c", Outcome::kFailed);
    return session.update(before, std::nullopt);
  };
  EXPECT_FALSE(rerun(Outcome::kPassed, true));
  EXPECT_FALSE(rerun(Outcome::kFailed, true));
  EXPECT_TRUE(rerun(Outcome::kAborted, true));
  const auto c_is_left = rerun(Outcome::kPassed, false);
  ASSERT_TRUE(c_is_left);
  EXPECT_THAT(c_is_left->not_started, ElementsAre("c"));
  before.all_known = false;
  EXPECT_TRUE(rerun(Outcome::kPassed, true));
}

TEST(CheckpointUpdateTest, AFailureThatDidNotRunAgainIsLeft) {
  auto before = interrupted({state_of("a", Outcome::kFailed), state_of("b", Outcome::kNotRun)});
  before.all_known = true;
  Session session("-R b", "before");
  for (const TestState& test : before.tests) session.took_over(test);
  EXPECT_TRUE(session.ended("b", Outcome::kPassed).update(before, std::nullopt));
}

TEST(CheckpointUpdateTest, InFlightIsACrashOnlyWhereTheSessionDied) {
  const auto crashes = [](StopKind kind) {
    return Session().in_flight("a").update(std::nullopt, kind)->tests[0].crashes_in_a_row;
  };
  EXPECT_EQ(crashes(StopKind::kDied), 1u);
  EXPECT_EQ(crashes(StopKind::kGuard), 0u);
  EXPECT_EQ(crashes(StopKind::kInterrupted), 0u);
}

TEST(CheckpointUpdateTest, NamesWhatNeverStarted) {
  const auto after =
      Session()
          .ended("a", Outcome::kPassed)
          .update(std::nullopt, StopKind::kGuard, std::vector<std::string>{"a", "b"});
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->all_known);
  EXPECT_THAT(after->not_started, ElementsAre("b"));
}

}  // namespace
}  // namespace specguard::session
