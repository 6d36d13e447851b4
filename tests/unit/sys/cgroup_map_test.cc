// What is mounted where, and where we are in it, from the texts that kernels print.
#include <gmock/gmock.h>

#include "sys/cgroup.h"

namespace specguard::sys {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kHybridMounts =
    "24 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
    "31 24 0:27 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw\n"
    "32 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "33 24 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

TEST(CgroupMapTest, AHybridMachine) {
  const CgroupMap map = parse_cgroup_map(
      kHybridMounts, "5:cpu,cpuacct:/jobs\n4:memory:/jobs/one\n0::/user.slice/a:b\n");
  EXPECT_EQ(map.mode(), "hybrid");
  ASSERT_NE(map.unified(), nullptr);
  EXPECT_EQ(map.unified()->own, "/sys/fs/cgroup/unified/user.slice/a:b");
  ASSERT_NE(map.v1("cpuacct"), nullptr);
  EXPECT_EQ(map.v1("cpuacct"), map.v1("cpu"));
  EXPECT_EQ(map.v1("cpu")->own, "/sys/fs/cgroup/cpu,cpuacct/jobs");
  EXPECT_THAT(map.v1("cpu")->controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_EQ(map.v1("memory")->own, "/sys/fs/cgroup/memory/jobs/one");
  EXPECT_EQ(map.v1("pids"), nullptr);
}

TEST(CgroupMapTest, VersionTwoAlone) {
  const CgroupMap map =
      parse_cgroup_map("31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/\n");
  EXPECT_EQ(map.mode(), "v2");
  EXPECT_EQ(map.unified()->own, "/sys/fs/cgroup");
}

TEST(CgroupMapTest, NothingMounted) {
  EXPECT_EQ(parse_cgroup_map("24 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "0::/\n").mode(), "none");
  EXPECT_EQ(parse_cgroup_map("", "").mode(), "none");
}

// A container without a cgroup namespace: the path is the host's, the mount shows a part of it.
TEST(CgroupMapTest, AMountOfAPartOfTheHierarchy) {
  const std::string_view mounts = "31 24 0:27 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
  EXPECT_EQ(parse_cgroup_map(mounts, "0::/docker/abc/in\n").unified()->own, "/sys/fs/cgroup/in");
  EXPECT_EQ(parse_cgroup_map(mounts, "0::/docker/abc\n").unified()->own, "/sys/fs/cgroup");
  // Not a part of it, though the names begin alike, and what a process that was moved sees.
  EXPECT_EQ(parse_cgroup_map(mounts, "0::/docker/abcd\n").unified()->own, "");
  EXPECT_EQ(parse_cgroup_map(mounts, "0::/../other\n").unified()->own, "");
}

TEST(CgroupMapTest, AGroupThatWasRemovedIsNone) {
  EXPECT_EQ(parse_cgroup_map(kHybridMounts, "0::/gone (deleted)\n").unified()->own, "");
}

TEST(CgroupMapTest, PathsWithBlanks) {
  const CgroupMap map =
      parse_cgroup_map("31 24 0:27 / /mnt/a\\040b\\134c rw - cgroup2 cgroup rw\n", "0::/x y\n");
  EXPECT_EQ(map.unified()->own, "/mnt/a b\\c/x y");
}

TEST(CgroupMapTest, ASecondMountAddsNothing) {
  const CgroupMap map = parse_cgroup_map(
      "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
      "90 24 0:27 / /other rw - cgroup2 cgroup rw\n",
      "0::/a\n");
  ASSERT_EQ(map.hierarchies.size(), 1u);
  EXPECT_EQ(map.unified()->own, "/sys/fs/cgroup/a");
}

TEST(CgroupMapTest, WhatCannotBeReadIsPassedOver) {
  const CgroupMap map = parse_cgroup_map(
      "\n-\nx - cgroup2\n1 2 3 - cgroup2 cgroup rw\n"
      "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
      "\n:\nnonsense\n0::/a\n");
  EXPECT_EQ(map.hierarchies.size(), 1u);
  EXPECT_EQ(map.unified()->own, "/sys/fs/cgroup/a");
}

TEST(CgroupNameTest, CarriesItsOwner) {
  const CgroupOwner owner{.pid = 4321, .start_ticks = 987654321, .pid_namespace = 0xF0000001};
  const std::string name = cgroup_name(owner, "0123456789abcdef");
  EXPECT_EQ(name, "specguard.4321.987654321.f0000001.0123456789abcdef");
  EXPECT_EQ(parse_cgroup_name(name), owner);
}

TEST(CgroupNameTest, OthersAreNotOurs) {
  for (const char* name :
       {"", "specguard", "specguard.", "specguard.leaf", "specguard.0.1.2.a", "specguard.-4.1.2.a",
        "specguard.12.x.2.a", "specguard.12.1.2", "user.slice", "xspecguard.1.1.1.a",
        "specguard.99999999999999999999.1.1.a"})
    EXPECT_FALSE(parse_cgroup_name(name)) << name;
}

TEST(CgroupNameTest, OfThisProcessIsFoundAgain) {
  const CgroupOwner self = this_cgroup_owner();
  EXPECT_GT(self.start_ticks, 0u);
  EXPECT_EQ(parse_cgroup_name(cgroup_name(self, "abc")), self);
}

}  // namespace
}  // namespace specguard::sys
