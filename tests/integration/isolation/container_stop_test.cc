// A supervised run that is ended while its tests are in containers. Whoever kills the launchers
// before the engine has done its part sees to it that no container stays.
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class ContainerStopTest : public ContainerTest {
 protected:
  // One test that does not want to end, from its first breath.
  std::unique_ptr<Background> run_stubborn_test(const RunOptions& options) {
    const std::vector<std::string> test =
        plain_command({}, {"sh", "-c", "trap '' TERM; touch ready; while :; do sleep 1; done"});
    std::string line = "add_test(stubborn";
    for (const std::string& word : test) line += " [==[" + word + "]==]";
    directory().write("build/CTestTestfile.cmake", line + ")\n");
    auto started = std::make_unique<Background>(
        std::vector<std::string>{launcher(), "run", "--build-dir", build()}, options);
    EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(build() / "ready"); }, 60s));
    EXPECT_EQ(containers().size(), 1u);
    return started;
  }

  // The second one leaves the launcher no time.
  static void interrupt_twice(const Background& run) {
    run.signal(SIGINT);
    std::this_thread::sleep_for(250ms);  // later than what counts as one and the same
    run.signal(SIGINT);
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ContainerStopTest, ::testing::Values(SPECGUARD_TEST_ENGINES),
                         [](const auto& row) { return row.param; });

// It once killed podman's client and whatever was about to remove the container, which then stayed.
TEST_P(ContainerStopTest, ARunThatIsInterruptedTwiceLeavesNoContainer) {
  const auto started = run_stubborn_test(run_options());
  interrupt_twice(*started);
  const RunResult result = started->wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("test-launcher: to go on: "));
}

TEST_P(ContainerStopTest, ASlowEngineIsWaitedForByAProcessThatOutlivesTheRun) {
  // The real engine, which takes its time over one thing.
  RunOptions options = run_options();
  const std::string client = engine().client();
  const std::string found = run({"sh", "-c", "command -v " + client}, options).out;
  const std::string go = directory() / "go";
  const auto slow =
      directory().write("slow/" + client, "#!/bin/sh\n[ \"$1\" != rm ] || until [ -e '" + go +
                                              "' ]; do sleep 0.05; done\nexec '" +
                                              found.substr(0, found.find('\n')) + "' \"$@\"\n");
  std::filesystem::permissions(slow, std::filesystem::perms(0755));
  options.environment["PATH"] = (directory() / "slow").string() + ":" + options.environment["PATH"];

  const auto started = run_stubborn_test(options);
  interrupt_twice(*started);
  const RunResult result = started->wait();  // nobody holds its streams any more, either
  EXPECT_EQ(result.exit_code, 130);
  const std::string words = "test-launcher: the engine is slow: process ";
  const std::size_t at = result.err.find(words);
  ASSERT_NE(at, std::string::npos) << result.err;
  EXPECT_THAT(result.err.substr(at), HasSubstr("goes on removing 1 container"));
  const pid_t remover = std::stoi(result.err.substr(at + words.size()));
  EXPECT_TRUE(is_alive(remover));
  EXPECT_EQ(control_directories().size(), 1u);
  directory().write("go", "");
  EXPECT_TRUE(wait_until([&] { return !is_alive(remover); }));
  EXPECT_TRUE(containers().empty());
}

// Where ctest itself is killed nobody has asked for haste, but its launchers have only so long.
TEST_P(ContainerStopTest, ARunWhoseCtestIsKilledLeavesNoContainer) {
  const auto started = run_stubborn_test(run_options());
  const std::string children = read_text("/proc/" + std::to_string(started->pid()) + "/task/" +
                                         std::to_string(started->pid()) + "/children");
  ASSERT_FALSE(children.empty());
  const pid_t ctest = std::stoi(children);
  ASSERT_GT(ctest, 1);
  ::kill(ctest, SIGKILL);
  const RunResult result = started->wait();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("ctest was ended by signal 9"));
}

// `reap` once removed what told of a container whose engine gave no answer, and said that nothing
// was left.
TEST_P(ContainerStopTest, ReapTellsOfAContainerWhoseEngineGivesNoAnswer) {
  const ReapTurn turn(ReapTurn::With::kNobody);
  const std::string client = engine().client();
  const auto started = run_stubborn_test(run_options());
  started->signal(SIGSTOP);  // so that it does not see to it
  for (const pid_t pid : processes_with_argument(name())) ::kill(pid, SIGKILL);
  RunOptions deaf = run_options();
  const auto program = directory().write("deaf/" + client, "#!/bin/sh\nexit 125\n");
  std::filesystem::permissions(program, std::filesystem::perms(0755));
  deaf.environment["PATH"] = (directory() / "deaf").string() + ":/usr/bin:/bin";
  deaf.environment["DOCKER_HOST"] = "unix:///no/such/socket";
  ASSERT_TRUE(wait_until([&] { return processes_with_argument(name()).empty(); }));
  // It was "would clear", then "could not clear".
  EXPECT_THAT(run({launcher(), "reap", "--dry-run"}, deaf).out,
              HasSubstr("cannot clear container: " + client));
  const RunResult told = run({launcher(), "reap"}, deaf);
  EXPECT_EQ(told.exit_code, 1) << told.out;
  EXPECT_THAT(told.out, HasSubstr("could not clear container: " + client));
  EXPECT_THAT(told.out, HasSubstr("(" + client + " gives no answer)"));
  EXPECT_EQ(control_directories().size(), 1u);
  // Its exit code is about all that it meets, that of tests beside this one as well.
  const RunResult reaped = run({launcher(), "reap"}, run_options());
  EXPECT_TRUE(control_directories().empty()) << reaped.out << reaped.err;
  started->signal(SIGCONT);
  started->wait();
}

}  // namespace
}  // namespace specguard::testing
