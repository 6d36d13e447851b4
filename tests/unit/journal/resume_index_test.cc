#include "journal/resume_index.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace specguard::journal {
namespace {

TEST(ResumeIndexTest, FindsEachOfManyAndNothingElse) {
  const testing::TempDir directory;
  std::vector<IndexEntry> entries;
  for (unsigned i = 0; i < 1000; ++i) {
    TestState state;
    state.test = {"test " + std::to_string(i), i, i};
    entries.push_back(make_entry(state, i * 10, i, false));
  }
  ASSERT_TRUE(write_index(directory / "resume.index", entries));
  const auto index = ResumeIndex::open(directory / "resume.index");
  ASSERT_TRUE(index);
  for (unsigned i = 0; i < 1000; ++i) {
    const IndexEntry* entry = index->find("test " + std::to_string(i));
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->offset, i * 10);
    EXPECT_EQ(entry->outcome, kUnfinished);
  }
  EXPECT_EQ(index->find("test 1000"), nullptr);
}

TEST(ResumeIndexTest, CountsAttemptsForAllWhoMapIt) {
  const testing::TempDir directory;
  TestState state;
  state.test.name = "t";
  ASSERT_TRUE(write_index(directory / "i", {make_entry(state, 0, 0, false)}));
  const auto one = ResumeIndex::open(directory / "i");
  const auto other = ResumeIndex::open(directory / "i");
  EXPECT_EQ(count_attempt(*one->find("t")), 0u);
  EXPECT_EQ(count_attempt(*other->find("t")), 1u);
  EXPECT_EQ(count_attempt(*one->find("t")), 2u);
}

TEST(ResumeIndexTest, RefusesWhatIsNoIndex) {
  const testing::TempDir directory;
  for (const char* content : {"", "short", "sixteen bytes xx", "sixteen bytes xx and then more"})
    EXPECT_FALSE(ResumeIndex::open(directory.write("i", content))) << content;
}

}  // namespace
}  // namespace specguard::journal
