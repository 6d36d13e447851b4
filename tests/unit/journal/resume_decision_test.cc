#include "journal/resume_decision.h"

#include <gtest/gtest.h>

#include <functional>

namespace specguard::journal {
namespace {

using base::Outcome;

// Every combination: 2 * 2 * 15 * 2 * 2 * 2 * 4 * 3 * 3 = 17 280 questions.
void for_every_question(const std::function<void(const ResumeQuestion&)>& ask) {
  ResumeQuestion q;
  for (int bits = 0; bits < 32; ++bits)
    for (int outcome = -1; outcome <= static_cast<int>(Outcome::kLauncherError); ++outcome)
      for (unsigned crashes = 0; crashes < 4; ++crashes)
        for (unsigned recorded = 0; recorded < 3; ++recorded)
          for (unsigned made = 0; made < 3; ++made) {
            q.resumes = (bits & 1) != 0;
            q.is_recorded = (bits & 2) != 0;
            q.same_content = (bits & 4) != 0;
            q.same_command = (bits & 8) != 0;
            q.must_run = (bits & 16) != 0;
            q.outcome = outcome < 0 ? std::nullopt : std::optional(static_cast<Outcome>(outcome));
            q.crashes_in_a_row = crashes;
            q.attempts_recorded = recorded;
            q.attempts_made = made;
            ask(q);
          }
}

TEST(ResumeDecisionTest, ReplaysExactlyWhatIsKnownToHavePassedUnchanged) {
  int replays = 0;
  for_every_question([&](const ResumeQuestion& q) {
    const bool expected = q.resumes && q.is_recorded && q.same_content && q.same_command &&
                          !q.must_run && q.crashes_in_a_row < 2 &&
                          (q.outcome == Outcome::kPassed || q.outcome == Outcome::kSkipped) &&
                          q.attempts_made < q.attempts_recorded;
    EXPECT_EQ(decide(q).decision == Decision::kReplay, expected);
    replays += expected;
  });
  EXPECT_EQ(replays, 2 * 2 * 3);  // outcomes, crashes 0 and 1, (made < recorded) pairs
}

TEST(ResumeDecisionTest, QuarantinesExactlyTheUnchangedAfterTwoCrashes) {
  for_every_question([&](const ResumeQuestion& q) {
    const bool expected =
        q.resumes && q.is_recorded && q.same_content && q.same_command && q.crashes_in_a_row >= 2;
    EXPECT_EQ(decide(q).decision == Decision::kQuarantine, expected);
  });
}

TEST(ResumeDecisionTest, SaysWhy) {
  for_every_question([&](const ResumeQuestion& q) { EXPECT_FALSE(decide(q).why.empty()); });
}

}  // namespace
}  // namespace specguard::journal
