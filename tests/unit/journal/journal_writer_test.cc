#include "journal/journal_writer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <thread>

#include "harness.h"
#include "journal/fold.h"
#include "sample_records.h"

namespace specguard::journal {
namespace {

using base::Outcome;
using testing::TempDir;

TEST(JournalWriterTest, ManyWritersLoseNothing) {
  const TempDir directory;
  const auto path = directory.write("journal.jsonl", "");
  constexpr int kWriters = 4;
  constexpr int kRecords = 200;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.emplace_back([&path, w] {
      auto writer = JournalWriter::open(path);
      ASSERT_TRUE(writer);
      for (int i = 0; i < kRecords; ++i) {
        const std::string id = std::to_string(w) + "." + std::to_string(i);
        ASSERT_TRUE(writer->append(finished("t" + id, id, Outcome::kPassed)));
      }
    });
  for (std::thread& writer : writers) writer.join();
  const auto folded = fold_journal(path);
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->state.counts().of(Outcome::kPassed), kWriters * kRecords);
  EXPECT_EQ(folded->account.damaged, 0u);
}

TEST(JournalWriterTest, ATornTailDoesNotSwallowTheNextRecord) {
  const TempDir directory;
  const std::string first = encode_record(finished("first", "1", Outcome::kPassed));
  for (std::size_t cut = 0; cut < first.size(); cut += 7) {
    const auto path = directory.write("journal.jsonl", first + first.substr(0, cut));
    auto writer = JournalWriter::open(path);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(finished("second", "2", Outcome::kFailed)));
    const auto folded = fold_journal(path);
    ASSERT_TRUE(folded);
    EXPECT_EQ(folded->state.tests().size(), 2u) << "cut at " << cut;
  }
}

TEST(JournalWriterTest, AFullDiskIsAnErrorThatNamesTheFile) {
  auto writer = JournalWriter::open("/dev/full");
  ASSERT_TRUE(writer);
  const auto appended = writer->append(SessionFinished{});
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().errno_value(), ENOSPC);
  EXPECT_EQ(appended.error().message(), "append record to /dev/full: No space left on device");
}

TEST(JournalWriterTest, NoJournalIsAnError) {
  EXPECT_EQ(JournalWriter::open("/nonexistent/journal.jsonl").error().errno_value(), ENOENT);
}

}  // namespace
}  // namespace specguard::journal
