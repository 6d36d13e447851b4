// `--isolation namespace`: each claim from inside, and the one thing no other isolation can: the
// death of front and keeper in one blow leaves nothing.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

#include "claims.h"
#include "harness.h"

namespace specguard::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Of the group that the test is in, version 1 or 2.
constexpr const char* kCpuQuota = R"sh(
v1=$(sed -n 's/^[0-9]*:cpu\(,cpuacct\)\{0,1\}://p' /proc/self/cgroup)
v2=$(sed -n 's/^0:://p' /proc/self/cgroup)
echo "quota $(cat "/sys/fs/cgroup/cpu$v1/cpu.cfs_quota_us" "/sys/fs/cgroup$v2/cpu.max" 2>/dev/null)"
)sh";

class NamespaceTest : public ::testing::Test {
 protected:
  NamespaceTest() {
    std::filesystem::create_directories(build());
    options_.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""},
                            {"DASHBOARD_TEST_FROM_CTEST", ""},
                            {"SPECGUARD_ATTEMPT", ""}};
    options_.directory = build();
  }

  std::filesystem::path build() const { return directory_ / "build, of;a \"shop\""; }

  std::vector<std::string> command(std::vector<std::string> options,
                                   const std::vector<std::string>& test) const {
    std::vector<std::string> words = {launcher(),  "exec",        "--isolation",
                                      "namespace", "--build-dir", build()};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--");
    words.insert(words.end(), test.begin(), test.end());
    return words;
  }
  RunResult exec_shell(const std::string& script, std::vector<std::string> options = {}) const {
    return run(command(std::move(options), {"sh", "-c", script}), options_);
  }

  TempDir directory_;
  RunOptions options_;
};

