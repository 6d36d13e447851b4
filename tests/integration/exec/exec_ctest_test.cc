// `test-launcher exec` under the real ctest: what ctest's own report shows for each outcome.
#include <gmock/gmock.h>

#include "harness.h"

namespace specguard::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A build tree of tests written by hand, run by the real ctest.
class ExecUnderCtest : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::vector<std::string>& options,
           const std::string& script, const std::string& properties = "") {
    tests_ += "add_test(" + name + " [==[" + launcher() + "]==] exec --name " + name;
    for (const std::string& option : options) tests_ += " [==[" + option + "]==]";
    tests_ += " -- sh -c [==[" + script + "]==])\n";
    if (!properties.empty())
      tests_ += "set_tests_properties(" + name + " PROPERTIES " + properties + ")\n";
  }

  RunResult ctest(const std::vector<std::string>& arguments = {}) {
    tree_.write("CTestTestfile.cmake", tests_);
    std::vector<std::string> command = {SPECGUARD_CTEST};
    command.insert(command.end(), arguments.begin(), arguments.end());
    RunOptions options;
    options.directory = tree_.path();
    options.environment = {{"SPECGUARD_ATTEMPT", ""}};  // this ctest stands for itself
    return run(command, options);
  }

  const TempDir tree_;

 private:
  std::string tests_;
};

TEST_F(ExecUnderCtest, EachOutcomeShowsAsWhatItIs) {
  tree_.write("timer.json", R"({"version": 1, "exec":
      {"timeout": "300ms", "kill-after": "50ms", "ctest-timeout": "6"}})");
  add("passes", {}, "exit 0");
  add("fails", {}, "exit 3");
  add("crashes", {}, "ulimit -c 0; kill -SEGV $$");
  add("times_out", {"--settings", (tree_ / "timer.json").string()}, "sleep 100", "TIMEOUT 6");
  add("skips", {"--skip-code", "77"}, "exit 77",
      "SKIP_RETURN_CODE 77 SKIP_REGULAR_EXPRESSION \"test-launcher: skipped: \"");
  add("prints_too_much", {"--output-limit", "1K", "--kill-after", "50ms"}, "yes");
  const RunResult result = ctest();
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, ContainsRegex("passes \\.+ +Passed"));
  EXPECT_THAT(result.out, ContainsRegex("fails \\.+\\*\\*\\*Failed"));
  EXPECT_THAT(result.out, ContainsRegex("crashes \\.+\\*\\*\\*Exception: SegFault"));
  EXPECT_THAT(result.out, ContainsRegex("times_out \\.+\\*\\*\\*Timeout"));
  EXPECT_THAT(result.out, ContainsRegex("skips \\.+\\*\\*\\*Skipped"));
  EXPECT_THAT(result.out,
              ContainsRegex("prints_too_much \\.+(Subprocess killed|\\*\\*\\*Exception)"));
}

TEST_F(ExecUnderCtest, NoPropertyTurnsALimitIntoAPass) {
  const std::vector<std::string> silence = {"--idle-timeout", "300ms", "--kill-after", "50ms"};
  add("will_fail", silence, "sleep 100", "WILL_FAIL TRUE");
  add("regex", silence, "echo fine; sleep 100", "PASS_REGULAR_EXPRESSION fine");
  add("bad_option", {"--timeout", "soon"}, "exit 0", "WILL_FAIL TRUE");
  const RunResult result = ctest();
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("0% tests passed, 3 tests failed out of 3"));
}

TEST_F(ExecUnderCtest, AnOrphanThatHoldsStdoutDoesNotHoldUpCtest) {
  add("orphan", {"--kill-after", "100ms"}, "setsid sleep 1000 & exit 0");
  const RunResult result = ctest();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.deadline_met);
}

TEST_F(ExecUnderCtest, CtestsLogDoesNotLeakIntoTests) {
  add("descriptors", {}, "ls -l /proc/self/fd");
  const RunResult result = ctest({"-V"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, Not(HasSubstr("LastTest.log")));
}

TEST_F(ExecUnderCtest, StreamsKeepTheirOrderWhenCtestReadsThemAsOne) {
  add("order", {"--results", "simple"}, "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done");
  const RunResult result = ctest({"-V"});
  std::string wanted;
  for (const char* i : {"1", "2", "3", "4", "5"})
    wanted += std::string("1: out") + i + "\n1: err" + i + "\n";
  EXPECT_THAT(result.out, HasSubstr(wanted));
}

}  // namespace
}  // namespace specguard::testing
