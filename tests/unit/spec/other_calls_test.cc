#include "spec/other_calls.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace specguard::spec {
namespace {

namespace fs = std::filesystem;

TEST(WouldTakeTest, IsWhatAWalkWouldTake) {
  const WalkOptions options{{}, {"build", "unit/old_*"}, {}};
  EXPECT_TRUE(would_take("unit/a_spec.spl", options));
  EXPECT_TRUE(would_take("a_test.linux.spl", options));
  EXPECT_FALSE(would_take("unit/a.spl", options));
  EXPECT_FALSE(would_take("unit/old_spec.spl", options));
  EXPECT_FALSE(would_take("build/unit/a_spec.spl", options));
  EXPECT_FALSE(would_take("unit/build/a_spec.spl", options));
  EXPECT_FALSE(would_take(".git/a_spec.spl", options));
  EXPECT_FALSE(would_take("unit/.a_spec.spl", options));
}

TEST(ParseCallsTest, RefusesWhatIsNoListOfCalls) {
  for (const char* text :
       {"", "[]", "{}", R"({"version": 2, "calls": []})", R"({"version": 1})",
        R"({"version": 1, "calls": [{"id": "a"}]})", R"({"version": 1, "calls": [7]})"}) {
    const auto calls = parse_calls(text, "calls.json");
    ASSERT_FALSE(calls) << text;
    EXPECT_NE(calls.error().message().find("calls.json"), std::string::npos) << text;
  }
}

class OtherCallsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "specguard-other-calls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    fs::create_directories(root_ / "two" / "unit");
    std::ofstream(root_ / "two" / "unit" / "a_spec.spl") << "describe \"a\":\n";
  }
  void TearDown() override { fs::remove_all(root_); }

  base::Result<void> check(const std::string& name, DiscoverCall other) {
    Spec spec;
    spec.name = name;
    spec.path = "/one/" + name;
    other.id = "2";
    other.directories = {root_ / "two"};
    return check_against_other_calls(std::vector{spec},
                                     std::vector{DiscoverCall{"1", "", {}, {}}, other}, "1");
  }

  fs::path root_;
};

TEST_F(OtherCallsTest, ANameOfBothIsAnErrorThatNamesBothFiles) {
  const auto checked = check("unit/a_spec.spl", {});
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message().find("/one/unit/a_spec.spl"), std::string::npos);
  EXPECT_NE(checked.error().message().find((root_ / "two/unit/a_spec.spl").string()),
            std::string::npos);
}

TEST_F(OtherCallsTest, PrefixesTellNamesApart) {
  EXPECT_TRUE(check("unit/a_spec.spl", {.prefix = "two."}));
  EXPECT_FALSE(check("two.unit/a_spec.spl", {.prefix = "two."}));
}

TEST_F(OtherCallsTest, WhatTheOtherLeavesOutIsNotItsName) {
  EXPECT_TRUE(check("unit/a_spec.spl", {.walk = {{}, {"a_*"}, {}}}));
  EXPECT_TRUE(check("unit/a_spec.spl", {.walk = {{"*.bats"}, {}, {}}}));
  EXPECT_TRUE(check("unit/b_spec.spl", {}));
}

TEST_F(OtherCallsTest, ACallIsNotCheckedAgainstItself) {
  Spec spec;
  spec.name = "unit/a_spec.spl";
  const DiscoverCall own{"1", "", {root_ / "two"}, {}};
  EXPECT_TRUE(check_against_other_calls(std::vector{spec}, std::vector{own}, "1"));
}

}  // namespace
}  // namespace specguard::spec
