// `--isolation container` without an engine, with a wrong one, and with one that dies meanwhile:
// each is a clear error, and nothing is left.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RunOptions by_hand(const std::map<std::string, std::string>& environment = {}) {
  RunOptions options;
  options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""},
                         {"DASHBOARD_TEST_FROM_CTEST", ""},
                         {"SPECGUARD_ATTEMPT", ""}};
  for (const auto& [name, value] : environment) options.environment[name] = value;
  return options;
}

RunResult exec(const std::vector<std::string>& options,
               const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> words = {launcher(), "exec", "--isolation", "container"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"--", "true"});
  return run(words, by_hand(environment));
}

TEST(NoEngineTest, WhatNobodyCanMeanIsAUsageError) {
  EXPECT_EQ(exec({"--image", "x", "--engine", "lxc"}).exit_code, 2);
  EXPECT_THAT(exec({"--image", "x", "--engine", "lxc"}).err,
              HasSubstr("--engine: 'lxc' is none of: auto, docker, podman"));
  EXPECT_THAT(exec({}).err, HasSubstr("--isolation container needs --image"));
  EXPECT_EQ(exec({}).exit_code, 2);
  EXPECT_EQ(exec({"--image=--privileged"}).exit_code, 2);
}

// They were accepted, and the test ran outside of any container.
TEST(NoEngineTest, AnImageWithoutAContainerIsAUsageError) {
  const auto result = [](const std::vector<std::string>& options,
                         const std::map<std::string, std::string>& environment = {}) {
    std::vector<std::string> words = {launcher(), "exec"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "true"});
    return run(words, by_hand(environment));
  };
  for (const std::string option : {"--image", "--engine"})
    for (const std::string isolation : {"process", "namespace"}) {
      const RunResult refused = result({"--isolation", isolation, option, "podman"});
      EXPECT_EQ(refused.exit_code, 2);
      EXPECT_THAT(refused.err, HasSubstr(option +
                                         ": is of use in a container only: add "
                                         "--isolation container, or leave " +
                                         option + " out"));
    }
  EXPECT_EQ(result({"--image", "x"}).exit_code, 2);
  // Meant for tests of another level, or for whatever test runs in a container.
  EXPECT_EQ(result({"--isolation", "integration=container", "--image", "x"}).exit_code, 0);
  EXPECT_EQ(result({}, {{"SPECGUARD_IMAGE", "x"}, {"SPECGUARD_ENGINE", "podman"}}).exit_code, 0);
}

TEST(NoEngineTest, IsolationByLevelIsChecked) {
  const auto refusal = [](const std::string& isolation) {
    return run({launcher(), "exec", "--isolation", isolation, "--", "true"}, by_hand());
  };
  EXPECT_EQ(refusal("unit=process,integration=container").exit_code, 0);  // no spec, no level
  EXPECT_EQ(refusal("unit=jail").exit_code, 2);
  EXPECT_THAT(refusal("unit=jail").err, HasSubstr("'jail' is none of: process"));
  EXPECT_THAT(refusal("smoke=process").err, HasSubstr("'smoke=process' is no LEVEL=KIND"));
  EXPECT_THAT(refusal("unit=process,").err, HasSubstr("'' is no LEVEL=KIND"));
  EXPECT_THAT(refusal("unit=process,unit=namespace").err, HasSubstr("unit is named twice"));
}

// The level is that of the spec, as discovery labels it.
TEST(NoEngineTest, IsolationIsThatOfTheSpecsLevel) {
  const TempDir directory;
  const std::string own_namespace = run({"readlink", "/proc/self/ns/pid"}).out;
  const auto kind = [&](const std::string& spec) {
    const std::string path = directory.write(spec, "");
    const RunResult result =
        run({launcher(), "exec", "--isolation", "integration=namespace", "--build-dir",
             directory.path(), "--spec", path, "--", "readlink", "/proc/self/ns/pid"},
            by_hand());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out == own_namespace ? "process" : "namespace";
  };
  EXPECT_STREQ(kind("test/02_integration/a_spec.spl"), "namespace");
  EXPECT_STREQ(kind("test/unit/a_spec.spl"), "process");
  EXPECT_STREQ(kind("a_spec.spl"), "process");
}

TEST(NoEngineTest, NoEngineIsALauncherErrorThatSaysWhatWouldHelp) {
  const TempDir empty;
  const std::map<std::string, std::string> nothing = {{"PATH", empty.path()}};
  const RunResult automatic = exec({"--image", "x"}, nothing);
  EXPECT_EQ(automatic.exit_code, 125);
  EXPECT_THAT(automatic.err, AllOf(HasSubstr("launcher-error: --engine auto: neither docker nor "
                                             "podman is in PATH"),
                                   HasSubstr("--isolation namespace")));
  EXPECT_THAT(exec({"--image", "x", "--engine", "podman"}, nothing).err,
              HasSubstr("there is no program 'podman' in PATH"));
}

