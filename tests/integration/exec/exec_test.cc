// `test-launcher exec` by hand: what passes through unchanged, and what it does about a test that
// does not end well.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "harness.h"

namespace specguard::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Outside of ctest, whatever runs this test.
RunOptions by_hand() {
  RunOptions options;
  options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""}, {"DASHBOARD_TEST_FROM_CTEST", ""}};
  return options;
}

RunResult exec(const std::vector<std::string>& arguments, const RunOptions& options = by_hand()) {
  std::vector<std::string> command = {launcher(), "exec"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, options);
}

RunResult exec_shell(const std::string& script, std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--", "sh", "-c", script});
  return exec(options);
}

TEST(ExecTest, EveryExitCodePassesThrough) {
  for (int code = 0; code < 256; ++code) {
    const RunResult result = exec_shell("exit " + std::to_string(code));
    EXPECT_TRUE(result.exited) << code;
    EXPECT_EQ(result.exit_code, code);
  }
}

TEST(ExecTest, EveryFatalSignalPassesThrough) {
  for (const int number :
       {SIGHUP,  SIGINT,  SIGQUIT,   SIGILL,  SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,
        SIGKILL, SIGUSR1, SIGSEGV,   SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT,
        SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSYS}) {
    const RunResult result = exec_shell("ulimit -c 0; kill -" + std::to_string(number) + " $$");
    EXPECT_FALSE(result.exited) << number;
    EXPECT_EQ(result.signal, number);
  }
}

TEST(ExecTest, StreamsEnvironmentDirectoryAndInputAreTheTests) {
  const TempDir directory;
  RunOptions options = by_hand();
  options.directory = directory.path();
  options.environment["SHOP_COLOUR"] = "green";
  options.input = "from stdin";
  const RunResult result = exec(
      {"--", "sh", "-c", "cat; printf ' %s ' \"$SHOP_COLOUR\"; pwd; echo to-stderr >&2"}, options);
  EXPECT_EQ(result.out, "from stdin green " + directory.path().string() + "\n");
  EXPECT_EQ(result.err, "to-stderr\n");
}

