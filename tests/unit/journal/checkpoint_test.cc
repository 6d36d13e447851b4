#include "journal/checkpoint.h"

#include <gtest/gtest.h>

#include "harness.h"
#include "sample_records.h"

namespace specguard::journal {
namespace {

Checkpoint sample() {
  SuiteState state;
  for (Record& record : sample_records()) state.apply(std::move(record));
  Checkpoint checkpoint;
  checkpoint.session = "s1";
  checkpoint.number = 7;
  checkpoint.stop = {StopKind::kGuard, "memory at 95 % \xff"};
  checkpoint.tests = state.carried_over(false);
  return checkpoint;
}

TEST(CheckpointTest, ReadsBackWhatWasWritten) {
  const testing::TempDir directory;
  ASSERT_TRUE(write_checkpoint(directory / "c.json", sample()));
  const auto read = read_checkpoint(directory / "c.json");
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_TRUE(*read);
  EXPECT_EQ((*read)->tests.size(), 3u);
  EXPECT_EQ((*read)->tests[2].test.name, "not utf-8 \xff\xfe");
  EXPECT_EQ((*read)->counts().succeeded(), 2u);
  EXPECT_EQ(encode_checkpoint(**read), testing::read_text(directory / "c.json"));
}

TEST(CheckpointTest, NoneIsNoError) {
  const auto read = read_checkpoint("/nonexistent/checkpoint.json");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->has_value());
}

TEST(CheckpointTest, CutOrDamagedAnywhereItIsRefusedOrMeansTheSame) {
  const std::string text = encode_checkpoint(sample());
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const auto read = parse_checkpoint(damaged, "c");
    EXPECT_TRUE(!read || encode_checkpoint(*read) == text) << "byte " << i;
    // Only the last newline may be missing.
    EXPECT_TRUE(i + 2 >= text.size() || !parse_checkpoint(text.substr(0, i), "c")) << i;
  }
}

TEST(CheckpointTest, ANewerFormatIsRefusedWithTheRemedy) {
  const auto read = parse_checkpoint("{\"version\": 2}", "checkpoint.json");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("newer test-launcher"), std::string::npos);
}

// Two sessions may live in one tree: each sees what the other has left meanwhile.
TEST(CheckpointFileTest, SeesThatTheFileIsAnotherOneByThen) {
  const testing::TempDir directory;
  CheckpointFile file(directory / "c.json");
  const auto has_session = [&](const std::string& id) {
    const auto read = file.read();
    return read && *read != nullptr && (**read ? (**read)->session : "") == id;
  };
  EXPECT_TRUE(has_session(""));
  Checkpoint checkpoint = sample();
  ASSERT_TRUE(write_checkpoint(directory / "c.json", checkpoint));
  EXPECT_TRUE(has_session("s1"));
  EXPECT_TRUE(has_session("s1"));
  checkpoint.session = "s2";
  ASSERT_TRUE(write_checkpoint(directory / "c.json", checkpoint));
  EXPECT_TRUE(has_session("s2"));
  directory.write("c.json", "{");
  EXPECT_FALSE(file.read());
  EXPECT_FALSE(file.read());
  std::filesystem::remove(directory / "c.json");
  EXPECT_TRUE(has_session(""));
}

}  // namespace
}  // namespace specguard::journal
