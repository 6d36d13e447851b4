// A bare ctest that was killed, and every way to go on from there.
#include <signal.h>

#include "guarded_suite.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BareResume : public GuardedSuite {
 protected:
  // `done` has passed, `stuck` was in flight, `never` did not start.
  void interrupt() {
    suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
    ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
    go();
  }
  void interrupt_run() {
    suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
    Background background({launcher(), "run", "--build-dir", dir_.path().string()}, options());
    ASSERT_TRUE(wait_until([&] { return begun()["stuck"] > 0; }));
    background.signal(SIGINT);
    ASSERT_EQ(background.wait().exit_code, 130);
    go();
  }
  static int before_of(const std::map<std::string, int>& counts, const std::string& name) {
    const auto it = counts.find(name);
    return it == counts.end() ? 0 : it->second;
  }
  void expect_done_once_and_nothing_left() {
    EXPECT_EQ(begun()["done"], 1);
    EXPECT_EQ(launch({"resume"}).exit_code, 43);
    EXPECT_THAT(checkpoint(), IsEmpty());
  }
};

TEST_F(BareResume, ByTheEnvironment) {
  interrupt();
  const RunResult result = ctest({"-V"}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("replayed: passed"));
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 3"));
  EXPECT_EQ(begun()["stuck"], 2);
  expect_done_once_and_nothing_left();
}