// A client that is there is not an engine that answers.
TEST(NoEngineTest, AutoPrefersTheEngineThatAnswers) {
  const TempDir directory;
  for (const char* name : {"docker", "podman"}) {
    const auto path =
        directory.write(std::string("bin/") + name,
                        std::string("#!/bin/sh\necho Error: it is ") + name + " >&2\nexit 125\n");
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_all | std::filesystem::perms::others_exec);
  }
  const std::string bin = directory / "bin";
  const RunResult podman =
      exec({"--image", "x"}, {{"PATH", bin}, {"DOCKER_HOST", "unix:///no/such/socket"}});
  EXPECT_THAT(podman.err, HasSubstr("launcher-error: Error: it is podman"));
  std::filesystem::remove(directory / "bin/podman");
  EXPECT_THAT(
      exec({"--image", "x"}, {{"PATH", bin}, {"DOCKER_HOST", "unix:///no/such/socket"}}).err,
      HasSubstr("its daemon does not answer"));
}

// It warned of a container that may be left over, and left a directory that told of it.
TEST(NoEngineTest, WhereNoEngineWasReachedNothingIsLeft) {
  const TempDir directory;
  const RunResult result =
      exec({"--image", "x", "--engine", "docker", "--build-dir", "/var"},
           {{"DOCKER_HOST", "unix:///no/such/socket"}, {"TMPDIR", directory.path()}});
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, AllOf(HasSubstr("launcher-error: docker: Cannot connect"),
                                HasSubstr("start its daemon"), Not(HasSubstr("warning"))));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

// Whoever reaches a daemon's socket may listen at one of his own and hand on what comes: that is
// not a daemon without root, in whose containers he would be root.
TEST(NoEngineTest, AProxyOfAnOrdinaryUserIsAskedWhatItsDaemonIs) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  const TempDir directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
  const std::string socket = directory / "socket";
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::seteuid(kUser), 0);  // by which the kernel remembers who listens
  EXPECT_EQ(::listen(listener, 64), 0);
  ASSERT_EQ(::seteuid(0), 0);
  std::filesystem::permissions(socket, std::filesystem::perms(0777));
  std::filesystem::create_directories(directory / "build");
  give_to_ordinary_user(directory / "build");
  std::filesystem::copy_file(launcher(), directory / "test-launcher");

  const auto words_of_client = [&](const std::string& daemon, std::vector<std::string> who) {
    const auto client =
        directory.write("bin/docker", "#!/bin/sh\n[ \"$1\" != info ] || { echo '" + daemon +
                                          "'; exit; }\necho Error: \"$@\" >&2\nexit 125\n");
    std::filesystem::permissions(client, std::filesystem::perms(0755));
    who.insert(who.end(), {directory / "test-launcher", "exec", "--isolation", "container",
                           "--image", "x", "--build-dir", directory / "build", "--", "true"});
    // A version is a setting that makes the launcher leave the run to the client.
    return run(who, by_hand({{"PATH", (directory / "bin").string() + ":/usr/bin:/bin"},
                             {"DOCKER_HOST", "unix://" + socket},
                             {"DOCKER_API_VERSION", "1.41"},
                             {"TMPDIR", directory / "build"}}))
        .err;
  };
  const std::vector<std::string> as_user = {"setpriv", "--reuid=1234", "--regid=1234",
                                            "--clear-groups"};
  EXPECT_THAT(words_of_client("20.10.24 [name=seccomp,profile=default]", {}),
              HasSubstr(" --user=1234:1234 "));
  EXPECT_THAT(words_of_client("20.10.24 [name=seccomp,profile=default]", as_user),
              HasSubstr(" --user=1234:1234 "));
  EXPECT_THAT(words_of_client("20.10.24 [name=seccomp name=rootless]", as_user),
              HasSubstr(" --user=0:0 "));
  EXPECT_THAT(words_of_client("20.10.24 [name=seccomp name=rootless]", {}),
              AllOf(HasSubstr("launcher-error: docker's daemon runs without root, as another user, "
                              "and user 0 asks"),
                    HasSubstr("run ctest as the user of the daemon")));
  ::close(listener);
}

TEST(NoEngineTest, TheWholeMachineIsNotShown) {
  RunOptions options = by_hand();
  options.directory = "/";
  const RunResult result = run({launcher(), "exec", "--isolation", "container", "--image", "x",
                                "--engine", "podman", "--", "true"},
                               options);
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("the root directory cannot be shown"));
}

// Engines would hide one of the two, or fail with words of their own.
TEST(NoEngineTest, TheMachinesDirectoryForTemporaryFilesIsNotShown) {
  RunOptions options = by_hand();
  options.directory = "/tmp";
  const RunResult result = run({launcher(), "exec", "--isolation", "container", "--image", "x",
                                "--engine", "podman", "--", "true"},
                               options);
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("/tmp is the test's own inside"));
}

