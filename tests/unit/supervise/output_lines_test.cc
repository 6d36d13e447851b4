#include "supervise/output_lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace specguard::supervise {
namespace {

std::vector<std::string> lines_of(std::string_view text, std::size_t chunk_bytes) {
  std::vector<std::string> lines;
  const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
  OutputLines reader;
  for (std::size_t at = 0; at < text.size(); at += chunk_bytes)
    reader.read(text.substr(at, chunk_bytes), keep);
  reader.finish(keep);
  return lines;
}

TEST(OutputLinesTest, EveryKindOfLineEndForAnyChunking) {
  const std::vector<std::string> expected = {"a", "b", "", "c", "", "d"};
  for (std::size_t chunk_bytes = 1; chunk_bytes < 14; ++chunk_bytes)
    EXPECT_EQ(lines_of("a\r\nb\n\nc\r\rd", chunk_bytes), expected) << chunk_bytes;
}

TEST(OutputLinesTest, ALongLineIsCutAndTheNextIsWhole) {
  const auto lines = lines_of(std::string(1 << 20, 'x') + "\nnext\n", 1000);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), OutputLines::kMaxLineBytes);
  EXPECT_EQ(lines[1], "next");
}

TEST(StripEscapesTest, TakesSequencesAndLeavesText) {
  EXPECT_EQ(strip_escapes("\x1b[1;31mred\x1b[0m plain"), "red plain");
  EXPECT_EQ(strip_escapes("\x1b]0;title\aa\x1b]8;;http://x\x1b\\b"), "ab");
  EXPECT_EQ(strip_escapes("\x1b(Ba\x1b=b"), "ab");
  EXPECT_EQ(strip_escapes("a\x1b"), "a");
  EXPECT_EQ(strip_escapes("a\x1b[12"), "a");
  EXPECT_EQ(strip_escapes("\x1b]never ends"), "never ends");
}

}  // namespace
}  // namespace specguard::supervise
