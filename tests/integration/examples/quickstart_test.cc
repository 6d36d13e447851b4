// quickstart's command line. What `demo` and `check` do is what CI does.
#include <gmock/gmock.h>

#include "harness.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

const std::string kQuickstart = SPECGUARD_SOURCE_DIR "/quickstart";

TEST(QuickstartTest, HelpNamesBothCommands) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"help"}, {"--help"}}) {
    std::vector<std::string> command = {kQuickstart};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const RunResult result = run(command);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, HasSubstr("quickstart demo"));
    EXPECT_THAT(result.out, HasSubstr("quickstart check"));
  }
}

TEST(QuickstartTest, AnythingElseIsAUsageError) {
  EXPECT_EQ(run({kQuickstart, "chekc"}).exit_code, 2);
  EXPECT_THAT(run({kQuickstart, "chekc"}).err, HasSubstr("unknown argument: chekc"));
  EXPECT_EQ(run({kQuickstart, "demo", "fast"}).exit_code, 2);
}

}  // namespace
}  // namespace specguard::testing
