// `--isolation container` with real engines: what a test finds inside, and how its end is told.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "claims.h"
#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

INSTANTIATE_TEST_SUITE_P(Engines, ContainerTest, ::testing::Values(SPECGUARD_TEST_ENGINES),
                         [](const auto& row) { return row.param; });

constexpr const char* kProbe = R"sh(
echo "ids $(id -u) $(id -g)"
cat /proc/self/uid_map
grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
try() { if "$@" 2>/dev/null; then echo "can: $*"; else echo "cannot: $*"; fi; }
try touch /in-root
try touch /etc
try touch "$SOURCE/CMakeLists.txt"
try touch built
try touch /tmp/temporary
try ls "$OUTSIDE"
(setsid sleep 54321.5 &)
try mount -t tmpfs none /mnt
try chroot / true
echo "interfaces $(ls /sys/class/net | tr '\n' ' ')"
try wget -q -T 2 -O /dev/null http://127.0.0.1:1/
ls -d /var/run/docker.sock /run/docker.sock /run/podman/podman.sock 2>/dev/null
cgroup=/sys/fs/cgroup
echo "memory $(cat $cgroup/memory/memory.limit_in_bytes $cgroup/memory.max 2>/dev/null)"
echo "swap $(cat $cgroup/memory/memory.memsw.limit_in_bytes $cgroup/memory.swap.max 2>/dev/null)"
echo "tasks $(cat $cgroup/pids/pids.max $cgroup/pids.max 2>/dev/null)"
echo "cpus $(cat $cgroup/cpu/cpu.cfs_quota_us $cgroup/cpu.max 2>/dev/null)"
echo "init $(cat /proc/1/comm)"
echo "files $(ulimit -n) blocks $(ulimit -f)"
echo "token:$TOKEN added:$ADDED home:$HOME path:$PATH"
echo "at $(pwd)"
)sh";

