#include "supervise/output_tail.h"

#include <gtest/gtest.h>

namespace specguard::supervise {
namespace {

TEST(OutputTail, KeepsAllOfALittle) {
  OutputTail tail;
  EXPECT_EQ(tail.text(), "");
  tail.add("one\n");
  tail.add("\x1b[31mtwo\x1b[0m\n\n");
  EXPECT_EQ(tail.text(), "one\ntwo");
}

TEST(OutputTail, KeepsTheEndFromTheStartOfALine) {
  for (const std::size_t chunk : {1u, 7u, 4096u, 50'000u}) {
    std::string output;
    for (int i = 0; i < 5000; ++i) output += "line " + std::to_string(i) + "\n";
    OutputTail tail;
    for (std::size_t at = 0; at < output.size(); at += chunk) tail.add(output.substr(at, chunk));
    const std::string text = tail.text();
    EXPECT_LE(text.size(), OutputTail::kMaxBytes);
    EXPECT_GT(text.size(), OutputTail::kMaxBytes - 20);
    EXPECT_TRUE(text.starts_with("line ")) << text.substr(0, 20);
    EXPECT_TRUE(text.ends_with("\nline 4999"));
  }
}

TEST(OutputTail, ALineWithoutAnEndIsCutAnywhere) {
  OutputTail tail;
  for (int i = 0; i < 100; ++i) tail.add(std::string(1000, 'x'));
  EXPECT_EQ(tail.text(), std::string(OutputTail::kMaxBytes, 'x'));
}

}  // namespace
}  // namespace specguard::supervise