TEST_F(NamespaceTest, EveryClaimHoldsInside) {
  const std::string source = directory_.write("source/CMakeLists.txt", "");
  const RunResult result = exec_shell(R"sh(
try() { if "$@" 2>/dev/null; then echo "can: $*"; else echo "cannot: $*"; fi; }
grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid)' /proc/self/status
echo "map $(awk '{print NF, $3}' /proc/self/uid_map)"
try touch /usr/in-root
try touch /etc/in-etc
try touch ')sh" + source + R"sh('
try touch built
try touch /tmp/temporary /var/tmp/temporary /dev/shm/temporary
echo "tmp $(ls /tmp | grep -c -v -e temporary -e specguard-test)"
(setsid sleep 54321.6 &)
echo "sockets $(ls -s /run/docker.sock /run/podman/podman.sock 2>/dev/null | grep -c .)"
try mount -t tmpfs none /mnt
try unshare --user true
try chroot / true
echo "interfaces $(sed -n 's/^ *\([^ ]*\):.*/\1/p' /proc/net/dev | tr '\n' ' ')"
try dd if=/dev/zero of=/dev/null count=1
try dd if=/dev/kmsg of=/dev/null count=1
for disk in /dev/vda /dev/sda /dev/nvme0n1 /dev/loop0; do try dd if=$disk of=/dev/null count=1; done
echo "init $(cat /proc/1/comm)"
echo "processes $(ls /proc | grep -c '^[0-9]')"
for name in user pid mnt net ipc uts; do echo "$name $(readlink /proc/self/ns/$name)"; done
)sh");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string& out = result.out;
  Claims claims("namespace", "inside");
  claims.show("no capabilities, none to be had");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_THAT(out, HasSubstr(std::string(set) + ":\t0000000000000000\n"));
  EXPECT_THAT(out, HasSubstr("cannot: mount"));
  EXPECT_THAT(out, HasSubstr("cannot: unshare"));
  EXPECT_THAT(out, HasSubstr("cannot: chroot"));
  claims.show("no_new_privs");
  EXPECT_THAT(out, HasSubstr("NoNewPrivs:\t1\n"));
  claims.show("seccomp filter");
  EXPECT_THAT(out, HasSubstr("Seccomp:\t2\n"));
  claims.show("not root of the machine");
  EXPECT_THAT(out, HasSubstr("map 3 1\n"));  // the one user, and nobody else
  claims.show("root directory read-only");
  EXPECT_THAT(out, HasSubstr("cannot: touch /usr/in-root\n"));
  EXPECT_THAT(out, HasSubstr("cannot: touch /etc/in-etc\n"));
  claims.show("source directory read-only");
  EXPECT_THAT(out, HasSubstr("cannot: touch " + source));
  EXPECT_THAT(out, HasSubstr("can: touch built\n"));
  EXPECT_TRUE(std::filesystem::exists(build() / "built"));
  claims.show("/tmp of its own, gone afterwards");
  EXPECT_THAT(out, HasSubstr("can: touch /tmp/temporary /var/tmp/temporary /dev/shm/temporary\n"));
  for (const char* name : {"/tmp/temporary", "/var/tmp/temporary", "/dev/shm/temporary"})
    EXPECT_FALSE(std::filesystem::exists(name));
  EXPECT_THAT(out, HasSubstr("tmp 0\n"));
  claims.show("no network but its own loopback");
  EXPECT_THAT(out, HasSubstr("interfaces lo \n"));
  claims.show("no socket of an engine");
  EXPECT_THAT(out, HasSubstr("sockets 0\n"));
  claims.show("memory limit, no swap beyond it");
  claims.show("limit on processes");
  claims.show("limit on CPUs");
  EXPECT_THAT(exec_shell("dd if=/dev/zero of=/dev/null bs=200M count=1", {"--memory", "64M"}).err,
              HasSubstr("out-of-memory: "));
  EXPECT_THAT(
      exec_shell("for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; exit 1", {"--pids", "5"}).err,
      HasSubstr("process-limit: "));
  const RunResult half = exec_shell(kCpuQuota, {"--cpus", "0.5", "--strict"});
  EXPECT_TRUE(half.out.find("quota 50000") != std::string::npos ||
              half.err.find("cannot enforce --cpus") != std::string::npos)
      << half.out << half.err;
  claims.show("no process outlives the test");
  EXPECT_THAT(out, HasSubstr("init specguard-init\n"));
  EXPECT_TRUE(wait_until([] { return processes_with_argument("54321.6").empty(); }));
  EXPECT_THAT(claims.unshown(), IsEmpty());
  EXPECT_THAT(
      out, AllOf(HasSubstr("can: dd if=/dev/zero"), HasSubstr("cannot: dd if=/dev/kmsg"),
                 Not(HasSubstr("can: dd if=/dev/vda")), Not(HasSubstr("can: dd if=/dev/sda")),
                 Not(HasSubstr("can: dd if=/dev/nvme")), Not(HasSubstr("can: dd if=/dev/loop"))));
  for (const char* name : {"user", "pid", "mnt", "net", "ipc", "uts"}) {
    const auto ours = std::filesystem::read_symlink(std::string("/proc/self/ns/") + name).string();
    EXPECT_THAT(out, Not(HasSubstr(std::string(name) + " " + ours + "\n")));
  }
}

TEST_F(NamespaceTest, TheMachinesNetworkIsThereOnRequest) {
  EXPECT_EQ(exec_shell("readlink /proc/self/ns/net", {"--network", "host"}).out,
            std::filesystem::read_symlink("/proc/self/ns/net").string() + "\n");
}

TEST_F(NamespaceTest, OnlyItsOwnLoopbackAnswers) {
  const RunResult result = exec_shell(
      "python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); s.listen(); "
      "c = socket.create_connection(s.getsockname(), 5); print(\"loopback\")'");
  EXPECT_EQ(result.out, "loopback\n") << result.err;
}

