// `test-launcher doctor`: every limit and every kind of isolation is accounted for, and whatever
// cannot be had comes with a reason and a remedy.
#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

nlohmann::json checks_of(const RunResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto answer = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_TRUE(answer.is_object()) << result.out;
  EXPECT_EQ(answer.value("version", 0), 1);
  return answer.is_object() ? answer.value("checks", nlohmann::json::array())
                            : nlohmann::json::array();
}

std::string mechanism(const nlohmann::json& checks, const std::string& name) {
  for (const auto& check : checks)
    if (check.at("name") == name) return check.at("mechanism");
  ADD_FAILURE() << "no check of " << name;
  return {};
}

TEST(DoctorTest, AccountsForEveryLimitAndKindOfIsolation) {
  std::set<std::string> names;
  for (const auto& check : checks_of(run({launcher(), "doctor", "--json"}))) {
    // docs/formats.md describes these and no others.
    EXPECT_EQ(check.size(), 6u) << check;
    const std::string name = check.at("name");
    EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
    EXPECT_THAT(check.at("topic").get<std::string>(), AnyOf("limit", "isolation", "machine"));
    EXPECT_EQ(check.at("available").get<bool>(), !check.at("mechanism").get<std::string>().empty());
    if (check.at("available")) continue;
    EXPECT_FALSE(check.at("detail").get<std::string>().empty()) << name;
    EXPECT_FALSE(check.at("remedy").get<std::string>().empty()) << name;
  }
  EXPECT_THAT(names, IsSupersetOf({"timeout", "idle-timeout", "memory", "cpus", "pids", "cpu-time",
                                   "open-files", "file-size", "output-limit", "process",
                                   "namespace", "docker", "podman", "cgroup mode"}));
}

TEST(DoctorTest, TheTextSaysTheSame) {
  const auto checks = checks_of(run({launcher(), "doctor", "--json"}));
  const RunResult text = run({launcher(), "doctor"});
  EXPECT_EQ(text.exit_code, 0);
  for (const auto& check : checks) {
    EXPECT_THAT(text.out, HasSubstr("  " + check.at("name").get<std::string>() + " "));
    const std::string remedy = check.at("remedy");
    EXPECT_TRUE(remedy.empty() || text.out.find("remedy: " + remedy) != std::string::npos);
  }
}

TEST(DoctorTest, AnOrdinaryUserIsToldWhatIsLeft) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const TempDir directory;
  fs::permissions(directory.path(), fs::perms(0755));
  fs::copy_file(launcher(), directory / "test-launcher");
  const auto checks = checks_of(run({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                     (directory / "test-launcher").string(), "doctor", "--json"}));
  EXPECT_EQ(mechanism(checks, "memory"), "poll");
  EXPECT_EQ(mechanism(checks, "pids"), "poll");
  EXPECT_EQ(mechanism(checks, "cpus"), "");  // it asks for half a CPU
  EXPECT_EQ(mechanism(checks, "open-files"), "rlimit");
  // Podman without root limits nothing there, and every container is promised limits.
  for (const auto& check : checks) {
    if (check.at("name") != "podman" || !check.at("available")) continue;
    EXPECT_THAT(check.at("detail").get<std::string>(), HasSubstr(", without root"));
    if (mechanism(checks, "cgroup mode") == "v2") continue;
    EXPECT_THAT(check.at("detail").get<std::string>(),
                HasSubstr("so a test runs only where ctest was started in a control group"));
    EXPECT_FALSE(check.at("remedy").get<std::string>().empty());
  }
}

// "installed, but its engine does not answer" was all that was said, of podman too, which has none.
TEST(DoctorTest, AnEngineThatFailsIsHeard) {
  const TempDir directory;
  for (const char* name : {"docker", "podman"}) {
    const std::string client = directory.write(
        name,
        "#!/bin/sh\necho chatter >&2\necho 'cannot reach it: permission denied' >&2\nexit 1\n");
    fs::permissions(client, fs::perms(0755));
  }
  RunOptions options;
  options.environment = {{"PATH", directory.path()}};
  const auto checks = checks_of(run({launcher(), "doctor", "--json"}, options));
  for (const auto& check : checks) {
    if (check.at("name") != "docker" && check.at("name") != "podman") continue;
    EXPECT_EQ(check.at("detail"), "installed, but: cannot reach it: permission denied");
    const char* const remedy =
        check.at("name") == "docker" ? "usermod -aG docker" : "podman --version";
    EXPECT_THAT(check.at("remedy").get<std::string>(), HasSubstr(remedy));
  }
}

// Podman made a store, directories in /tmp and a process that stayed, only because it was asked.
TEST(DoctorTest, AsAnOrdinaryUserItAndReapLeaveNothingOfPodmans) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user who never had podman";
  const TempDir directory;
  fs::permissions(directory.path(), fs::perms(0755));
  fs::copy_file(launcher(), directory / "test-launcher");
  fs::create_directories(directory / "home");
  ASSERT_EQ(::chown((directory / "home").c_str(), 61999, 61999), 0);
  RunOptions options;
  for (const char* name : {"XDG_RUNTIME_DIR", "XDG_DATA_HOME", "CONTAINERS_CONF"})
    options.environment[name] = "";
  options.environment["HOME"] = directory / "home";
  options.environment["TMPDIR"] = directory / "home";
  const auto as_user = [&](const char* command) {
    return run({"setpriv", "--reuid=61999", "--regid=61999", "--clear-groups",
                (directory / "test-launcher").string(), command},
               options);
  };
  EXPECT_EQ(as_user("doctor").exit_code, 0);
  // Its exit code is about all that it meets: what another user left is not this one's.
  EXPECT_TRUE(as_user("reap").exited);
  EXPECT_TRUE(fs::is_empty(directory / "home"));
  EXPECT_FALSE(fs::exists("/tmp/podman-run-61999"));
  EXPECT_FALSE(fs::exists("/tmp/containers-user-61999"));
  EXPECT_THAT(run({"find", "/proc", "-maxdepth", "1", "-uid", "61999"}).out, IsEmpty());
}

// It exited with 0.
TEST(DoctorTest, AnAnswerThatCannotBeWrittenIsAFailure) {
  const RunResult result = run({"sh", "-c", "exec \"$0\" doctor >/dev/full", launcher()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "test-launcher doctor: the output is not complete: No space left on device\n");
}

TEST(DoctorTest, LeavesNothingAndStartsNothing) {
  run({launcher(), "doctor"});
  for (const char* hierarchy : {"/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"}) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(hierarchy, ignored))
      EXPECT_EQ(entry.path().filename().string().find(".doctor"), std::string::npos)
          << entry.path();
  }
}

TEST(DoctorTest, RefusesWhatItDoesNotKnow) {
  const RunResult result = run({launcher(), "doctor", "--yaml"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("unknown argument '--yaml'"));
}

TEST(DoctorTest, TheFormatIsDescribed) {
  const std::string formats = read_text(fs::path(SPECGUARD_DOCS) / "formats.md");
  const std::size_t section =
      formats.find("## What a machine can enforce: `test-launcher doctor --json`");
  ASSERT_NE(section, std::string::npos);
  for (const char* key : {"topic", "name", "available", "mechanism", "detail", "remedy"})
    EXPECT_NE(formats.find("| `" + std::string(key) + "` |", section), std::string::npos) << key;
}

}  // namespace
}  // namespace specguard::testing
