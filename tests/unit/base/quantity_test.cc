#include "base/quantity.h"

#include <gtest/gtest.h>

namespace specguard::base {
namespace {

using std::chrono::milliseconds;

TEST(SizeTest, ReadsWhatPeopleWrite) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"1", 1},
      {"4096", 4096},
      {"1B", 1},
      {"1K", 1024},
      {"1k", 1024},
      {"1KB", 1024},
      {"1KiB", 1024},
      {"512M", 512u << 20},
      {"1.5G", 3ull << 29},
      {"2 GiB", 2ull << 30},
      {"1t", 1ull << 40},
  };
  for (const auto& [text, bytes] : cases) {
    const auto parsed = parse_size_bytes(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(SizeTest, RefusesNonsenseAndQuotesIt) {
  for (const char* text : {"", "M", "-1", "+1", "1e3", "0x10", "1.2.3", "5X", "5MM", "5 M B", ".",
                           "inf", "nan", "١"}) {
    const auto parsed = parse_size_bytes(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message().find(text), std::string::npos) << parsed.error().message();
  }
  EXPECT_FALSE(parse_size_bytes("99999999999T"));
}

TEST(DurationTest, ReadsWhatPeopleWrite) {
  const std::pair<const char*, milliseconds> cases[] = {
      {"0", milliseconds(0)},          {"90", milliseconds(90'000)},
      {"90s", milliseconds(90'000)},   {"5m", milliseconds(300'000)},
      {"0.25", milliseconds(250)},     {"1500ms", milliseconds(1500)},
      {"2h", milliseconds(7'200'000)}, {"1d", milliseconds(86'400'000)},
  };
  for (const auto& [text, duration] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, duration) << text;
  }
}

TEST(DurationTest, RefusesNonsense) {
  for (const char* text : {"", "s", "-5", "5 weeks", "1:30", "11y", "9999999d", "5m30s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(IntegerTest, HoldsItsBounds) {
  EXPECT_EQ(*parse_integer("77", 0, 255), 77);
  for (const char* text : {"", "256", "-1", "7x", " 7", "7.0", "99999999999999999999"})
    EXPECT_FALSE(parse_integer(text, 0, 255)) << text;
}

TEST(NumberTest, HoldsItsBounds) {
  EXPECT_DOUBLE_EQ(*parse_number("1.5", 0, 100), 1.5);
  for (const char* text : {"", "101", "-0.1", "nan", "inf", "1e1", "1,5"})
    EXPECT_FALSE(parse_number(text, 0, 100)) << text;
}

TEST(FormatTest, SizesAndDurationsForPeople) {
  EXPECT_EQ(format_size(312), "312 B");
  EXPECT_EQ(format_size(512u << 20), "512.0 MiB");
  EXPECT_EQ(format_size(3ull << 29), "1.5 GiB");
  EXPECT_EQ(format_duration(milliseconds(310)), "310 ms");
  EXPECT_EQ(format_duration(milliseconds(1250)), "1.25 s");
  EXPECT_EQ(format_duration(std::chrono::seconds(125)), "2 m 05 s");
  EXPECT_EQ(format_duration(std::chrono::hours(3)), "3 h 00 m");
}

}  // namespace
}  // namespace specguard::base