TEST_F(NamespaceTest, ScratchIsSeenInsideAndThrownAway) {
  directory_.write(build().filename() / "before", "old\n");
  const RunResult result =
      exec_shell("cat before; echo new > before; echo more > after; cat before", {"--scratch"});
  EXPECT_EQ(result.out, "old\nnew\n") << result.err;
  EXPECT_EQ(read_text(build() / "before"), "old\n");
  EXPECT_FALSE(std::filesystem::exists(build() / "after"));
}

TEST_F(NamespaceTest, ExitCodesAndSignalsPassThrough) {
  for (const int code : {0, 1, 77, 125, 137, 255})
    EXPECT_EQ(exec_shell("exit " + std::to_string(code)).exit_code, code);
  for (const int signal : {SIGSEGV, SIGKILL, SIGTERM})
    EXPECT_EQ(exec_shell("kill -" + std::to_string(signal) + " $$").signal, signal);
}

TEST_F(NamespaceTest, AProgramThatIsNotThereIsALauncherError) {
  const RunResult result = run(command({}, {"/no/such/program"}), options_);
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("cannot run /no/such/program: No such file or directory"));
}

// The shell takes such a script, after all arguments have been moved by one on a stack that must
// have room for them.
TEST_F(NamespaceTest, AScriptWithoutInterpreterAndManyArgumentsRuns) {
  const std::filesystem::path script = build() / "script";
  directory_.write(build().filename() / "script", "echo \"$# ${6000}\"\n");
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  std::vector<std::string> words = {script};
  words.resize(6000, "word");
  words.emplace_back("last");
  EXPECT_EQ(run(command({}, words), options_).out, "6000 last\n");
}

TEST_F(NamespaceTest, AMachineThatForbidsItIsNamedWithTheRemedy) {
  std::vector<std::string> words = {
      "unshare", "--user", "--map-root-user",
      "sh",      "-c",     "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
      "sh"};
  const auto exec = command({}, {"true"});
  words.insert(words.end(), exec.begin(), exec.end());
  const RunResult result = run(words, options_);
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, AllOf(HasSubstr("launcher-error"),
                                HasSubstr("sysctl -w user.max_user_namespaces=10000")));
}

TEST_F(NamespaceTest, AnOrdinaryUserHasItToo) {
  if (::geteuid() != 0) GTEST_SKIP() << "this is an ordinary user: all tests here show it";
  ASSERT_EQ(::chown(build().c_str(), 65534, 65534), 0);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::vector<std::string> words = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  const auto exec = command({}, {"sh", "-c", "id -u; touch built; grep CapEff /proc/self/status"});
  words.insert(words.end(), exec.begin(), exec.end());
  const RunResult result = run(words, options_);
  if (result.exit_code == 125 && result.err.find("remedy") != std::string::npos)
    GTEST_SKIP() << "forbidden to ordinary users here: " << result.err;
  EXPECT_EQ(result.out, "65534\nCapEff:\t0000000000000000\n") << result.err;
  EXPECT_TRUE(std::filesystem::exists(build() / "built"));
}

TEST_F(NamespaceTest, FrontAndKeeperKilledTogetherLeaveNothing) {
  const std::string mark = directory_.path().filename();
  for (int round = 0; round < 5; ++round) {
    Background started(command({}, {"sh", "-c",
                                    "trap '' TERM; (setsid sh -c 'while :; do sleep 1; done' " +
                                        mark + " &); touch ready; while :; do sleep 1; done",
                                    mark}),
                       options_);
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(build() / "ready"); }));
    const std::string children = read_text("/proc/" + std::to_string(started.pid()) + "/task/" +
                                           std::to_string(started.pid()) + "/children");
    ASSERT_FALSE(children.empty());
    started.signal(SIGSTOP);  // so that neither sees the other die
    ::kill(std::stoi(children), SIGKILL);
    started.signal(SIGKILL);
    EXPECT_TRUE(wait_until([&] { return processes_with_argument(mark).empty(); }));
    std::filesystem::remove(build() / "ready");
  }
}

}  // namespace
}  // namespace specguard::testing
