// Every limit with real processes, by whatever means this machine has. The same program runs as
// root and as an ordinary user, on control groups of version 1, of version 2 (in the virtual
// machine), and without any; SPECGUARD_EXPECT_MECHANISM says which must be found.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bounded_child.h"
#include "sys/cgroup.h"
#include "sys/child_limits.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
using base::Outcome;
using supervise::Limits;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t kMiB = 1u << 20;

bool is_grouped(const std::string& mechanism) {
  return mechanism.starts_with("cgroup");
}

[[noreturn]] void wait_to_be_killed() {
  for (;;) ::pause();
}

TEST(MechanismTest, IsTheOneExpectedHere) {
  const char* const expected = std::getenv("SPECGUARD_EXPECT_MECHANISM");
  if (expected == nullptr) GTEST_SKIP() << "SPECGUARD_EXPECT_MECHANISM is not set";
  EXPECT_EQ(mechanism_for({.memory_bytes = 64 * kMiB}, "memory"), expected);
  EXPECT_EQ(mechanism_for({.pids = 64}, "pids"), expected);
  if (is_grouped(expected)) {
    EXPECT_EQ(mechanism_for({.cpus = 0.5}, "cpus"), expected);
  }
  EXPECT_THAT(own_cgroups(), IsEmpty());
}

TEST(NoLimitTest, NothingIsOpenedOrMade) {
  const auto control = supervise::ResourceControl::open({}, "abc");
  ASSERT_TRUE(control);
  EXPECT_THAT((*control)->join_fds(), IsEmpty());
  EXPECT_THAT((*control)->rlimits(), IsEmpty());
  EXPECT_THAT((*control)->enforcement(), IsEmpty());
  EXPECT_THAT(own_cgroups(), IsEmpty());
  EXPECT_FALSE((*control)->kill_all());
}

TEST(MemoryTest, OneProcessTooLarge) {
  const Limits limits{.memory_bytes = 64 * kMiB};
  const BoundedEnd end = run_bounded(limits, [] {
    hold_memory(256 * kMiB);
    wait_to_be_killed();
    return 0;
  });
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kOutOfMemory);
  EXPECT_EQ(end.breach->evidence.limit, "64.0 MiB");
  EXPECT_FALSE(end.breach->evidence.peak.empty());
  EXPECT_EQ(end.breach->evidence.mechanism, mechanism_for(limits, "memory"));
  EXPECT_GE(end.usage.peak_memory_bytes.value_or(0), 60 * kMiB);
  EXPECT_FALSE(end.survivors);
}

TEST(MemoryTest, TheTreeCountsTogether) {
  const BoundedEnd end = run_bounded({.memory_bytes = 96 * kMiB}, [] {
    for (int i = 0; i < 3; ++i)
      start_process([] {
        hold_memory(48 * kMiB);
        wait_to_be_killed();
        return 0;
      });
    wait_to_be_killed();
    return 0;
  });
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kOutOfMemory);
  EXPECT_FALSE(end.survivors);
}

// Copy on write: four processes share the same 40 MiB, and the tree is no larger for it.
TEST(MemoryTest, PagesSharedByForkCountOnce) {
  const BoundedEnd end = run_bounded({.memory_bytes = 96 * kMiB}, [] {
    hold_memory(40 * kMiB);
    for (int i = 0; i < 3; ++i)
      start_process([] {
        ::usleep(400'000);
        return 0;
      });
    int failed = 0;
    for (int i = 0; i < 3; ++i) failed += wait_for_child() != 0;
    return failed;
  });
  EXPECT_FALSE(end.breach) << end.breach->evidence.reason << ": " << end.breach->evidence.peak;
  EXPECT_EQ(end.ending.exit_code, 0);
}

// A test whose helper was killed for memory has proved nothing, even where it exits with 0.
TEST(MemoryTest, AKilledHelperIsNotForgotten) {
  const BoundedEnd end = run_bounded({.memory_bytes = 64 * kMiB}, [] {
    start_process([] {
      hold_memory(256 * kMiB);
      wait_to_be_killed();
      return 0;
    });
    wait_for_child();
    return 0;
  });
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kOutOfMemory);
}

