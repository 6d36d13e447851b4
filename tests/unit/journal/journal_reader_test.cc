#include "journal/journal_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "journal/checksum.h"
#include "sample_records.h"

namespace specguard::journal {
namespace {

struct Sample {
  std::string text;
  std::vector<std::string> lines;
};

Sample sample() {
  Sample sample;
  for (const Record& record : sample_records()) {
    sample.lines.push_back(encode_record(record));
    sample.text += sample.lines.back();
  }
  return sample;
}

// What was read, encoded again: equality of all members at once.
std::vector<std::string> read_lines(std::string_view text, JournalAccount* account = nullptr) {
  std::vector<std::string> lines;
  const auto read = read_records(text, "test", [&](Record&& record, std::uint64_t, std::uint64_t) {
    lines.push_back(encode_record(record));
  });
  EXPECT_TRUE(read);
  if (read && account != nullptr) *account = *read;
  return lines;
}

std::string sealed(const std::string& rest) {
  return fmt::format("{{\"sum\":\"{:08x}\",{}\n", crc32c(rest), rest);
}

TEST(ChecksumTest, IsCastagnolis) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(JournalReaderTest, GivesBackEveryKindOfRecord) {
  JournalAccount account;
  EXPECT_EQ(read_lines(sample().text, &account), sample().lines);
  EXPECT_EQ(account.records, sample().lines.size());
  EXPECT_EQ(account.damaged, 0u);
  EXPECT_FALSE(account.torn_tail);
}

TEST(JournalReaderTest, CutAtAnyByteGivesAllThatIsWholeBefore) {
  const Sample whole = sample();
  std::size_t line = 0;
  std::size_t line_end = whole.lines[0].size();
  for (std::size_t size = 0; size <= whole.text.size(); ++size) {
    if (line < whole.lines.size() && size == line_end + 1 && line + 1 < whole.lines.size())
      line_end += whole.lines[++line].size();
    JournalAccount account;
    const auto lines = read_lines(std::string_view(whole.text).substr(0, size), &account);
    // A record that lacks nothing but its newline is whole.
    const std::size_t expected = size + 1 >= line_end ? line + 1 : line;
    ASSERT_EQ(lines.size(), expected) << "cut at " << size;
    EXPECT_EQ(account.damaged, 0u) << "cut at " << size;
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], whole.lines[i]);
  }
}

TEST(JournalReaderTest, AnyDamagedByteLosesOneRecordAtMost) {
  const Sample whole = sample();
  for (std::size_t at = 0; at < whole.text.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\x2a', '\xff'}) {
      std::string text = whole.text;
      text[at] = static_cast<char>(text[at] ^ flip);
      const auto lines = read_lines(text);
      ASSERT_GE(lines.size() + 1, whole.lines.size()) << "byte " << at;
      std::size_t i = 0;  // what was read is what was written, one left out
      for (const std::string& line : lines) {
        while (i < whole.lines.size() && whole.lines[i] != line) ++i;
        ASSERT_LT(i++, whole.lines.size()) << "byte " << at << " made up a record";
      }
    }
  }
}

TEST(JournalReaderTest, ZerosThatAPowerLossLeftAreSkipped) {
  const Sample whole = sample();
  JournalAccount account;
  const auto lines =
      read_lines(whole.lines[0] + std::string(4096, '\0') + whole.lines[1] + "\n", &account);
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(account.damaged, 1u);
}

TEST(JournalReaderTest, ANewerFormatIsRefused) {
  const auto read = read_records(sealed("\"kind\":\"end\",\"v\":2}"), "j.jsonl",
                                 [](Record&&, std::uint64_t, std::uint64_t) {});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("j.jsonl: written by a newer test-launcher"),
            std::string::npos);
}

TEST(JournalReaderTest, WhatHasARightSumAndNoSenseIsDamage) {
  for (const char* rest :
       {"}", "\"v\":1}", "\"kind\":\"started\",\"v\":1}", "\"kind\":\"end\",\"at\":5,\"v\":1}",
        "\"kind\":\"finished\",\"at\":\"2026-01-01T00:00:00.000Z\",\"name\":\"x\",\"outcome\":"
        "\"good\",\"v\":1}",
        "\"kind\":\"end\",\"at\":\"2026-13-01T00:00:00.000Z\",\"v\":1}",
        // Found by fuzzing: years beyond the clock's nanoseconds overflowed it.
        "\"kind\":\"end\",\"at\":\"4052-11-26T17:05:52.110Z\",\"v\":1}",
        "\"kind\":\"end\",\"at\":\"1066-10-14T09:00:00.000Z\",\"v\":1}",
        "\"kind\":\"end\",\"at\":\"2026-01-01T24:00:00.000Z\",\"v\":1}",
        "\"kind\":\"finished\",\"name\":\"x\",\"outcome\":\"passed\",\"usage\":{\"user_us\":-1},"
        "\"v\":1}",
        "\"kind\":\"end\",\"v\":0}", "[[[["}) {
    JournalAccount account;
    EXPECT_TRUE(read_lines(sealed(rest), &account).empty()) << rest;
    EXPECT_EQ(account.damaged, 1u) << rest;
  }
}

TEST(RecordTest, NeverGrowsBeyondItsBound) {
  AttemptFinished record = finished("t", "a", base::Outcome::kFailed);
  for (int i = 0; i < 3000; ++i)
    record.result.examples.push_back(
        {"example", base::ExampleResult::Status::kFailed, std::string(1000, 'x'), std::nullopt});
  const std::string line = encode_record(record);
  EXPECT_LE(line.size(), kMaxRecordBytes);
  EXPECT_TRUE(std::holds_alternative<Record>(decode_record(line)));
}

// 600 failures with long texts once lost every word of them.
TEST(RecordTest, ShortensMessagesBeforeItDropsThem) {
  AttemptFinished record = finished("t", "a", base::Outcome::kFailed);
  for (int i = 0; i < 600; ++i)
    record.result.examples.push_back({"example", base::ExampleResult::Status::kFailed,
                                      "expected 1" + std::string(3000, 'x'), std::nullopt});
  record.result.output_tail = "the end";
  const std::string line = encode_record(record);
  EXPECT_LE(line.size(), kMaxRecordBytes);
  const auto decoded = decode_record(line);
  ASSERT_TRUE(std::holds_alternative<Record>(decoded));
  const auto& back = std::get<AttemptFinished>(std::get<Record>(decoded));
  ASSERT_EQ(back.result.examples.size(), 600u);
  EXPECT_TRUE(back.result.examples.back().message.starts_with("expected 1x"));
  EXPECT_EQ(back.result.output_tail, "the end");
}

}  // namespace
}  // namespace specguard::journal
