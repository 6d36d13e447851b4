// docs/examples/other-languages: bats, unittest and shell, where this machine has them.
#include <gmock/gmock.h>

#include <fstream>
#include <utility>

#include "example_project.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

bool can_run(const char* program) {
  return run({program, "--version"}).exit_code == 0;
}

TEST(OtherLanguagesTest, EachFileIsATestWithItsOwnRunner) {
  if (!can_run("bats") || !can_run("python3"))
    GTEST_SKIP() << "no bats or no python3; on Debian: apt-get install bats python3";
  const ExampleProject project("other-languages");
  ASSERT_EQ(project.problem(), "");
  const RunResult result = project.build("check");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 6"));
  EXPECT_THAT(result.out, HasSubstr("mail_test.sh (Skipped)"));
  for (const auto& [label, count] :
       {std::pair("^bats$", 2u), {"^python$", 2u}, {"^shell$", 2u}, {"^unit$", 3u}})
    EXPECT_EQ(project.list({"-L", label}).size(), count) << label;
}

TEST(OtherLanguagesTest, AFailingCaseFailsTheTestWhateverItsRunnerSays) {
  if (!can_run("python3")) GTEST_SKIP() << "no python3";
  const ExampleProject project("other-languages");
  ASSERT_EQ(project.problem(), "");
  std::ofstream(project.source() / "test/unit/test_broken.py")
      << "import unittest\n\n\nclass Broken(unittest.TestCase):\n"
         "    def test_sum(self):\n        self.assertEqual(1 + 1, 3)\n";
  const RunResult result = project.ctest({"-R", "test_broken", "--output-on-failure"});
  EXPECT_EQ(result.exit_code, 8) << result.out;
  EXPECT_THAT(result.out, HasSubstr("not ok 1 - Broken.test_sum"));
}

}  // namespace
}  // namespace specguard::testing