TEST(ExecTest, OutputIsUnchangedByteForByteWhenItIsRead) {
  // With an output limit every byte goes through the keeper.
  const RunResult result = exec({"--output-limit", "64M", "--", "sh", "-c",
                                 "head -c 3000000 /dev/zero; printf '\\377\\000x'"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out.size(), 3'000'003u);
  EXPECT_EQ(result.out.substr(3'000'000), std::string("\377\000x", 3));
}

TEST(ExecTest, SignalsAreGivenBackAsTheyWere) {
  // An ignored SIGPIPE would turn `yes | head` into an endless loop; a blocked SIGTERM would make
  // tests unkillable.
  const RunResult result = exec_shell("grep -E 'Sig(Blk|Ign)' /proc/self/status");
  const RunResult bare = run({"sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status"});
  EXPECT_EQ(result.out, bare.out);
}

TEST(ExecTest, NoDescriptorOfOursReachesTheTest) {
  EXPECT_EQ(exec_shell("ls /proc/self/fd | wc -l", {"--output-limit", "1M", "--timeout", "30"}).out,
            run({"sh", "-c", "ls /proc/self/fd | wc -l"}).out);
}

TEST(ExecTest, ATimeoutEndsTheWholeTreeAndSaysWhatRan) {
  const RunResult result =
      exec_shell("sleep 1234 & sleep 1235", {"--timeout", "300ms", "--kill-after", "200ms"});
  EXPECT_EQ(result.exit_code, 124);
  EXPECT_THAT(result.err, HasSubstr("test-launcher: timeout: "));
  EXPECT_THAT(result.err, HasSubstr("sleep 1234"));
  EXPECT_THAT(result.err, HasSubstr("sleep 1235"));
}

TEST(ExecTest, ATestThatIgnoresTermIsKilledAfterTheGrace) {
  const TempDir directory;
  const RunResult result = exec({"--timeout", "300ms", "--kill-after", "100ms", "--",
                                 SPECGUARD_MISBEHAVE, "hang", "ignore-term", directory / "log"});
  EXPECT_EQ(result.exit_code, 124);
  EXPECT_TRUE(processes_with_argument((directory / "log").string()).empty());
}

TEST(ExecTest, TheGraceLetsATestEndInGoodOrder) {
  const RunResult result =
      exec_shell("trap 'echo cleaned up; exit 0' TERM; while :; do sleep 0.05; done",
                 {"--timeout", "1", "--kill-after", "30s"});
  EXPECT_EQ(result.exit_code, 124);
  EXPECT_THAT(result.out, HasSubstr("cleaned up"));
}

TEST(ExecTest, SilenceIsBounded) {
  const RunResult result =
      exec_shell("echo once; sleep 1000", {"--idle-timeout", "1", "--kill-after", "100ms"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.out, "once\n");
  EXPECT_THAT(result.err, HasSubstr("test-launcher: idle-timeout: "));
}

TEST(ExecTest, OutputIsBounded) {
  const RunResult result = exec({"--output-limit", "100K", "--kill-after", "100ms", "--",
                                 SPECGUARD_MISBEHAVE, "0", "print-without-end"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.out.size(), 100u * 1024);
  EXPECT_THAT(result.err, ContainsRegex("test-launcher: output-limit: .*, held by pipe\\)"));
}

TEST(ExecTest, LeaksAreNamedAndJudgedByPolicy) {
  const std::string script = "setsid sleep 4321 >/dev/null 2>&1 </dev/null & exit 0";
  const RunResult warned = exec_shell(script);
  EXPECT_EQ(warned.exit_code, 0);
  EXPECT_THAT(warned.err, HasSubstr("sleep 4321"));
  const RunResult failed = exec_shell(script, {"--leaks", "fail"});
  EXPECT_EQ(failed.signal, SIGKILL);
  EXPECT_THAT(failed.err, HasSubstr("test-launcher: leaked: "));
  const RunResult ignored = exec_shell(script, {"--leaks=ignore"});
  EXPECT_EQ(ignored.exit_code, 0);
  EXPECT_EQ(ignored.err, "");
}

// It was "would clear", then "could not clear", with neither reason nor remedy. In a PID namespace
// of its own, where no other sweep takes the leftover away.
TEST(ReapTest, WhatAnotherUserOwnsIsSaidAndLeft) {
  const std::vector<std::string> in_namespace = {"unshare", "--pid", "--fork", "--mount-proc"};
  std::vector<std::string> command = in_namespace;
  command.emplace_back("true");
  if (::geteuid() != 0 || run(command).exit_code != 0)
    GTEST_SKIP() << "needs root, to make a PID namespace and to become another user";
  const TempDir directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
  const std::string own = directory / "test-launcher";
  std::filesystem::copy_file(launcher(), own);
  const std::string script = directory.write("script", R"(
"$1" exec --timeout 60 -- sh -c 'setsid sleep 777 & : >ready; exec sleep 776' &
front=$!
until [ -e ready ]; do sleep 0.02; done
read -r keeper rest <"/proc/$front/task/$front/children" || true
kill -KILL "$front" "$keeper"
wait "$front"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
$nobody "$1" reap --dry-run; echo "code $?"
$nobody "$1" reap; echo "code $?"
"$1" reap; echo "code $?"
)");
  command = in_namespace;
  command.insert(command.end(), {"sh", script, own});
  RunOptions options;
  options.directory = directory.path();
  options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""}, {"SPECGUARD_ATTEMPT", ""}};
  EXPECT_THAT(
      run(command, options).out,
      ContainsRegex("cannot clear process [0-9]+: sleep 777 \\(of another user: reap as that user, "
                    "or as root\\)\ncode 0\n"
                    "could not clear process [0-9]+: sleep 777 \\(of another user: .*\ncode 1\n"
                    "cleared process [0-9]+: sleep 777\ncode 0\n"));
}

// Of 40 it said "left 32 processes behind" and "16 more".
TEST(ExecTest, AllLeaksAreCountedThoughSomeAreNamed) {
  const RunResult result = exec_shell(
      "i=0; while [ $i -lt 40 ]; do sleep 4321 >/dev/null 2>&1 & i=$((i+1)); done; exit 0",
      {"--leaks", "fail", "--kill-after", "100ms"});
  EXPECT_THAT(result.err, HasSubstr("leaked: passed, but left 40 processes behind"));
  EXPECT_THAT(result.err, HasSubstr("test-launcher:   and 24 more\n"));
}

TEST(ExecTest, SkipCodeSkipsAndSaysSo) {
  const RunResult result = exec_shell("exit 77", {"--skip-code", "77"});
  EXPECT_EQ(result.exit_code, 77);
  EXPECT_THAT(result.err, HasSubstr("test-launcher: skipped: "));
  EXPECT_THAT(exec_shell("exit 77").err, Not(HasSubstr("skipped")));
}

TEST(ExecTest, AFailureInItsOwnOutputIsNoPass) {
  const auto code = [](const std::string& script, const std::string& format) {
    return exec_shell(script, {"--results", format}).exit_code;
  };
  EXPECT_EQ(code("echo '  ✗ adds'; echo '3 examples, 1 failure'", "simple"), 1);
  EXPECT_EQ(code("echo '3 examples, 0 failures'", "simple"), 0);
  EXPECT_EQ(code("echo 1..2; echo ok 1; echo not ok 2", "tap"), 1);
  EXPECT_EQ(code("echo 1..2; echo ok 1", "tap"), 1);
  EXPECT_EQ(code("echo 1..1; echo ok 1", "tap"), 0);
}

TEST(ExecTest, WhatCannotRunIsALauncherError) {
  const RunResult missing = exec({"--", "/no/such/program"});
  EXPECT_EQ(missing.exit_code, 125);
  EXPECT_THAT(missing.err, HasSubstr("cannot run /no/such/program: No such file or directory"));
  const TempDir directory;
  EXPECT_THAT(exec({"--", directory.write("plain", "text")}).err, HasSubstr("Permission denied"));
}

TEST(ExecTest, BadOptionsAreUsageErrorsThatNameTheirSource) {
  const std::vector<std::vector<std::string>> bad = {{"--bogus", "--", "true"},
                                                     {"--timeout", "soon", "--", "true"},
                                                     {"--memory=12X", "--", "true"},
                                                     {"--timeout=0", "--", "true"},
                                                     {"--leaks", "maybe", "--", "true"},
                                                     {"--isolation=jail", "--", "true"},
                                                     {"--skip-code", "0", "--", "true"},
                                                     {"--timeout", "1"},
                                                     {"--"},
                                                     {"--cpus", "-1", "--", "true"},
                                                     {"--settings", "/no/such/file", "--", "true"},
                                                     {"--timeout", "--", "true"},
                                                     {"--timeout", "--strict", "--", "true"},
                                                     {"--pids=4", "--pids=5", "--", "true"},
                                                     {"--strict=maybe", "--", "true"},
                                                     {"true", "--", "true"},
                                                     {"-t", "5", "--", "true"}};
  for (const auto& arguments : bad) {
    const RunResult result = exec(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments.front();
    EXPECT_THAT(result.err, HasSubstr("test-launcher exec: ")) << arguments.front();
  }
  RunOptions options = by_hand();
  options.environment["SPECGUARD_TIMEOUT"] = "soon";
  EXPECT_THAT(exec({"--", "true"}, options).err, HasSubstr("SPECGUARD_TIMEOUT: 'soon'"));
}

TEST(ExecTest, HelpListsEveryOption) {
  const RunResult result = exec({"--timeout", "5", "--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* option : {"--timeout TIME", "--memory SIZE", "--strict", "--settings FILE"})
    EXPECT_THAT(result.out, HasSubstr(option));
}

// The kernel keeps no status of the children of a process that ignores SIGCHLD.
TEST(ExecTest, AnIgnoredSigchldHidesNoFailure) {
  const std::vector<std::string> ignoring = {"env", "--ignore-signal=CHLD"};
  const auto under = [&](std::vector<std::string> command) {
    command.insert(command.begin(), ignoring.begin(), ignoring.end());
    return run(command, by_hand());
  };
  EXPECT_EQ(under({launcher(), "exec", "--", "sh", "-c", "exit 5"}).exit_code, 5);
  const std::vector<std::string> test = {"grep", "SigIgn", "/proc/self/status"};
  EXPECT_EQ(under({launcher(), "exec", "--", test[0], test[1], test[2]}).out, under(test).out);
}

TEST(ExecTest, SettingsComeFromTheStrongestSource) {
  const TempDir directory;
  const std::string settings = directory.write(
      "settings.json", R"({"version": 1, "exec": {"timeout": "300ms", "kill-after": "50ms"}})");
  EXPECT_EQ(exec({"--settings", settings, "--", "sleep", "100"}).exit_code, 124);
  RunOptions options = by_hand();
  options.environment["SPECGUARD_TIMEOUT"] = "60";
  EXPECT_EQ(exec({"--settings", settings, "--", "sleep", "1"}, options).exit_code, 0);
  EXPECT_EQ(
      exec({"--settings", settings, "--timeout=200ms", "--", "sleep", "100"}, options).exit_code,
      124);
  const RunResult broken = exec({"--settings", directory.write("broken.json", "{"), "--", "true"});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.err, HasSubstr("broken.json"));
}

TEST(ExecTest, SwitchedOffItIsTheCommandItself) {
  RunOptions options = by_hand();
  options.environment["SPECGUARD_OFF"] = "1";
  const RunResult result =
      exec({"--timeout", "nonsense", "--", "sh", "-c", "echo $PPID; exit 9"}, options);
  EXPECT_EQ(result.exit_code, 9);
  EXPECT_EQ(result.out, std::to_string(::getpid()) + "\n");
}

TEST(ExecTest, ALauncherInsideALauncherKeepsItsOwnVerdict) {
  const std::string inner =
      "'" + launcher() + "' exec --timeout 300ms --kill-after 50ms -- sleep 777; echo inner: $?";
  const RunResult result = exec_shell(inner, {"--timeout", "60"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("inner: 124"));
}

TEST(ExecTest, OneSignalEndsTheTestAndTheLauncherByIt) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    const TempDir directory;
    Background started(
        {launcher(), "exec", "--", SPECGUARD_MISBEHAVE, "hang", "daemonize", directory / "log"},
        by_hand());
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(directory / "log.ready"); }));
    started.signal(number);
    const RunResult result = started.wait();
    EXPECT_EQ(result.signal, number);
    EXPECT_THAT(result.err, HasSubstr("test-launcher: aborted: "));
    EXPECT_TRUE(processes_with_argument((directory / "log").string()).empty());
  }
}

TEST(ExecTest, UsageIsToldOnRequest) {
  const RunResult result = exec_shell("exit 0", {"--verbose"});
  EXPECT_THAT(result.err, HasSubstr("test-launcher: usage: wall "));
  EXPECT_THAT(result.err, HasSubstr("peak memory "));
}

}  // namespace
}  // namespace specguard::testing
