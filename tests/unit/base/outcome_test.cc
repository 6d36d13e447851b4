#include "base/outcome.h"

#include <gtest/gtest.h>

namespace specguard::base {
namespace {

TEST(OutcomeTest, EveryOutcomeHasANameThatParsesBack) {
  for (int i = 0; i <= static_cast<int>(Outcome::kLauncherError); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    EXPECT_EQ(parse_outcome(outcome_name(outcome)), outcome) << outcome_name(outcome);
  }
}

TEST(OutcomeTest, AnUnknownWordIsNoOutcome) {
  EXPECT_EQ(parse_outcome("Passed"), std::nullopt);
  EXPECT_EQ(parse_outcome(""), std::nullopt);
}

TEST(OutcomeTest, OnlyPassedAndSkippedLeaveNothingToDo) {
  int successes = 0;
  for (int i = 0; i <= static_cast<int>(Outcome::kLauncherError); ++i)
    successes += is_success(static_cast<Outcome>(i));
  EXPECT_EQ(successes, 2);
  EXPECT_TRUE(is_success(Outcome::kPassed));
  EXPECT_TRUE(is_success(Outcome::kSkipped));
}

}  // namespace
}  // namespace specguard::base