TEST_F(BareResume, ByTheLauncher) {
  interrupt();
  const RunResult result = launch({"resume"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 3"));
  expect_done_once_and_nothing_left();
}

// Both ctest and its launchers get the signal; ctest dies at once and writes nothing.
TEST_F(BareResume, AfterCtrlC) {
  for (const int number : {SIGINT, SIGHUP, SIGTERM}) {
    suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
    RunOptions in_a_group = options();
    in_a_group.own_process_group = true;
    const auto before = begun();
    Background background(ctest_command({}), in_a_group);
    ASSERT_TRUE(wait_until([&] { return begun()["stuck"] > before_of(before, "stuck"); }));
    background.signal_group(number);
    background.wait();
    ASSERT_TRUE(nothing_runs());
    go();
    EXPECT_EQ(launch({"resume"}).exit_code, 0);
    EXPECT_EQ(begun()["done"], before_of(before, "done") + 1);
    EXPECT_THAT(checkpoint(), IsEmpty());
    std::filesystem::remove(dir_ / "go");
  }
}

// A killed ctest writes no list of failures, and --rerun-failed runs everything then.
TEST_F(BareResume, ByRerunFailed) {
  interrupt();
  EXPECT_EQ(ctest({"--rerun-failed"}).exit_code, 0);
  EXPECT_EQ(begun()["never"], 1);
  EXPECT_EQ(begun()["done"], 1);
}

TEST_F(BareResume, ByNumbers) {
  interrupt_run();
  const RunResult result = ctest({"-I", (state() / "rerun/index.txt").string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 2"));
  expect_done_once_and_nothing_left();
}

TEST_F(BareResume, ByNamesWithANewerCtest) {
  const RunResult newer =
      run({"sh", SPECGUARD_NEWER_CMAKE_SCRIPT, SPECGUARD_NEWER_CMAKE_DIRECTORY});
  if (newer.exit_code == 77) GTEST_SKIP() << newer.err;
  const std::string program = newer.out.substr(0, newer.out.find('\n')) + "/ctest";
  interrupt_run();
  const auto rerun = [&](const std::string& option, const std::string& file) {
    return run(
        {program, "--test-dir", dir_.path().string(), option, (state() / "rerun" / file).string()},
        options());
  };
  EXPECT_THAT(rerun("--exclude-from-file", "done.txt").out, HasSubstr("0 tests failed out of 2"));
  EXPECT_THAT(rerun("--tests-from-file", "tests.txt").out, HasSubstr("0 tests failed out of 2"));
  EXPECT_EQ(launch({"resume"}).exit_code, 43);
}

// Only what is selected counts, and the rest keeps its state.
TEST_F(BareResume, ANarrowerRunKeepsWhatIsLeft) {
  interrupt();
  EXPECT_EQ(ctest({"-R", "never"}).exit_code, 0);
  const RunResult result = launch({"resume"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(begun()["never"], 1);
  expect_done_once_and_nothing_left();
}

TEST_F(BareResume, ManyTimes) {
  suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
  ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
  for (int i = 0; i < 3; ++i) {
    Background background(ctest_command({}), options({{"SPECGUARD_RESUME", "1"}}));
    ASSERT_TRUE(wait_until([&] { return begun()["stuck"] == i + 2; }));
    background.signal(SIGKILL);
    background.wait();
    ASSERT_TRUE(nothing_runs());
  }
  go();
  EXPECT_EQ(ctest({}, {{"SPECGUARD_RESUME", "1"}}).exit_code, 0);
  expect_done_once_and_nothing_left();
}

TEST_F(BareResume, WithoutBeingAskedItRunsEverything) {
  interrupt();
  EXPECT_EQ(ctest().exit_code, 0);
  EXPECT_EQ(begun()["done"], 2);
  EXPECT_EQ(launch({"resume"}).exit_code, 43);
}

// ctest comes to its end, and leaves what it has not started.
TEST_F(BareResume, AfterStopOnFailure) {
  suite({{"done", "exit 0"}, {"bad", "exit 1"}, {"never", "exit 0"}});
  EXPECT_EQ(ctest({"--stop-on-failure"}).exit_code, 8);
  suite({{"done", "exit 0"}, {"bad", "exit 0"}, {"never", "exit 0"}});
  EXPECT_EQ(launch({"resume"}).exit_code, 0);
  EXPECT_EQ(begun()["never"], 1);
  EXPECT_EQ(begun()["done"], 1);
}

// SPECGUARD_<OPTION> once was no part of what resume compares.
TEST_F(BareResume, AnotherSettingRunsTheTestAgain) {
  interrupt();
  EXPECT_EQ(ctest({}, {{"SPECGUARD_RESUME", "1"}, {"SPECGUARD_KILL_AFTER", "3"}}).exit_code, 0);
  EXPECT_EQ(begun()["done"], 2);
}

// A spec that is marked skip once left no record, and reports did not know it.
TEST_F(BareResume, ASpecThatIsMarkedSkipIsRecorded) {
  const std::string spec = dir_.write("a_spec.spl", "# @skip - not today\n").string();
  dir_.write("CTestTestfile.cmake",
             "add_test(marked \"" + launcher() + "\" exec --name marked --build-dir \"" +
                 dir_.path().string() + "\" --spec \"" + spec + "\" -- false)\n" +
                 "set_tests_properties(marked PROPERTIES SKIP_RETURN_CODE 77)\n");
  EXPECT_THAT(ctest({"-V"}).out, HasSubstr("test-launcher: skipped: not today"));
  std::string journal;
  for (const auto& entry : std::filesystem::directory_iterator(state() / "sessions"))
    journal = read_text(entry.path() / "journal.jsonl");
  EXPECT_THAT(journal, HasSubstr("\"outcome\":\"skipped\""));
  EXPECT_THAT(journal, HasSubstr("\"reason\":\"not today\""));
}

TEST_F(BareResume, AFailureIsNotForgotten) {
  suite({{"bad", "exit 1"}, {"stuck", waits()}});
  ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
  go();
  const RunResult result = ctest({}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("1 tests failed out of 2"));
}

// Each has its own session, and whichever dies, no result is shown that is not there.
TEST_F(BareResume, TwoAtOnceInOneTree) {
  suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
  Background first(ctest_command({}), options());
  ASSERT_TRUE(wait_until([&] { return begun()["stuck"] == 1; }));
  EXPECT_EQ(ctest({"-R", "never"}).exit_code, 0);
  first.signal(SIGKILL);
  first.wait();
  ASSERT_TRUE(nothing_runs());
  go();
  const RunResult result = ctest({}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 3"));
}

}  // namespace
}  // namespace specguard::testing
