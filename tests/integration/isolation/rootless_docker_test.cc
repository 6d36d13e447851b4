// A dockerd without root: whose it is, how it is known, and what network it has.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class RootlessDockerTest : public ContainerTest {};

INSTANTIATE_TEST_SUITE_P(RootlessDocker, RootlessDockerTest, ::testing::Values("rootless_docker"),
                         [](const auto& row) { return row.param; });

// What root's test wrote would be of somebody else, and its root be nobody whom root knows.
TEST_P(RootlessDockerTest, ServesItsUserAndNotRoot) {
  const RunResult result = run(plain_command({}, {"true"}), run_options());
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(
      result.err,
      AllOf(HasSubstr("launcher-error: docker's daemon runs without root, as user 1234, and "
                      "user 0 asks"),
            HasSubstr("run ctest as the user of the daemon")));
}

TEST_P(RootlessDockerTest, DoctorSaysWhatItLimitsAndWhomItServes) {
  const auto docker_by = [&](const std::vector<std::string>& words) {
    const RunResult result = run(words, run_options());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto answer = nlohmann::json::parse(result.out);
    for (const auto& check : answer.at("checks"))
      if (check.at("name") == "docker") return check;
    return nlohmann::json();
  };
  const std::vector<std::string> doctor = {launcher(), "doctor", "--json"};
  const auto its_users = docker_by(engine().as_its_user(doctor));
  EXPECT_EQ(its_users.value("mechanism", ""), "container");
  EXPECT_THAT(its_users.value("detail", ""), HasSubstr(", without root"));
  if (std::filesystem::exists("/sys/fs/cgroup/memory")) {
    EXPECT_THAT(its_users.value("detail", ""),
                HasSubstr("it sets no limit on memory, processes, CPUs, so a test runs only where "
                          "the daemon was started in a control group that has one"));
    EXPECT_THAT(its_users.value("remedy", ""), HasSubstr("delegate them to this user"));
  }
  const auto roots = docker_by(doctor);
  EXPECT_FALSE(roots.value("available", true));
  EXPECT_THAT(roots.value("detail", ""), HasSubstr(", without root, of user 1234"));
  EXPECT_THAT(roots.value("remedy", ""), HasSubstr("run ctest as the user of the daemon"));
}

// The context that docker's own script for such a daemon makes.
TEST_P(RootlessDockerTest, IsKnownWhereOnlyTheClientKnowsItsSocket) {
  RunOptions options = run_options();
  const std::string host = options.environment["DOCKER_HOST"];
  options.environment["DOCKER_CONFIG"] = directory() / "settings";
  options.environment["DOCKER_HOST"] = "";
  const auto as_user = [&](const std::vector<std::string>& words) {
    return run(engine().as_its_user(words), options);
  };
  ASSERT_EQ(
      as_user({"docker", "context", "create", "rootless", "--docker", "host=" + host}).exit_code,
      0);
  ASSERT_EQ(as_user({"docker", "context", "use", "rootless"}).exit_code, 0);
  const RunResult result = as_user(plain_command({}, {"id", "-u"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "0\n");
  // And the limits of the group that it is in are looked at all the same.
  EXPECT_THAT(as_user(plain_command({"--memory", "400M"}, {"true"})).err,
              AllOf(HasSubstr("memory is limited to 536870912, not to 419430400"),
                    HasSubstr("start its daemon in a cgroup that has limits as tight")));
}

TEST_P(RootlessDockerTest, TheNetworkOfTheMachineIsThatOfTheDaemon) {
  const RunResult result =
      exec({"--network", "host"}, {"sh", "-c", "readlink /proc/self/ns/net; ls /sys/class/net"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("]\nlo\n"));
  EXPECT_NE(result.out, run({"sh", "-c", "readlink /proc/self/ns/net; ls /sys/class/net"}).out);
}

// Without the attributes that are a user's own, a directory could be neither removed nor replaced.
TEST_P(RootlessDockerTest, ADirectoryCanBeReplacedInAScratchView) {
  directory().write("build/old/file", "");
  give_to_ordinary_user(build());
  const RunResult result = exec_shell(
      "rm -r old && mkdir old && ls -A old && rmdir old && ! test -e old", {"--scratch"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(std::filesystem::exists(build() / "old/file"));
}

}  // namespace
}  // namespace specguard::testing