// Every row of the table in docs/isolation.md whose proof is "inside" is a line here.
TEST_P(ContainerTest, EveryClaimHoldsInside) {
  directory().write("source/CMakeLists.txt", "");
  const std::string outside = directory().write("outside", "");
  directory().write("build/CMakeCache.txt",
                    "\nCMAKE_HOME_DIRECTORY:INTERNAL=" + (directory() / "source").string() + "\n");
  give_to_ordinary_user(directory().path());
  directory().write("build/probe.sh", kProbe);
  RunOptions options = run_options();
  options.environment["SOURCE"] = directory() / "source";
  options.environment["ADDED"] = "yes";
  const auto words = plain_command({"--open-files", "99", "--file-size", "1M"}, {"sh", "probe.sh"});
  // A shell between, which has the one variable from outside and adds the other for the test.
  std::string line = "exec env -u ADDED -u SOURCE TOKEN=secret sh -c 'ADDED=yes SOURCE=\"" +
                     (directory() / "source").string() + "\" OUTSIDE=\"" + outside +
                     "\" \"$@\"; exit $?' sh \"$@\"";
  std::vector<std::string> shell = {"sh", "-c", line, "sh"};
  shell.insert(shell.end(), words.begin(), words.end());
  const RunResult result = run(engine().as_its_user(shell), options);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const std::string& out = result.out;
  Claims claims(engine().client(), "inside");
  claims.show("not root of the machine");
  // Where docker runs without root, root inside is who runs it.
  const bool is_root_inside = engine().name() == "rootless_docker";
  EXPECT_THAT(out, HasSubstr(is_root_inside ? "ids 0 0\n         0       1234          1\n"
                                            : "ids 1234 1234\n"));
  claims.show("no capabilities, none to be had");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_THAT(out, HasSubstr(std::string(set) + ":\t0000000000000000\n"));
  EXPECT_THAT(out, HasSubstr("cannot: mount"));
  EXPECT_THAT(out, HasSubstr("cannot: chroot"));
  claims.show("no_new_privs");
  EXPECT_THAT(out, HasSubstr("NoNewPrivs:\t1\n"));
  claims.show("seccomp filter");
  EXPECT_THAT(out, HasSubstr("Seccomp:\t2\n"));
  claims.show("root directory read-only");
  EXPECT_THAT(out, HasSubstr("cannot: touch /in-root\n"));
  EXPECT_THAT(out, HasSubstr("cannot: touch /etc\n"));
  claims.show("source directory read-only");
  EXPECT_THAT(out, HasSubstr("cannot: touch " + (directory() / "source").string()));
  EXPECT_THAT(out, HasSubstr("can: touch built\n"));
  struct stat built {};
  EXPECT_EQ(::stat((build() / "built").c_str(), &built), 0);
  EXPECT_EQ(built.st_uid, 1234u);
  claims.show("/tmp of its own, gone afterwards");
  EXPECT_THAT(out, HasSubstr("can: touch /tmp/temporary\n"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/temporary"));
  claims.show("no network but its own loopback");
  EXPECT_THAT(out, HasSubstr("interfaces lo \n"));
  EXPECT_THAT(out, HasSubstr("cannot: wget"));
  claims.show("no socket of an engine");
  EXPECT_THAT(out, Not(HasSubstr(".sock")));
  claims.show("memory limit, no swap beyond it");
  EXPECT_THAT(out, HasSubstr("memory 536870912\n"));
  EXPECT_THAT(out, AnyOf(HasSubstr("swap 536870912\n"), HasSubstr("swap 0\n"),
                         HasSubstr("swap \n")));  // no accounting of swap
  claims.show("limit on processes");
  EXPECT_THAT(out, HasSubstr("tasks 257\n"));
  claims.show("limit on CPUs");
  EXPECT_THAT(out, HasSubstr("cpus 100000"));
  claims.show("no environment of the machine");
  EXPECT_THAT(out, HasSubstr("token: added:yes home:/tmp path:"));
  claims.show("other files of the machine invisible");
  EXPECT_THAT(out, HasSubstr("cannot: ls " + outside));
  claims.show("no process outlives the test");
  EXPECT_THAT(out, HasSubstr("init specguard-init\n"));
  EXPECT_TRUE(wait_until([] { return processes_with_argument("54321.5").empty(); }));
  EXPECT_THAT(claims.unshown(), IsEmpty());
  EXPECT_THAT(out, HasSubstr("files 99 blocks 2048\n"));
  EXPECT_THAT(out, HasSubstr("at " + build().string() + "\n"));
}

TEST_P(ContainerTest, OutputIsLiveAndTheContainerSaysWhoseItIs) {
  const std::string seen_live = directory() / "live";
  std::vector<std::string> words = {"sh", "-c", "exec \"$@\" > '" + seen_live + "'", "sh"};
  const auto exec = command({}, {"sh", "-c",
                                 "echo first; while ! test -e go; do sleep 0.05; done; echo last; "
                                 "echo wrong >&2; exit 126"});
  words.insert(words.end(), exec.begin(), exec.end());
  Background started(words, run_options());
  ASSERT_TRUE(
      wait_until([&] { return read_text(seen_live) == "first\n"; }, std::chrono::seconds(60)));
  const auto names = containers();
  ASSERT_EQ(names.size(), 1u);
  const RunResult seen = engine().ask(
      {"inspect", "--format",
       "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.NetworkMode}} {{.HostConfig.AutoRemove}} "
       "{{index .Config.Labels \"org.specguard.attempt\"}} {{.Config.User}}",
       names.front()});
  EXPECT_THAT(seen.out, MatchesRegex("true none true [0-9a-f]{16} 1234:1234\n")) << seen.err;
  directory().write("build/go", "");
  const RunResult result = started.wait();
  EXPECT_EQ(result.exit_code, 126);
  EXPECT_EQ(read_text(seen_live), "first\nlast\n");
  EXPECT_THAT(result.err, HasSubstr("wrong\n"));
}

TEST_P(ContainerTest, ExitCodesOfEnginesAreTheTestsOwn) {
  for (const int code : {125, 137}) {
    const RunResult result = exec_shell("exit " + std::to_string(code));
    EXPECT_TRUE(result.exited);
    EXPECT_EQ(result.exit_code, code) << result.err;
  }
}

TEST_P(ContainerTest, ASignalIsToldAsASignal) {
  const RunResult result = exec_shell("kill -SEGV $$");
  EXPECT_EQ(result.signal, SIGSEGV) << result.err;
  EXPECT_THAT(result.err, HasSubstr("crashed: died by SIGSEGV"));
}

TEST_P(ContainerTest, InputIsTheTests) {
  RunOptions options = run_options();
  options.input = "from outside";
  EXPECT_EQ(run(command({}, {"cat"}), options).out, "from outside");
}

// As a service or `<&-` starts it: a connection of the engine's client was the test's input once,
// and the test waited for it for ever.
TEST_P(ContainerTest, WithoutInputTheTestReadsNone) {
  std::vector<std::string> words = {"sh", "-c", "exec \"$@\" <&-", "sh"};
  const auto exec = command({}, {"cat"});
  words.insert(words.end(), exec.begin(), exec.end());
  const RunResult result = run(words, run_options());
  EXPECT_TRUE(result.deadline_met);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_P(ContainerTest, MemoryBeyondTheLimitIsOutOfMemory) {
  const RunResult result =
      exec({"--memory", "32M"}, {"dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err, HasSubstr("out-of-memory: "));
  EXPECT_THAT(result.err, HasSubstr("limit 32.0 MiB"));
  EXPECT_THAT(result.err, HasSubstr("held by " + engine().name()));
}

// An engine without root may leave a container in the cgroup of its caller, which counts on.
TEST_P(ContainerTest, AnAttemptIsToldOfItsOwnCountsOnly) {
  const RunResult first = exec({}, {"dd", "if=/dev/zero", "of=/dev/null", "bs=600M", "count=1"});
  EXPECT_EQ(first.signal, SIGKILL);
  EXPECT_THAT(first.err, HasSubstr("out-of-memory: "));
  const RunResult second = exec({}, {"true"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  if (!engine().is_rootless() || !std::filesystem::exists("/sys/fs/cgroup/memory")) return;
  const RunResult cpu_time = exec({"--cpu-time", "9"}, {"true"});
  EXPECT_EQ(cpu_time.exit_code, 125);
  EXPECT_THAT(cpu_time.err, HasSubstr("its CPU time cannot be told from that of others"));
  const RunResult memory = exec({"--memory", "400M"}, {"true"});
  EXPECT_EQ(memory.exit_code, 125);
  EXPECT_THAT(memory.err, HasSubstr("memory is limited to 536870912, not to 419430400"));
}

TEST_P(ContainerTest, ProcessesBeyondTheLimitAreRefused) {
  const RunResult result =
      exec_shell("for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; exit 1", {"--pids", "5"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err, HasSubstr("process-limit: "));
}

TEST_P(ContainerTest, CpuTimeIsBounded) {
  const RunResult result = exec_shell("while :; do :; done", {"--cpu-time", "1"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err, HasSubstr("cpu-time: "));
}

TEST_P(ContainerTest, WhatTheTestLeavesIsNamedAndGone) {
  // Seconds that no other test sleeps, not this one's with the other engine either.
  const std::string one = std::to_string(1'000'000 + ::getpid());
  const std::string other = std::to_string(100'000'000 + ::getpid());
  const RunResult result = exec_shell("sleep " + one + " & (setsid sleep " + other + " &) ; exit 0",
                                      {"--leaks", "fail", "--kill-after", "200ms"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("leaked: "), HasSubstr("sleep " + one), HasSubstr("sleep " + other)));
  EXPECT_TRUE(processes_with_argument(one).empty());
  EXPECT_TRUE(processes_with_argument(other).empty());
}

TEST_P(ContainerTest, ScratchIsSeenInsideAndThrownAway) {
  directory().write("build/before", "old\n");
  give_to_ordinary_user(build());
  const RunResult result =
      exec_shell("cat before; echo new > before; echo more > after; cat before", {"--scratch"});
  EXPECT_EQ(result.out, "old\nnew\n") << result.err;
  EXPECT_EQ(read_text(build() / "before"), "old\n");
  EXPECT_FALSE(std::filesystem::exists(build() / "after"));
}

TEST_P(ContainerTest, AScratchDirectoryMayHaveAnyName) {
  for (const std::string odd_name : {"a, b;c\"d\\ $x", "a:b"}) {
    const auto odd = directory() / odd_name;
    std::filesystem::create_directories(odd / "inner");
    directory().write(odd_name + "/before", "old\n");
    give_to_ordinary_user(directory().path());
    RunOptions options = run_options();
    options.directory = odd;
    const RunResult result = run(
        command(
            {"--build-dir", odd, "--scratch"},
            {"sh", "-c", "cat before; echo new > before; rmdir inner; mkdir inner; cat before"}),
        options);
    EXPECT_EQ(result.out, "old\nnew\n") << result.err;
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(read_text(odd / "before"), "old\n");
  }
  // Those of other tests come and go.
  std::istringstream volumes(engine().ask({"volume", "ls", "--quiet"}).out);
  for (std::string volume; volumes >> volume;)
    EXPECT_THAT(engine().ask({"volume", "inspect", "--format", "{{json .Options}}", volume}).out,
                Not(HasSubstr(name())));
}

TEST_P(ContainerTest, AnyPathIsSafe) {
  // What separates fields of options, of volumes and of lists, and what begins an option.
  const auto odd = directory() / "-v a, b;c:d\"e\\ $x/build";
  std::filesystem::create_directories(odd);
  give_to_ordinary_user(directory().path());
  RunOptions options = run_options();
  options.directory = odd;
  const RunResult result = run(
      command({"--build-dir", odd}, {"sh", "-c", "pwd; echo written > here; printf '%s|' \"$@\"",
                                     "sh", "--rm", "-it", "", "a b"}),
      options);
  EXPECT_EQ(result.out, odd.string() + "\n--rm|-it||a b|") << result.err;
  EXPECT_EQ(read_text(odd / "here"), "written\n");
}

TEST_P(ContainerTest, AnEnginesFailureIsALauncherErrorWithARemedy) {
  const RunResult no_image = exec({"--image", "no-such-image"}, {"true"});
  EXPECT_EQ(no_image.exit_code, 125);
  EXPECT_THAT(no_image.err, AllOf(HasSubstr("launcher-error: "), HasSubstr("no-such-image"),
                                  HasSubstr("build or load the image first")));
  const RunResult no_program = exec({}, {"no-such-program"});
  EXPECT_EQ(no_program.exit_code, 125);
  EXPECT_THAT(no_program.err, HasSubstr("launcher-error: cannot run no-such-program in the image "
                                        "specguard-test: No such file or directory"));
}

}  // namespace
}  // namespace specguard::testing
