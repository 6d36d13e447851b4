// Every limit through a whole `exec`, with a test that really exceeds it: the outcome, how the
// launcher ends, and what it says about limit, peak and mechanism. Once as root, once as an
// ordinary user, and under the real ctest.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "harness.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

enum class User { kSame, kNobody };

constexpr int kLauncherError = 125;

// Programs and a directory of their own for a user who may not enter the build directory.
class LimitsExec : public ::testing::TestWithParam<User> {
 protected:
  void SetUp() override {
    if (GetParam() == User::kNobody && ::geteuid() != 0)
      GTEST_SKIP() << "only root can become another user; this user is an ordinary one already";
    fs::permissions(directory_.path(), fs::perms(0755));
    fs::copy_file(launcher(), directory_ / "test-launcher");
    fs::copy_file(SPECGUARD_MISBEHAVE, directory_ / "misbehave");
    fs::create_directory(directory_ / "own");
    if (GetParam() == User::kNobody && ::chown((directory_ / "own").c_str(), 65534, 65534) != 0)
      FAIL() << "chown";
  }

  bool is_ordinary() const { return ::geteuid() != 0 || GetParam() == User::kNobody; }

  std::vector<std::string> as_user() const {
    if (GetParam() == User::kSame) return {};
    return {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  }

  std::string path(const char* name) const { return (directory_ / name).string(); }

  RunResult exec(std::vector<std::string> options, const std::vector<std::string>& test) const {
    std::vector<std::string> command = as_user();
    command.insert(command.end(), {path("test-launcher"), "exec"});
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"--kill-after", "100ms", "--"});
    command.insert(command.end(), test.begin(), test.end());
    RunOptions run_options;
    run_options.directory = directory_ / "own";
    run_options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""},
                               {"DASHBOARD_TEST_FROM_CTEST", ""},
                               {"SPECGUARD_ATTEMPT", ""}};
    return run(command, run_options);
  }

  // Held by groups or, for a user without any, by looking.
  std::string held_by() const { return "held by (cgroup[12]|poll)\\)"; }

  void expect_nothing_left() const {
    EXPECT_THAT(processes_with_argument(path("misbehave")), IsEmpty());
  }

  const TempDir directory_;
};

TEST_P(LimitsExec, Memory) {
  const RunResult result =
      exec({"--memory", "48M"}, {path("misbehave"), "hang", "eat-memory", path("own/log")});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err, ContainsRegex("test-launcher: out-of-memory: .*\\(limit 48\\.0 MiB, "
                                        "peak [0-9.]+ MiB, " +
                                        held_by()));
  expect_nothing_left();
}

TEST_P(LimitsExec, MemoryThatIsEnough) {
  EXPECT_EQ(exec({"--memory", "256M"}, {path("misbehave"), "0", "leave-child"}).exit_code, 0);
  expect_nothing_left();
}