TEST(MemoryTest, AnOrdinarySigkillIsNoWantOfMemory) {
  const BoundedEnd end = run_bounded({.memory_bytes = 256 * kMiB}, [] {
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  EXPECT_FALSE(end.breach);
  EXPECT_EQ(end.ending.signal, SIGKILL);
}

TEST(MemoryTest, WithinTheLimitNothingHappens) {
  const BoundedEnd end = run_bounded({.memory_bytes = 256 * kMiB}, [] {
    hold_memory(32 * kMiB);
    return 3;
  });
  EXPECT_FALSE(end.breach);
  EXPECT_EQ(end.ending.exit_code, 3);
}

int fork_many(int count) {
  for (int i = 0; i < count; ++i)
    if (start_process([] {
          wait_to_be_killed();
          return 0;
        }) < 0)
      return 1;
  wait_to_be_killed();
}

TEST(PidsTest, TooManyAtOnce) {
  const Limits limits{.pids = 20};
  const BoundedEnd end = run_bounded(limits, [] { return fork_many(60); });
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kProcessLimit);
  EXPECT_EQ(end.breach->evidence.limit, "20");
  EXPECT_EQ(end.breach->evidence.mechanism, mechanism_for(limits, "pids"));
  EXPECT_FALSE(end.survivors);
}

TEST(PidsTest, ARefusedForkThatTheTestCopesWithIsItsOwnAffair) {
  if (!is_grouped(mechanism_for({.pids = 20}, "pids")))
    GTEST_SKIP() << "without a pids controller no fork is refused";
  const BoundedEnd coped = run_bounded({.pids = 5}, [] {
    int refused = 0;
    for (int i = 0; i < 10; ++i)
      refused += start_process([] {
                   ::usleep(100'000);
                   return 0;
                 }) < 0;
    return refused > 0 ? 0 : 1;
  });
  EXPECT_FALSE(coped.breach);
  EXPECT_EQ(coped.ending.exit_code, 0);
}

TEST(CpuTimeTest, CountsAllProcesses) {
  const Limits limits{.cpu_time = 400ms};
  const BoundedEnd end = run_bounded(limits, [] {
    start_process([] {
      burn_cpu_for_ever();
      return 0;
    });
    burn_cpu_for_ever();
    return 0;
  });
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kCpuTime);
  EXPECT_EQ(end.breach->evidence.mechanism, mechanism_for(limits, "cpu-time"));
  EXPECT_FALSE(end.survivors);
}

TEST(CpuTimeTest, SleepingIsFree) {
  const BoundedEnd end = run_bounded({.cpu_time = 400ms}, [] {
    ::usleep(700'000);
    return 0;
  });
  EXPECT_FALSE(end.breach);
}

TEST(CpusTest, AFractionIsAFraction) {
  if (!is_grouped(mechanism_for({.cpus = 0.25}, "cpus")))
    GTEST_SKIP() << "a fraction of a CPU needs the cpu controller";
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const BoundedEnd end = run_bounded({.cpu_time = 60s, .cpus = 0.25}, [] {
    const auto until = Clock::now() + 1s;
    while (Clock::now() < until) {
    }
    return 0;
  });
  const std::chrono::duration<double> wall = Clock::now() - began;
  ASSERT_TRUE(end.usage.user_cpu);
  const std::chrono::duration<double> used =
      *end.usage.user_cpu + end.usage.system_cpu.value_or(0us);
  EXPECT_LT(used.count(), 0.25 * wall.count() + 0.15);
}

TEST(CpusTest, WithoutAControllerWholeCpusAreHeldByAffinity) {
  const Limits limits{.cpus = 1};
  if (mechanism_for(limits, "cpus") != "affinity") GTEST_SKIP() << "there is a cpu controller";
  const BoundedEnd end =
      run_bounded(limits, [] { return static_cast<int>(sys::allowed_cpus().size()); });
  EXPECT_EQ(end.ending.exit_code, 1);
}

TEST(CpusTest, StrictRefusesARoundedFraction) {
  if (is_grouped(mechanism_for({.cpus = 0.5}, "cpus"))) GTEST_SKIP() << "there is a cpu controller";
  const auto control = supervise::ResourceControl::open({.cpus = 0.5, .strict = true}, "a");
  ASSERT_FALSE(control);
  EXPECT_THAT(control.error().message(), HasSubstr("--strict: this machine cannot enforce --cpus"));
  EXPECT_THAT(control.error().message(), HasSubstr("remedy: "));
}

TEST(OpenFilesTest, OfEachProcess) {
  const BoundedEnd end = run_bounded({.open_files = 32}, [] {
    int opened = 0;
    while (::open("/dev/null", O_RDONLY) >= 0 && opened < 100) ++opened;
    return opened < 32 ? 0 : 1;
  });
  EXPECT_EQ(end.ending.exit_code, 0);
}

TEST(FileSizeTest, SaysWhyTheSignalCame) {
  const BoundedEnd end = run_bounded({.file_size_bytes = kMiB}, [] {
    std::string name = std::filesystem::temp_directory_path() / "specguard-file-size-XXXXXX";
    const int fd = ::mkstemp(name.data());
    ::unlink(name.c_str());
    const std::string block(kMiB, 'x');
    for (int i = 0; i < 3; ++i)
      if (::write(fd, block.data(), block.size()) < 0) return 1;
    return 0;
  });
  EXPECT_EQ(end.ending.signal, SIGXFSZ);
  ASSERT_TRUE(end.breach);
  EXPECT_EQ(end.breach->outcome, Outcome::kCrashed);
  EXPECT_EQ(end.breach->evidence.limit, "1.0 MiB");
  EXPECT_EQ(end.breach->evidence.mechanism, "rlimit");
}

// Children that fork for ever: in a group, one kill_all ends them; their number is bounded, so that
// a failing test does not take the machine with it.
TEST(KillTest, AForkBombEnds) {
  if (!is_grouped(mechanism_for({.pids = 64}, "pids")))
    GTEST_SKIP() << "without a group it is the keeper's walk that ends it";
  const BoundedEnd end = run_bounded({.memory_bytes = 512 * kMiB, .pids = 64}, [] {
    for (int i = 0; i < 8; ++i)
      start_process([] {
        for (;;) {
          const pid_t pid = ::fork();
          if (pid > 0) ::_exit(0);
          if (pid < 0) ::usleep(1000);
        }
        return 0;
      });
    ::usleep(100'000);
    return 0;
  });
  EXPECT_FALSE(end.survivors);
  EXPECT_THAT(own_cgroups(), IsEmpty());
}

std::filesystem::path group_of_this_process(const char* controller) {
  const auto map = sys::read_cgroup_map();
  if (!map) return {};
  const auto* hierarchy = controller == nullptr ? map->unified() : map->v1(controller);
  return hierarchy == nullptr ? std::filesystem::path{} : hierarchy->own;
}

bool write_text(const std::filesystem::path& path, const char* text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// BenchExec's trick: a test that freezes itself in a group below ours takes no signal.
TEST(KillTest, AProcessFrozenInAGroupOfItsOwnEnds) {
  const Limits limits{.memory_bytes = 256 * kMiB};
  if (!is_grouped(mechanism_for(limits, "memory"))) GTEST_SKIP() << "no control groups here";
  const BoundedEnd end = run_bounded(limits, [] {
    start_process([] {
      for (const char* controller : {static_cast<const char*>(nullptr), "freezer"}) {
        const auto own = group_of_this_process(controller);
        if (own.filename().string().find("specguard.") != 0) continue;
        ::mkdir((own / "sub").c_str(), 0755);
        if (!write_text(own / "sub/cgroup.procs", "0")) continue;
        if (controller == nullptr) write_text(own / "sub/cgroup.freeze", "1");
        if (controller != nullptr) write_text(own / "sub/freezer.state", "FROZEN");
      }
      wait_to_be_killed();
      return 0;
    });
    ::usleep(200'000);
    return 0;
  });
  EXPECT_FALSE(end.survivors);
  EXPECT_THAT(own_cgroups(), IsEmpty());
}

// The first look came after 250 ms, and most tests are shorter.
TEST(UsageTest, PeaksOfAShortTestAreSeen) {
  const BoundedEnd end = run_bounded({}, [] {
    start_process([] {
      ::usleep(200'000);
      return 0;
    });
    wait_for_child();
    return 0;
  });
  EXPECT_GE(end.usage.peak_processes.value_or(0), 2u);
  EXPECT_EQ(run_bounded({}, [] { return 0; }).usage.peak_processes.value_or(0), 1u);
}

TEST(UsageTest, PeaksAreMeasuredWithoutAnyLimit) {
  const BoundedEnd end = run_bounded({}, [] {
    hold_memory(48 * kMiB);
    start_process([] {
      ::usleep(900'000);
      return 0;
    });
    wait_for_child();
    return 0;
  });
  EXPECT_GE(end.usage.peak_memory_bytes.value_or(0), 48 * kMiB);
  EXPECT_GE(end.usage.peak_processes.value_or(0), 2u);
}

}  // namespace
}  // namespace specguard::testing

// As another user, where SPECGUARD_TEST_UID says so: before anything else happens.
int main(int argc, char** argv) {
  if (const char* uid_text = std::getenv("SPECGUARD_TEST_UID")) {
    const auto uid = static_cast<uid_t>(std::atoi(uid_text));
    if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 ||
        ::setresuid(uid, uid, uid) != 0) {
      ::perror("become another user");
      return 1;
    }
    ::prctl(PR_SET_DUMPABLE, 1);  // a program that an ordinary user starts is; setuid took it away
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