// Whoever reaches that socket has the machine. A slash at the end of a name hid it once.
TEST(NoEngineTest, TheEnginesSocketIsNotShown) {
  const TempDir directory;
  const std::string socket = directory.write("docker.sock", "");
  for (const std::string& build : {directory.path().string(), directory.path().string() + "/"}) {
    const RunResult result = exec({"--image", "x", "--engine", "podman", "--build-dir", build},
                                  {{"DOCKER_HOST", "unix://" + socket}});
    EXPECT_EQ(result.exit_code, 125);
    EXPECT_THAT(result.err, HasSubstr("would be inside, and with it the engine's own socket"));
  }
}

TEST(NoEngineTest, ABuildDirectoryThatIsNotThereIsNamed) {
  const TempDir directory;
  const std::string missing = directory / "no/such/build";
  const RunResult result = exec({"--image", "x", "--engine", "podman", "--build-dir", missing});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr(missing + " is not there"));
  // Under a ctest the records of its session once made it.
  EXPECT_FALSE(std::filesystem::exists(directory / "no"));
}

TEST(NoEngineTest, AFullDiskIsSaidToBeFull) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to mount a file system without room";
  const TempDir directory;
  // Its own mount namespace, so that nothing stays mounted; an inode for the root and no other.
  const RunResult result =
      run({"unshare", "--mount", "sh", "-c",
           "mount -t tmpfs -o nr_inodes=1 none \"$1\" && TMPDIR=$1 exec \"$2\" exec --isolation "
           "container --image x --engine podman --build-dir \"$3\" -- true",
           "sh", directory.path(), launcher(), "/var"},
          by_hand());
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("No space left on device"));
}

// A daemon of its own, as it is stopped and killed while a test runs.
class StoppedDaemonTest : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  void SetUp() override {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    const RunResult started = script("start");
    const std::string reason = engine_.reason();
    if (!reason.empty() && std::getenv("CI") == nullptr) GTEST_SKIP() << reason;
    ASSERT_EQ(started.exit_code, 0) << started.out << started.err;
  }
  void TearDown() override { EXPECT_EQ(script("stop").exit_code, 0); }

  RunResult script(const std::string& command) const {
    return run({SPECGUARD_ENGINES_SCRIPT, command, directory_ / "engine", engine_.name()},
               by_hand());
  }

  std::filesystem::path make_build() const {
    auto build = directory_ / "build";
    std::filesystem::create_directories(build);
    give_to_ordinary_user(build);
    return build;
  }
  RunOptions options_in(const std::filesystem::path& build) const {
    RunOptions options = engine_.options();
    options.directory = build;
    options.environment["TMPDIR"] = build;
    return options;
  }
  void signal_daemon(const std::string& signal) const {
    const std::string pid = read_text(directory_ / ("engine/" + engine_.name() + ".pid"));
    EXPECT_EQ(run({"kill", "-" + signal, pid.substr(0, pid.find('\n'))}).exit_code, 0);
  }

  TempDir directory_;
  Engine engine_{std::get<0>(GetParam()), directory_ / "engine"};
};

std::string daemon_and_signal(const ::testing::TestParamInfo<StoppedDaemonTest::ParamType>& row) {
  return std::get<0>(row.param) + "_" + std::get<1>(row.param);
}

INSTANTIATE_TEST_SUITE_P(Daemons, StoppedDaemonTest,
                         ::testing::Combine(::testing::Values("docker", "rootless_docker"),
                                            ::testing::Values("TERM", "KILL")),
                         daemon_and_signal);

using HungDaemonTest = StoppedDaemonTest;
INSTANTIATE_TEST_SUITE_P(Daemons, HungDaemonTest,
                         ::testing::Combine(::testing::Values("docker"), ::testing::Values("STOP")),
                         daemon_and_signal);

// It was a timeout of the test.
TEST_P(HungDaemonTest, IsALauncherError) {
  const auto build = make_build();
  const RunOptions options = options_in(build);
  signal_daemon("STOP");
  const RunResult result = run({launcher(), "exec", "--isolation", "container", "--engine",
                                "docker", "--image", "specguard-test", "--build-dir", build,
                                "--timeout", "1", "--kill-after", "0.1", "--", "touch", "ran"},
                               options);
  signal_daemon("CONT");
  EXPECT_EQ(result.exit_code, 125) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("launcher-error: docker had not started the container"),
                                HasSubstr("may be left over (the engine did not answer in time)")));
}

TEST_P(StoppedDaemonTest, IsALauncherErrorAndTheTestIsGone) {
  const std::string mark = directory_.path().filename();
  const auto build = make_build();
  const RunOptions options = options_in(build);
  Background started(
      engine_.as_its_user({launcher(), "exec", "--isolation", "container", "--engine", "docker",
                           "--image", "specguard-test", "--build-dir", build, "--", "sh", "-c",
                           "touch ready; while :; do sleep 1; done", mark}),
      options);
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(build / "ready"); },
                         std::chrono::seconds(60)));
  signal_daemon(std::get<1>(GetParam()));
  const RunResult result = started.wait();
  EXPECT_EQ(result.exit_code, 125) << result.err;
  EXPECT_THAT(result.err, HasSubstr("launcher-error: "));
  EXPECT_TRUE(wait_until([&] { return processes_with_argument(mark).empty(); }));
}

}  // namespace
}  // namespace specguard::testing