TEST_P(LimitsExec, CpuTime) {
  const RunResult result = exec({"--cpu-time", "300ms"}, {path("misbehave"), "hang", "burn-cpu"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(
      result.err,
      ContainsRegex("test-launcher: cpu-time: .*\\(limit 300 ms, peak [0-9.]+ m?s, " + held_by()));
  expect_nothing_left();
}

// Nothing but "cannot run true: Cannot allocate memory" was said.
TEST_P(LimitsExec, MemoryTooLittleToStart) {
  const RunResult result = exec({"--memory", "4K"}, {"true"});
  EXPECT_THAT(result.err,
              AnyOf(IsEmpty(), HasSubstr("test-launcher: out-of-memory: "),
                    HasSubstr("; --memory 4.0 KiB may be too little even to start it")));
}

TEST_P(LimitsExec, Processes) {
  const RunResult result =
      exec({"--pids", "6"}, {"sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done; wait"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(
      result.err,
      ContainsRegex("test-launcher: process-limit: .*\\(limit 6, peak [0-9]+, " + held_by()));
}

TEST_P(LimitsExec, Cpus) {
  const RunResult result = exec({"--cpus", "0.5"}, {"true"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const RunResult strict = exec({"--cpus", "0.5", "--strict"}, {"true"});
  // Where there is no controller, a fraction can only be rounded up: said, or refused.
  const bool rounded = result.err.find("is enforced as 1 only: ") != std::string::npos;
  EXPECT_EQ(strict.exit_code, rounded ? kLauncherError : 0) << strict.err;
  if (!rounded) return;
  EXPECT_THAT(strict.err, HasSubstr("--strict: this machine cannot enforce --cpus"));
  EXPECT_THAT(strict.err, HasSubstr("remedy: "));
}

TEST_P(LimitsExec, WhatCanBeHeldIsNotRefused) {
  const RunResult result =
      exec({"--strict", "--memory", "256M", "--pids", "64", "--cpu-time", "60", "--open-files",
            "64", "--file-size", "1M", "--output-limit", "1M", "--timeout", "60"},
           {"true"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_P(LimitsExec, OpenFiles) {
  const std::vector<std::string> test = {
      "sh", "-c", "for fd in 3 4 5 6 7 8 9; do eval \"exec $fd</dev/null\" || exit 4; done"};
  EXPECT_EQ(exec({"--open-files", "32"}, test).exit_code, 0);
  const RunResult result = exec({"--open-files", "6"}, test);
  EXPECT_TRUE(result.exited);
  EXPECT_NE(result.exit_code, 0);
}

// Both limits were lowered without a word to what the shell around ctest allows, even with
// --strict.
TEST_P(LimitsExec, AHardLimitBelowWhatIsAskedIsSaidOrRefused) {
  struct Lowered {
    const char* option;
    const char* value;
    std::string said;
  };
  for (const auto& [option, value, said] :
       {Lowered{"--open-files", "1000", "--open-files 1000 is enforced as 200: "},
        Lowered{"--file-size", "1G", "--file-size 1.0 GiB is enforced as 512.0 MiB: "}}) {
    const auto below = [&](const char* strict) {
      std::vector<std::string> command = as_user();
      command.insert(command.end(), {"sh", "-c", "ulimit -n 200; ulimit -f 1048576; exec \"$@\"",
                                     "sh", path("test-launcher"), "exec", strict, option, value,
                                     "--", "sh", "-c", "ulimit -n; ulimit -f"});
      RunOptions options;
      options.directory = directory_ / "own";
      options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""}, {"SPECGUARD_ATTEMPT", ""}};
      return run(command, options);
    };
    const RunResult lowered = below("--strict=0");
    EXPECT_EQ(lowered.exit_code, 0);
    EXPECT_EQ(lowered.out, "200\n1048576\n");
    EXPECT_THAT(lowered.err, HasSubstr("test-launcher: warning: " + said));
    const RunResult refused = below("--strict");
    EXPECT_EQ(refused.exit_code, kLauncherError);
    EXPECT_THAT(refused.out, IsEmpty());
    EXPECT_THAT(refused.err,
                ContainsRegex("--strict: this machine cannot enforce " + std::string(option) +
                              ": the hard limit here is .*; "
                              "remedy: "));
  }
}

TEST_P(LimitsExec, FileSize) {
  const RunResult result =
      exec({"--file-size", "64K"}, {"sh", "-c", "exec head -c 1000000 /dev/zero >big"});
  EXPECT_EQ(result.signal, SIGXFSZ);
  EXPECT_THAT(result.err, HasSubstr("test-launcher: crashed: died by SIGXFSZ: it wrote a file past "
                                    "the size it may have (limit 64.0 KiB, held by rlimit)"));
  EXPECT_EQ(fs::file_size(directory_ / "own/big"), 64u * 1024);
}

TEST_P(LimitsExec, Output) {
  const RunResult result =
      exec({"--output-limit", "16K"}, {path("misbehave"), "0", "print-without-end"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.out.size(), 16u * 1024);
  EXPECT_THAT(result.err, HasSubstr("test-launcher: output-limit: printed more than it may; the "
                                    "rest was dropped (limit 16.0 KiB, peak "));
  expect_nothing_left();
}

TEST_P(LimitsExec, Silence) {
  const RunResult result = exec({"--idle-timeout", "300ms"},
                                {path("misbehave"), "hang", "ignore-term", path("own/log")});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err, ContainsRegex("test-launcher: idle-timeout: printed nothing for too long "
                                        "\\(limit 300 ms, peak [0-9.]+ m?s, held by timer\\)"));
  EXPECT_THAT(result.err, HasSubstr("test-launcher:   killed pid "));
  expect_nothing_left();
}

TEST_P(LimitsExec, UsageIsMeasured) {
  const RunResult result =
      exec({"--verbose", "--memory", "256M"}, {path("misbehave"), "0", "leave-child"});
  EXPECT_THAT(result.err,
              ContainsRegex("test-launcher: usage: wall .*, user .*, system .*, peak memory "));
}

// A property that makes passes of failures must not make one of a limit that was exceeded, nor of a
// limit that was refused.
TEST_P(LimitsExec, UnderCtestNoPropertyMakesAPassOfIt) {
  struct Row {
    std::string name;
    std::string options;
    std::string test;
  };
  const std::string misbehave = "[==[" + path("misbehave") + "]==]";
  const std::vector<Row> rows = {
      {"memory", "--memory 48M", misbehave + " hang eat-memory"},
      {"cpu_time", "--cpu-time 200ms", misbehave + " hang burn-cpu"},
      {"output", "--output-limit 1K", misbehave + " 0 print-without-end"},
      {"idle", "--idle-timeout 200ms", misbehave + " hang none"},
      {"leaked", "--leaks fail", misbehave + " 0 leave-child"},
      {"nonsense", "--memory much", "true"},
      {"missing", "--memory 64M", "/no/such/program"},
  };
  std::string file;
  for (const Row& row : rows)
    for (const char* property : {"WILL_FAIL TRUE", "PASS_REGULAR_EXPRESSION \"test-launcher\""}) {
      const std::string name = row.name + (property[0] == 'W' ? "_will_fail" : "_regex");
      file += "add_test(" + name + " [==[" + path("test-launcher") +
              "]==] exec --kill-after 100ms " + row.options + " -- " + row.test +
              ")\nset_tests_properties(" + name + " PROPERTIES " + property + ")\n";
    }
  std::ofstream(directory_ / "own/CTestTestfile.cmake") << file;
  std::vector<std::string> command = as_user();
  command.insert(command.end(), {SPECGUARD_CTEST, "-j4"});
  RunOptions options;
  options.directory = directory_ / "own";
  options.environment = {{"SPECGUARD_ATTEMPT", ""}};
  const RunResult result = run(command, options);
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("0% tests passed, 14 tests failed out of 14"));
  EXPECT_THAT(result.out, Not(HasSubstr("***Timeout")));
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(As, LimitsExec, ::testing::Values(User::kSame, User::kNobody),
                         [](const auto& user) {
                           return user.param == User::kSame ? "ThisUser" : "AnOrdinaryUser";
                         });

}  // namespace
}  // namespace specguard::testing
