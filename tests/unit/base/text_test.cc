#include "base/text.h"

#include <gtest/gtest.h>

namespace specguard::base {
namespace {

TEST(PrintableTest, LeavesTextAloneAndDisarmsControls) {
  EXPECT_EQ(printable("plain ünïcode ✓"), "plain ünïcode ✓");
  EXPECT_EQ(printable("\x1b[31mred\n"), "\\x1b[31mred\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // C1 CSI, an escape to some terminals
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xffb");
  EXPECT_EQ(printable(std::string(10, 'x'), 4), "xxxx...");
}

TEST(LastLineTest, IsTheLastThatSaysSomething) {
  EXPECT_EQ(last_line("first\nlast\n"), "last");
  EXPECT_EQ(last_line("first\n  last \r\n \n\n"), "  last");
  EXPECT_EQ(last_line("alone"), "alone");
  EXPECT_EQ(last_line("\n \n"), "");
  EXPECT_EQ(last_line(""), "");
}

TEST(Utf8Test, KnowsWellFormedFromNot) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("ascii é ✓ 😀"));
  for (const char* bad :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    EXPECT_FALSE(is_valid_utf8(bad));
}

}  // namespace
}  // namespace specguard::base
