// The sampler over made-up machines: directories with the files of /proc and of control groups.
#include "sys/machine_sample.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sys/resource_bound.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;
using ::testing::DoubleNear;
using ::testing::Optional;

constexpr std::uint64_t kMiB = 1ULL << 20;

// Its files describe a machine with 8000 MiB of memory, half of it available.
class FakeMachine {
 public:
  FakeMachine() {
    std::string path = (fs::temp_directory_path() / "specguard-machine-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n");
    write("proc/meminfo", "MemTotal: 8192000 kB\nMemFree: 1 kB\nMemAvailable: 4096000 kB\n");
    write("proc/self/cgroup", "");
    write("proc/self/mountinfo", "");
  }
  ~FakeMachine() { fs::remove_all(root_); }
  FakeMachine(const FakeMachine&) = delete;
  FakeMachine& operator=(const FakeMachine&) = delete;

  void write(const fs::path& name, const std::string& content) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::trunc) << content;
  }

  base::Result<MachineSampler> open() const {
    return MachineSampler::open({.disk_directory = root_, .root = root_});
  }

 private:
  fs::path root_;
};

// The second of two samples, between which the files change.
template <typename Change>
MachineSample second_sample(MachineSampler& sampler, const Change& change) {
  MachineCounters first;
  EXPECT_TRUE(sampler.sample(std::nullopt, first).ok());
  change();
  MachineCounters second;
  auto sample = sampler.sample(first, second);
  EXPECT_TRUE(sample.ok());
  return *sample;
}

TEST(MachineSampler, MeasuresCpuBetweenTwoSamplesOverAllFields) {
  const FakeMachine machine;
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  // user 10, nice 5, system 5, idle 40, iowait 20, irq 5, softirq 5, steal 10: 40 of 100 are used.
  // guest is contained in user already.
  const MachineSample sample = second_sample(
      *sampler, [&] { machine.write("proc/stat", "cpu  110 5 105 840 20 5 5 10 7 0\n"); });
  EXPECT_THAT(sample.cpu_percent, Optional(DoubleNear(40.0, 0.001)));
  EXPECT_DOUBLE_EQ(sample.memory_percent(), 50.0);
  EXPECT_GT(sample.disk_free_bytes.value_or(0), 0U);
}

TEST(MachineSampler, TheFirstSampleHasNoCpuUse) {
  const FakeMachine machine;
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  MachineCounters counters;
  const auto sample = sampler->sample(std::nullopt, counters);
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->cpu_percent, std::nullopt);
  EXPECT_EQ(sample->memory_pressure_percent, std::nullopt);
  EXPECT_EQ(counters.cpu_total, 1000U);
}

TEST(MachineSampler, CountersThatRunBackwardsMeasureNothing) {
  const FakeMachine machine;
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  const MachineSample sample = second_sample(
      *sampler, [&] { machine.write("proc/stat", "cpu  50 0 50 900 100 0 0 0 0 0\n"); });
  EXPECT_EQ(sample.cpu_percent, std::nullopt);
}

TEST(MachineSampler, ReadsPressureAsShareOfTheTimeBetween) {
  const FakeMachine machine;
  machine.write("proc/pressure/memory",
                "some avg10=99.00 avg60=0 avg300=0 total=1000\n"
                "full avg10=0.00 avg60=0 avg300=0 total=0\n");
  machine.write("proc/pressure/io",
                "some avg10=0 avg60=0 avg300=0 total=9\n"
                "full avg10=0 avg60=0 avg300=0 total=5\n");
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  const MachineSample sample = second_sample(*sampler, [&] {
    machine.write("proc/pressure/memory", "some avg10=0 avg60=0 avg300=0 total=900001000\n");
  });
  EXPECT_THAT(sample.memory_pressure_percent, Optional(100.0));  // clipped: more than the time
  EXPECT_THAT(sample.io_pressure_percent, Optional(0.0));
}

