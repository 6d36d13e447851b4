// How containers end that do not end by themselves: limits, signals, and the death of whoever
// watches over them. The fixture sees to it that no container is left after each test.
#include <gmock/gmock.h>

#include <csignal>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ContainerEndTest : public ContainerTest {};

INSTANTIATE_TEST_SUITE_P(Engines, ContainerEndTest, ::testing::Values(SPECGUARD_TEST_ENGINES),
                         [](const auto& row) { return row.param; });

pid_t child_of(pid_t parent) {
  const std::string children = read_text("/proc/" + std::to_string(parent) + "/task/" +
                                         std::to_string(parent) + "/children");
  return children.empty() ? 0 : std::stoi(children);
}

// A test that runs in a container, from its first breath: every process of it has an argument that
// nobody else's has.
class Running {
 public:
  Running(const std::vector<std::string>& launcher_command, const RunOptions& options,
          std::filesystem::path build, std::string mark)
      : mark_(std::move(mark)), started_(launcher_command, options) {
    EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(build / "ready"); },
                           std::chrono::seconds(60)));
    EXPECT_FALSE(processes_with_argument(mark_).empty());
  }

  Background& launcher() { return started_; }
  pid_t keeper() const { return child_of(started_.pid()); }
  pid_t client() const { return child_of(keeper()); }
  bool is_gone() const {
    return wait_until([&] { return processes_with_argument(mark_).empty(); });
  }

 private:
  std::string mark_;
  Background started_;
};

// One that is not there has the number 0, by which kill(2) means the caller's whole process group:
// ctest and the shell above it.
void kill_one(pid_t pid) {
  ASSERT_GT(pid, 0);
  ::kill(pid, SIGKILL);
}

// Ignores SIGTERM, and so does its child.
std::vector<std::string> stubborn(const std::string& mark) {
  return {"sh", "-c", "trap '' TERM; (while :; do sleep 1; done) & touch ready; wait; wait", mark};
}

// Five seconds are for the engine: the test itself needs none.
TEST_P(ContainerEndTest, ATimeoutSaysWhatRanInsideAndLetsItEndInGoodOrder) {
  const RunResult result = exec(
      {"--timeout", "5", "--kill-after", "30s"},
      {"sh", "-c", "trap 'echo told once; exit 0' TERM; while :; do sleep 0.05; done", name()});
  EXPECT_EQ(result.exit_code, 124);
  EXPECT_EQ(result.out, "told once\n");
  EXPECT_THAT(result.err, AllOf(HasSubstr("timeout: "), HasSubstr(name())));
  EXPECT_TRUE(processes_with_argument(name()).empty());
}

TEST_P(ContainerEndTest, ASignalToTheLauncherEndsItAll) {
  Running test(command({}, stubborn(name())), run_options(), build(), name());
  test.launcher().signal(SIGTERM);
  const RunResult result = test.launcher().wait();
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_THAT(result.err, HasSubstr("aborted: by SIGTERM"));
  EXPECT_TRUE(test.is_gone());
}

TEST_P(ContainerEndTest, TheContainerDiesWithTheFront) {
  Running test(command({}, stubborn(name())), run_options(), build(), name());
  test.launcher().signal(SIGKILL);
  EXPECT_TRUE(test.is_gone());
}

TEST_P(ContainerEndTest, TheContainerDiesWithTheKeeper) {
  Running test(command({}, stubborn(name())), run_options(), build(), name());
  kill_one(test.keeper());
  EXPECT_TRUE(test.is_gone());
  EXPECT_EQ(test.launcher().wait().exit_code, 125);
}

TEST_P(ContainerEndTest, TheContainerDiesWithBothAndTheNextOneClearsTheRest) {
  Running test(command({}, stubborn(name())), run_options(), build(), name());
  const pid_t keeper = test.keeper();
  test.launcher().signal(SIGSTOP);  // so that neither sees the other die
  kill_one(keeper);
  test.launcher().signal(SIGKILL);
  EXPECT_TRUE(test.is_gone());
  EXPECT_EQ(control_directories().size(), 1u);
  EXPECT_EQ(exec({}, {"true"}).exit_code, 0);
  EXPECT_TRUE(control_directories().empty());
}

TEST_P(ContainerEndTest, TheClientsDeathIsTheEndOfTheContainer) {
  Running test(command({}, stubborn(name())), run_options(), build(), name());
  kill_one(test.client());
  const RunResult result = test.launcher().wait();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("client was killed (SIGKILL)"));
  EXPECT_TRUE(test.is_gone());
}

TEST_P(ContainerEndTest, AStopByAnotherHandIsNoVerdict) {
  Running test(command({}, {"sh", "-c", "touch ready; sleep 60", name()}), run_options(), build(),
               name());
  ASSERT_EQ(containers().size(), 1u);
  engine().ask({"stop", containers().front()});
  const RunResult result = test.launcher().wait();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("launcher-error: the container was told to stop from outside"));
}

// A container that was made and never started has no init that would see its keeper die.
TEST_P(ContainerEndTest, ReapRemovesWhatDeadOwnersLeftAndNothingElse) {
  const ReapTurn turn(ReapTurn::With::kNobody);
  const std::string dead = "specguard.4194303.1.0.0123456789abcdef";
  const std::string stranger = "stranger-" + name();
  const std::string of_test = "--label=org.specguard.test=" + name();
  // The owner's PID namespace is this one, its number that of nobody.
  const std::string ns = std::filesystem::read_symlink("/proc/self/ns/pid").string();
  const std::string digits = ns.substr(5, ns.size() - 6);
  char hex[32];
  std::snprintf(hex, sizeof hex, "%llx", std::stoull(digits));
  const std::string orphan = "specguard.4194303.1." + std::string(hex) + "." + name().substr(15);
  for (const std::string& container : {dead, orphan, stranger})
    ASSERT_EQ(engine()
                  .ask({"create", "--name", container, of_test, "--label=org.specguard.owner=x",
                        "--network=none", "specguard-test", "true"})
                  .exit_code,
              0);
  // The other engine may have a test like this one running.
  RunOptions options = run_options();
  const std::string found = run({"sh", "-c", "command -v " + engine().client()}, options).out;
  std::filesystem::create_directories(directory() / "bin");
  std::filesystem::create_symlink(found.substr(0, found.find('\n')),
                                  directory() / "bin" / engine().client());
  const auto reap = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"env", "PATH=" + (directory() / "bin").string(), launcher(),
                                      "reap"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run(engine().as_its_user(words), options);
  };
  const RunResult dry = reap({"--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("would clear container: " + engine().client() + " " + orphan));
  EXPECT_EQ(containers().size(), 3u);
  const RunResult reaped = reap({});
  EXPECT_EQ(reaped.exit_code, 0) << reaped.out;
  EXPECT_EQ(containers().size(), 2u);  // another namespace's, and one without our name
  engine().ask({"rm", "--force", dead, stranger});
}

}  // namespace
}  // namespace specguard::testing
