// What a session can read from ctest's own command line.
#include "session/bare_ctest.h"

#include <gtest/gtest.h>

namespace specguard::session {
namespace {

CtestRequest read(std::vector<std::string> words) {
  words.insert(words.begin(), "ctest");
  return read_ctest_arguments(words);
}

TEST(BareCtestTest, WhatChoosesTestsIsTheSelection) {
  EXPECT_EQ(read({"-j", "4", "-V", "--timeout", "3"}).selection, "");
  EXPECT_EQ(read({"-j4", "-L", "unit", "-E", "slow"}).selection, "-L unit -E slow");
  EXPECT_EQ(read({"--label-regex=unit"}).selection, "--label-regex=unit");
  EXPECT_EQ(read({"-S", "dashboard.cmake"}).selection, "-S dashboard.cmake");
  EXPECT_EQ(read({"-F"}).selection, "-F");
}

TEST(BareCtestTest, RerunFailedAndOurListsPickUp) {
  EXPECT_FALSE(read({"-I", "0,0,1,2"}).picks_up);
  EXPECT_TRUE(read({"--rerun-failed"}).picks_up);
  EXPECT_TRUE(read({"-I", "Testing/SpecGuard/rerun/index.txt"}).picks_up);
  EXPECT_TRUE(read({"--tests-from-file=/b/Testing/SpecGuard/rerun/tests.txt"}).picks_up);
  EXPECT_FALSE(read({"--tests-from-file", "mine.txt"}).picks_up);
}

TEST(BareCtestTest, KnowsWhenCtestLeavesTheRest) {
  EXPECT_TRUE(stops_on_failure(read({"--stop-on-failure"}).selection));
  EXPECT_FALSE(stops_on_failure(read({"-R", "x"}).selection));
}

// VS Code runs `ctest -T test` and reads Test.xml; the environment of the tests does not say so.
TEST(BareCtestTest, KnowsWhoKeepsMeasurements) {
  EXPECT_TRUE(writes_test_xml({"ctest", "-j2", "-T", "test"}));
  EXPECT_TRUE(writes_test_xml({"ctest", "--dashboard=Experimental"}));
  EXPECT_TRUE(writes_test_xml({"ctest", "-S", "nightly.cmake"}));
  EXPECT_FALSE(writes_test_xml({"ctest", "-V", "-R", "Test"}));
}

}  // namespace
}  // namespace specguard::session