TEST(MachineSampler, MemoryIsMeasuredAgainstTheTightestGroupOfVersion2) {
  const FakeMachine machine;
  machine.write("proc/self/cgroup", "0::/outer/inner\n");
  machine.write("proc/self/mountinfo", "30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  machine.write("sys/fs/cgroup/outer/memory.max", "1048576000\n");
  machine.write("sys/fs/cgroup/outer/memory.current", "838860800\n");
  machine.write("sys/fs/cgroup/outer/memory.stat", "anon 1\nfile 2\ninactive_file 104857600\n");
  machine.write("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  MachineCounters counters;
  const auto sample = sampler->sample(std::nullopt, counters);
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->memory_bound_bytes, 1000 * kMiB);
  EXPECT_EQ(sample->memory_available_bytes, 300 * kMiB);  // cache that nobody needs is available
  EXPECT_EQ(sampler->bound(), "cgroup /outer/inner (1000.0 MiB)");
}

TEST(MachineSampler, AGroupCannotHaveMoreThanTheMachineHasLeft) {
  const FakeMachine machine;
  machine.write("proc/self/cgroup", "4:memory:/g\n");
  machine.write("proc/self/mountinfo",
                "34 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  machine.write("sys/fs/cgroup/memory/g/memory.limit_in_bytes", "1048576000\n");
  machine.write("sys/fs/cgroup/memory/g/memory.usage_in_bytes", "1048576\n");
  machine.write("sys/fs/cgroup/memory/g/memory.stat", "inactive_file 1\ntotal_inactive_file 0\n");
  machine.write("proc/meminfo", "MemTotal: 8192000 kB\nMemAvailable: 102400 kB\n");
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  MachineCounters counters;
  const auto sample = sampler->sample(std::nullopt, counters);
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->memory_available_bytes, 100 * kMiB);
}

TEST(MachineSampler, CpuIsMeasuredAgainstTheQuota) {
  const FakeMachine machine;
  machine.write("proc/self/cgroup", "0::/g\n");
  machine.write("proc/self/mountinfo", "30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  machine.write("sys/fs/cgroup/g/cpu.max", "1000 100000\n");  // a hundredth of a CPU
  machine.write("sys/fs/cgroup/g/cpu.stat", "usage_usec 5000\nuser_usec 1\n");
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  const MachineSample sample = second_sample(*sampler, [&] {
    machine.write("sys/fs/cgroup/g/cpu.stat", "usage_usec 900005000\nuser_usec 1\n");
    machine.write("proc/stat", "cpu  100 0 100 9999 0 0 0 0 0 0\n");  // the machine itself idles
  });
  EXPECT_THAT(sample.cpu_percent, Optional(100.0));
  EXPECT_EQ(sampler->bound(), "cgroup /g (0.01 CPUs)");
}

TEST(MachineSampler, SaysWhyItCannotBeOpened) {
  const auto sampler = MachineSampler::open({.disk_directory = {}, .root = "/nonexistent"});
  ASSERT_FALSE(sampler.ok());
  EXPECT_EQ(sampler.error().message(),
            "open /nonexistent/proc/stat and meminfo: No such file or directory");
}

TEST(MachineSampler, TheRealMachineHasMemoryAndCpu) {
  auto sampler = MachineSampler::open({.disk_directory = "/"});
  ASSERT_TRUE(sampler.ok());
  MachineCounters first;
  const auto one = sampler->sample(std::nullopt, first);
  ASSERT_TRUE(one.ok());
  EXPECT_GT(one->memory_bound_bytes, 0U);
  EXPECT_LE(one->memory_percent(), 100.0);
  std::optional<double> cpu;
  for (int i = 0; i < 1000 && !cpu; ++i) {  // until the kernel has counted a tick
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    MachineCounters now;
    cpu = sampler->sample(first, now)->cpu_percent;
  }
  ASSERT_TRUE(cpu.has_value());
  EXPECT_GE(*cpu, 0.0);
  EXPECT_LE(*cpu, 100.0);
}

TEST(ResourceBound, FindsMountAndGroupInHostileText) {
  const std::string mountinfo =
      "garbage\n- - -\n\n"
      "31 30 0:28 / /sys/fs/cgroup/cpu\\040acct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
      "32 30 0:29 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "33 30 0:30 / /sys/fs/cgroup/unified rw shared:9 master:1 - cgroup2 cgroup2 rw\n";
  EXPECT_EQ(parse_cgroup_mount(mountinfo, "cpuacct")->mount_point, "/sys/fs/cgroup/cpu acct");
  EXPECT_EQ(parse_cgroup_mount(mountinfo, "memory")->root, "/docker/ab");
  EXPECT_EQ(parse_cgroup_mount(mountinfo, "")->mount_point, "/sys/fs/cgroup/unified");
  EXPECT_EQ(parse_cgroup_mount(mountinfo, "pids"), std::nullopt);

  const std::string cgroup = "nonsense\n5:cpu,cpuacct:/a:b/c\n1:name=systemd:/x\n0::/u\n";
  EXPECT_EQ(parse_cgroup_path(cgroup, "cpu"), "/a:b/c");
  EXPECT_EQ(parse_cgroup_path(cgroup, ""), "/u");
  EXPECT_EQ(parse_cgroup_path(cgroup, "memory"), std::nullopt);
}

// Without a cgroup namespace the process knows its group by the host's name, and sees a part of
// the tree.
TEST(ResourceBound, FindsTheGroupOfAContainer) {
  const FakeMachine machine;
  machine.write("proc/self/cgroup", "4:memory:/docker/ab/sub\n");
  machine.write("proc/self/mountinfo",
                "34 30 0:31 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "524288000\n");
  machine.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n");
  machine.write("sys/fs/cgroup/memory/sub/memory.limit_in_bytes", "9223372036854771712\n");
  auto sampler = machine.open();
  ASSERT_TRUE(sampler.ok());
  MachineCounters counters;
  EXPECT_EQ(sampler->sample(std::nullopt, counters)->memory_bound_bytes, 500 * kMiB);
}

}  // namespace
}  // namespace specguard::sys
