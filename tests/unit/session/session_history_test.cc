#include "session/session_history.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness.h"
#include "report_samples.h"
#include "session/session_store.h"

namespace specguard::session {
namespace {

using base::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SessionHistoryTest : public ::testing::Test {
 protected:
  void write(const std::string& id, const std::string& text) const {
    std::filesystem::create_directories(state_.session(id));
    std::ofstream(state_.journal(id), std::ios::binary) << text;
  }
  void session(const std::string& id, std::uint64_t number,
               std::vector<journal::Record> records) const {
    journal::SessionStarted start = sample_start(id, number);
    start.continues = number > 1 ? "s" + std::to_string(number - 1) : "";
    std::string text = journal::encode_record(start);
    for (const journal::Record& record : records) text += journal::encode_record(record);
    write(id, text);
  }
  std::optional<SessionHistory> read() const {
    auto history = read_session_history(state_);
    EXPECT_TRUE(history.ok()) << history.error().message();
    return history ? std::move(*history) : std::nullopt;
  }

  testing::TempDir build_;
  const journal::StateDirectory state_{build_.path()};
};

TEST_F(SessionHistoryTest, ThereMayBeNone) {
  EXPECT_FALSE(read().has_value());
}

TEST_F(SessionHistoryTest, FollowsTheChainByNumberAndNotByTime) {
  session("s3", 3, {journal::SessionFinished{at_second(30)}});
  session("s1", 1, {sample_result("a", Outcome::kPassed)});
  session("s2", 2, {sample_result("b", Outcome::kPassed)});
  const auto history = read();
  ASSERT_TRUE(history.has_value());
  std::vector<std::string> ids;
  for (const SessionRecord& record : history->sessions) ids.push_back(record.id);
  EXPECT_THAT(ids, ElementsAre("s1", "s2", "s3"));
  EXPECT_EQ(history->state, SessionState::kFinished);
  EXPECT_EQ(history->newest().last, at_second(30));
}

TEST_F(SessionHistoryTest, ADeadSessionDiedAndAStoppedOneWasStopped) {
  session("s1", 1, {sample_result("a", Outcome::kPassed)});
  EXPECT_EQ(read()->state, SessionState::kDied);
  session("s1", 1, {journal::SessionStopped{at_second(9), {journal::StopKind::kGuard, "memory"}}});
  EXPECT_EQ(read()->state, SessionState::kStopped);
  EXPECT_EQ(read()->stop->message, "memory");
}

TEST_F(SessionHistoryTest, ALivingOwnerIsARunningSession) {
  journal::SessionStarted start = sample_start("s1", 1);
  start.owner = *process_key(::getpid());
  write("s1", journal::encode_record(start));
  EXPECT_EQ(read()->state, SessionState::kRunning);
  ASSERT_TRUE(request_stop(state_, "s1", {journal::StopKind::kGuard, "memory"}).ok());
  EXPECT_EQ(read()->state, SessionState::kStopping);
}

TEST_F(SessionHistoryTest, DamageIsANoteAndANewerFormatAnError) {
  session("s1", 1, {sample_result("a", Outcome::kPassed), sample_result("b", Outcome::kPassed)});
  std::string text = testing::read_text(state_.journal("s1"));
  const std::size_t second = text.find('\n') + 1;
  std::string damaged = text;
  damaged[second + 40] ^= 1;
  write("s1", damaged);
  const auto history = read();
  EXPECT_EQ(history->newest().state.tests().size(), 1U);
  ASSERT_EQ(history->notes.size(), 1U);
  EXPECT_THAT(history->notes[0], HasSubstr("1 damaged record"));

  damaged = text;
  damaged[20] ^= 1;  // in the session's own record
  write("s1", damaged);
  EXPECT_EQ(read()->newest().state.tests().size(), 2U);

  write("s1", "nothing of ours\n");
  const auto nothing = read_session_history(state_);
  ASSERT_FALSE(nothing.ok());
  EXPECT_THAT(nothing.error().message(), HasSubstr("no record in it is whole"));
}

TEST_F(SessionHistoryTest, AForgottenEarlierSessionTakesNothingAway) {
  session("s2", 2, {sample_result("b", Outcome::kPassed), journal::SessionFinished{}});
  EXPECT_EQ(read()->sessions.size(), 1U);
  EXPECT_THAT(read()->notes, IsEmpty());
}

// A link back to itself, which only damage or a person can make, once looped.
TEST_F(SessionHistoryTest, ALoopEnds) {
  journal::SessionStarted start = sample_start("s1", 1);
  start.continues = "s1";
  write("s1", journal::encode_record(start));
  EXPECT_EQ(read()->sessions.size(), 1U);
}

TEST_F(SessionHistoryTest, KnowsDurationsOfSessionsOutsideTheChain) {
  session("s1", 1, {sample_result("a", Outcome::kPassed)});
  journal::SessionStarted fresh = sample_start("s9", 9);
  write("s9", journal::encode_record(fresh));
  const auto history = read();
  EXPECT_EQ(history->sessions.size(), 1U);
  const auto durations = earlier_durations(state_, *history);
  ASSERT_TRUE(durations.contains("a"));
  EXPECT_EQ(durations.at("a"), std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace specguard::session
