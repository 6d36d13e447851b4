#include "journal/testfile_scan.h"

#include <gmock/gmock.h>

#include "harness.h"

namespace specguard::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(ScriptScanTest, ReadsEachFormOfArgument) {
  const auto commands = scan_script(
      "# set_tests_properties(no)\n#[[ add_test(no) ]]\n"
      "add_test([==[a ]=] b]==] \"x \\\" ; \\$y\" plain\\;word (nested))\n");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].name, "add_test");
  EXPECT_THAT(commands[0].arguments, ElementsAre("a ]=] b", "x \" ; $y", "plain;word", "nested"));
}

TEST(ScriptScanTest, SurvivesEveryCut) {
  const std::string text = "add_test([=[x]=] \"q\\\"\" #[[c]]\n) set(a [==[ ]==])";
  for (std::size_t size = 0; size <= text.size(); ++size)
    EXPECT_LE(scan_script(std::string_view(text).substr(0, size)).size(), 2u);
}

TEST(TestsThatMustRunTest, FollowsDirectoriesAndIncludes) {
  const testing::TempDir build;
  build.write("CTestTestfile.cmake",
              "set_tests_properties([=[db up]=] PROPERTIES FIXTURES_SETUP \"DB\")\n"
              "set_tests_properties(plain PROPERTIES LABELS \"FIXTURES_SETUP;x\")\n"
              "subdirs(\"sub\")\ninclude(\"CTestTestfile.cmake\")\n");
  build.write("sub/CTestTestfile.cmake",
              "if(CTEST_X)\n  include(\"" + (build / "extra.cmake").string() + "\")\nendif()\n");
  build.write("extra.cmake",
              "set_tests_properties(a b PROPERTIES PASS_REGULAR_EXPRESSION \"ok\")\n");
  EXPECT_THAT(tests_that_must_run(build.path()), UnorderedElementsAre("db up", "a", "b"));
  EXPECT_TRUE(tests_that_must_run(build / "nowhere").empty());
}

std::vector<std::string> names_of(const ScannedSuite& suite) {
  std::vector<std::string> names;
  for (const ScannedTest& test : suite.tests) names.push_back(test.name);
  return names;
}

TEST(ScanSuiteTest, GathersWhatTheFilesSayOfEachTest) {
  const testing::TempDir build;
  build.write(
      "CTestTestfile.cmake",
      "add_test([=[a b]=] \"true\")\n"
      "set_tests_properties([=[a b]=] PROPERTIES WILL_FAIL \"TRUE\" LABELS \"x;y\" "
      "_BACKTRACE_TRIPLES \"/src/CMakeLists.txt;7;add_test;/src/CMakeLists.txt;0;\")\n"
      "add_test(out true)\nset_tests_properties(out PROPERTIES FAIL_REGULAR_EXPRESSION no)\n"
      "add_test(off true)\nset_tests_properties(off PROPERTIES DISABLED ON)\n");
  const ScannedSuite suite = scan_suite(build.path());
  EXPECT_TRUE(suite.complete);
  ASSERT_THAT(names_of(suite), ElementsAre("a b", "out", "off"));
  EXPECT_TRUE(suite.tests[0].will_fail);
  EXPECT_THAT(suite.tests[0].labels, ElementsAre("x", "y"));
  EXPECT_EQ(suite.tests[0].file, "/src/CMakeLists.txt");
  EXPECT_EQ(suite.tests[0].line, 7);
  EXPECT_TRUE(suite.tests[1].judged_by_output);
  EXPECT_TRUE(suite.tests[2].disabled);
}

// The specs of specguard_discover_tests() are registered by a script that only ctest runs; what it
// wrote when it ran last is found by the same name.
TEST(ScanSuiteTest, FindsDiscoveredSpecs) {
  const testing::TempDir build;
  build.write("CTestTestfile.cmake", "include(\"" + (build / "1-include.cmake").string() + "\")\n");
  build.write("1-include.cmake",
              "include(\"${_specguard_modules}/SpecGuardTestTime.cmake\")\n"
              "_specguard_test_time_discover(TEST_TIME 5\n  [=[" +
                  (build / "1").string() + "]=]\n  [=[/l]=])\n");
  build.write("1-tests.cmake", "subdirs(\"" + (build / "1-tests.cmake.d/ab").string() + "\")\n");
  build.write("1-tests.cmake.d/ab/CTestTestfile.cmake",
              "add_test(\"x_spec.spl\" \"/l\" exec)\n"
              "set_directory_properties(PROPERTIES LABELS \"unit;smoke\")\n");
  const ScannedSuite suite = scan_suite(build.path());
  EXPECT_TRUE(suite.complete);
  ASSERT_THAT(names_of(suite), ElementsAre("x_spec.spl"));
  EXPECT_THAT(suite.tests[0].labels, ElementsAre("unit", "smoke"));
}

// gtest_discover_tests() names a test for the case that its program is not built.
TEST(ScanSuiteTest, TakesTheBranchOfWhatExists) {
  const testing::TempDir build;
  const std::string tests = (build / "tests.cmake").string();
  build.write("CTestTestfile.cmake", "if(EXISTS \"" + tests + "\")\n  include(\"" + tests +
                                         "\")\nelse()\n  add_test(g_NOT_BUILT g)\nendif()\n");
  EXPECT_THAT(names_of(scan_suite(build.path())), ElementsAre("g_NOT_BUILT"));
  build.write("tests.cmake", "add_test(g.a g)\n");
  EXPECT_THAT(names_of(scan_suite(build.path())), ElementsAre("g.a"));
}

TEST(ScanSuiteTest, SaysWhereItDoesNotKnowAll) {
  const testing::TempDir build;
  build.write("CTestTestfile.cmake", "add_test(${name} true)\nadd_test(a true)\n");
  const ScannedSuite suite = scan_suite(build.path());
  EXPECT_FALSE(suite.complete);
  EXPECT_THAT(names_of(suite), ElementsAre("a"));
  EXPECT_FALSE(scan_suite(build / "nowhere").complete);
}

}  // namespace
}  // namespace specguard::journal
