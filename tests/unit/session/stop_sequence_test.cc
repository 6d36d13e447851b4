#include "session/stop_sequence.h"

#include <gtest/gtest.h>

namespace specguard::session {
namespace {

using std::chrono::milliseconds;
using Step = StopSequence::Step;

base::MonotonicTime at(int ms) {
  return base::MonotonicTime(std::chrono::hours(1)) + milliseconds(ms);
}

TEST(StopSequence, DoesNothingUntilItIsAsked) {
  StopSequence sequence;
  EXPECT_FALSE(sequence.active());
  EXPECT_EQ(sequence.next(at(0), true), Step::kNone);
  EXPECT_EQ(sequence.next(at(99'999), false), Step::kNone);
}

TEST(StopSequence, TermThenKillThenAnEndWhateverHappens) {
  StopSequence sequence;
  sequence.request(at(0));
  EXPECT_TRUE(sequence.active());
  EXPECT_EQ(sequence.next(at(0), true), Step::kTerminate);
  EXPECT_EQ(sequence.next(at(3'999), true), Step::kTerminate);
  EXPECT_EQ(sequence.next(at(4'000), true), Step::kKill);
  EXPECT_EQ(sequence.next(at(5'499), true), Step::kKill);
  EXPECT_EQ(sequence.next(at(5'500), true), Step::kDone);  // 1.5 s of the 7 are left for the rest
}

TEST(StopSequence, IsDoneAsSoonAsNothingIsLeft) {
  StopSequence sequence;
  sequence.request(at(0));
  EXPECT_EQ(sequence.next(at(300), true), Step::kTerminate);
  EXPECT_EQ(sequence.next(at(350), false), Step::kDone);
}

TEST(StopSequence, ASecondRequestKillsAtOnce) {
  StopSequence sequence;
  sequence.request(at(0));
  sequence.request(at(1'000));
  EXPECT_EQ(sequence.next(at(1'000), true), Step::kKill);
  EXPECT_EQ(sequence.next(at(2'499), true), Step::kKill);
  EXPECT_EQ(sequence.next(at(2'500), true), Step::kDone);
}

// `timeout`, npm and others pass a Ctrl-C on that the terminal has delivered already.
TEST(StopSequence, OneRequestThatArrivesTwiceIsOne) {
  StopSequence sequence;
  sequence.request(at(0));
  sequence.request(at(50));
  EXPECT_EQ(sequence.next(at(1'000), true), Step::kTerminate);
}

TEST(StopSequence, ARequestWhileKillingDoesNotProlongIt) {
  StopSequence sequence;
  sequence.request(at(0));
  sequence.request(at(1'000));
  sequence.request(at(2'000));
  sequence.request(at(5'000));
  EXPECT_EQ(sequence.next(at(2'500), true), Step::kDone);
}

}  // namespace
}  // namespace specguard::session
