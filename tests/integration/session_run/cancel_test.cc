// Whoever ends a run, and in how much of a hurry: there is a checkpoint to go on from.
#include <signal.h>

#include <thread>

#include "guarded_suite.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SessionCancel : public GuardedSuite {
 protected:
  // One passed, one ignores SIGTERM and has a daemon, one never started.
  void stubborn_suite() {
    const std::string hang = "trap '' TERM INT; setsid sleep 120 & sleep 120; sleep 120";
    suite({{"done", "exit 0"},
           {"stubborn", "test -e '" + (dir_ / "go").string() + "' && exit 0; " + hang},
           {"last", "exit 0"}});
  }

  std::unique_ptr<Background> start() {
    RunOptions in_a_group = options();
    in_a_group.own_process_group = true;
    const int before = begun()["stubborn"];
    auto background = std::make_unique<Background>(
        std::vector<std::string>{launcher(), "run", "--build-dir", dir_.path().string()},
        in_a_group);
    EXPECT_TRUE(wait_until([&] { return begun()["stubborn"] > before; }));
    return background;
  }

  void expect_resumed_to_the_end() {
    EXPECT_TRUE(nothing_runs());
    go();
    const int done = begun()["done"];
    const RunResult resumed = launch({"resume"});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_THAT(resumed.out, HasSubstr("0 tests failed out of 3"));
    EXPECT_EQ(begun()["done"], done);
    EXPECT_THAT(checkpoint(), IsEmpty());
    std::filesystem::remove(dir_ / "go");
  }
};

TEST_F(SessionCancel, CtrlCInATerminal) {
  stubborn_suite();
  const auto background = start();
  background->signal_group(SIGINT);
  const RunResult result = background->wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(result.err, HasSubstr("test-launcher resume --build-dir"));
  expect_resumed_to_the_end();
}

TEST_F(SessionCancel, CtrlCTwice) {
  stubborn_suite();
  const auto background = start();
  background->signal_group(SIGINT);
  std::this_thread::sleep_for(300ms);  // later than what counts as one and the same
  background->signal_group(SIGINT);
  EXPECT_EQ(background->wait().exit_code, 130);
  expect_resumed_to_the_end();
}

// One Ctrl-C reaches a launcher twice, as the terminal's signal and as the death of its ctest, and
// once counted as two: the test was killed before it could tidy up.
TEST_F(SessionCancel, OneCtrlCLeavesTestsTheTimeToTidyUp) {
  const std::string tidied = "'" + (dir_ / "tidied").string() + "'";
  suite({{"tidy", "trap 'sleep 0.1; touch " + tidied + "; exit 1' TERM INT; touch '" +
                      (dir_ / "ready").string() + "'; while :; do sleep 0.02; done"}});
  const std::vector<std::string> supervised = {launcher(), "run", "--build-dir", dir_.path()};
  RunOptions in_a_group = options();
  in_a_group.own_process_group = true;
  for (const auto& command : {supervised, ctest_command({}), supervised, ctest_command({})}) {
    for (const char* file : {"tidied", "ready"}) std::filesystem::remove(dir_ / file);
    Background background(command, in_a_group);
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(dir_ / "ready"); }));
    background.signal_group(SIGINT);
    background.wait();
    ASSERT_TRUE(nothing_runs());
    EXPECT_TRUE(std::filesystem::exists(dir_ / "tidied")) << command.front();
  }
}

// INT, 7.5 s, TERM, 2.5 s, KILL to the group is how GitHub cancels a job; here in more of a hurry.
TEST_F(SessionCancel, AJobThatIsCancelled) {
  stubborn_suite();
  for (const auto& [to_term, to_kill] :
       {std::pair(0ms, 0ms), {40ms, 10ms}, {300ms, 100ms}, {1500ms, 500ms}}) {
    const auto background = start();
    background->signal_group(SIGINT);
    std::this_thread::sleep_for(to_term);
    background->signal_group(SIGTERM);
    std::this_thread::sleep_for(to_kill);
    background->signal_group(SIGKILL);
    background->wait();
    expect_resumed_to_the_end();
  }
}

// The log's reader may be dead before the run is: SIGPIPE once ended the keeper before it recorded
// anything.
TEST_F(SessionCancel, AReaderThatWentAway) {
  stubborn_suite();
  const std::string pid_file = (dir_ / "run.pid").string();
  Background background(
      {"sh", "-c", "(\"$1\" run --build-dir \"$2\" & echo $! >\"$3\"; wait) 2>&1 >/dev/null | true",
       "sh", launcher(), dir_.path(), pid_file},
      options());
  ASSERT_TRUE(wait_until([&] { return begun()["stubborn"] > 0 && !read_text(pid_file).empty(); }));
  const int run = std::stoi(read_text(pid_file));
  ASSERT_GT(run, 1);
  ::kill(run, SIGTERM);
  ASSERT_TRUE(wait_until([&] { return !is_alive(run); }));
  EXPECT_THAT(checkpoint(), HasSubstr("\"terminated\""));
  EXPECT_THAT(checkpoint(), HasSubstr("\"aborted\""));
  expect_resumed_to_the_end();
}

// A narrower run that came to its end once removed the checkpoint of the whole suite.
TEST_F(SessionCancel, ANarrowerRunKeepsTheCheckpoint) {
  stubborn_suite();
  auto background = start();
  background->signal(SIGTERM);
  EXPECT_EQ(background->wait().exit_code, 143);
  EXPECT_EQ(launch({"run", "--", "-R", "last"}).exit_code, 0);
  EXPECT_THAT(checkpoint(), HasSubstr("\"terminated\""));
  EXPECT_EQ(begun()["last"], 1);
  expect_resumed_to_the_end();
  EXPECT_EQ(begun()["last"], 1);
}

TEST_F(SessionCancel, WritesTheListsThatCtestTakes) {
  stubborn_suite();
  const auto background = start();
  background->signal(SIGHUP);
  EXPECT_EQ(background->wait().exit_code, 129);
  EXPECT_EQ(read_text(state() / "rerun/done.txt"), "done\n");
  EXPECT_EQ(read_text(state() / "rerun/tests.txt"), "last\nstubborn\n");
  EXPECT_EQ(read_text(state() / "rerun/index.txt"), "0,0,1,2,3\n");
  expect_resumed_to_the_end();
  EXPECT_FALSE(std::filesystem::exists(state() / "rerun"));
}

}  // namespace
}  // namespace specguard::testing
