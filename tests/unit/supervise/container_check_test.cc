// The launcher inside believes no engine: each promise, and what it says where it is not kept.
#include "supervise/container_check.h"

#include <gmock/gmock.h>

namespace specguard::supervise {
namespace {

using ::testing::HasSubstr;

const ContainerPromise kPromise{
    .memory_bytes = 512 << 20, .tasks = 257, .cpus = 1.0, .own_network = true};

ContainerFacts kept() {
  ContainerFacts facts;
  facts.status =
      "Name:\tx\nUid:\t1000\t1000\t1000\t1000\nCapInh:\t0000000000000000\n"
      "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
      "CapAmb:\t0000000000000000\nNoNewPrivs:\t1";
  facts.mounts =
      "10 9 0:1 / / rw,relatime - overlay overlay rw\n"
      "12 10 0:2 / / ro,relatime - overlay overlay rw\n"
      "13 12 0:3 / /tmp rw,nosuid - tmpfs tmpfs rw";
  facts.network = "Inter-|   Receive\n face |bytes\n    lo:       0       0";
  facts.memory = "536870912";
  facts.tasks = "257";
  facts.cpu_quota = "100000";
  facts.cpu_period = "100000";
  return facts;
}

std::string broken(const ContainerPromise& promise, const ContainerFacts& facts) {
  const std::string isolation = broken_isolation(promise, facts);
  return isolation.empty() ? broken_limit(promise, facts) : isolation;
}

std::string with(const std::function<void(ContainerFacts&)>& change) {
  ContainerFacts facts = kept();
  change(facts);
  return broken(kPromise, facts);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ContainerCheckTest, AKeptPromiseIsSilent) {
  EXPECT_EQ(broken(kPromise, kept()), "");
  EXPECT_EQ(with([](auto& facts) {
              facts.cpu_quota = "50000 100000";  // version 2
              facts.cpu_period.clear();
            }),
            "");
  EXPECT_EQ(with([](auto& facts) { facts.memory = "536866816"; }), "");  // rounded to pages
}

TEST(ContainerCheckTest, EachBrokenPromiseIsSaid) {
  EXPECT_THAT(with([](auto& facts) {
                facts.status = replaced(facts.status, "CapBnd:\t0000000000000000",
                                        "CapBnd:\t00000000a80425fb");
              }),
              HasSubstr("it has capabilities (CapBnd is 00000000a80425fb)"));
  EXPECT_THAT(
      with([](auto& facts) { facts.status = replaced(facts.status, "NoNewPrivs:\t1", ""); }),
      HasSubstr("no_new_privs"));
  EXPECT_THAT(
      with([](auto& facts) { facts.status = replaced(facts.status, "Uid:\t1000", "Uid:\t0"); }),
      HasSubstr("root"));
  EXPECT_THAT(with([](auto& facts) { facts.mounts = replaced(facts.mounts, "ro,relatime", "rw"); }),
              HasSubstr("root directory can be written"));
  EXPECT_THAT(with([](auto& facts) { facts.network += "\n  eth0:  1"; }), HasSubstr("eth0"));
  EXPECT_THAT(with([](auto& facts) { facts.sockets = {"/run/docker.sock"}; }),
              HasSubstr("/run/docker.sock"));
  for (const char* none : {"", "max", "9223372036854771712"})
    EXPECT_THAT(with([&](auto& facts) { facts.memory = none; }), HasSubstr("memory is"));
  for (const char* none : {"", "max", "258"})
    EXPECT_THAT(with([&](auto& facts) { facts.tasks = none; }), HasSubstr("processes are"));
  for (const char* none : {"", "-1", "max 100000", "200000"})
    EXPECT_THAT(with([&](auto& facts) { facts.cpu_quota = none; }), HasSubstr("CPUs are"));
}

TEST(ContainerCheckTest, NothingReadableIsNothingPromised) {
  EXPECT_NE(broken_isolation(kPromise, {}), "");
  EXPECT_NE(broken_limit(kPromise, {}), "");
}

TEST(ContainerCheckTest, TheMachinesNetworkIsFineWhereItWasAskedFor) {
  ContainerPromise promise = kPromise;
  promise.own_network = false;
  ContainerFacts facts = kept();
  facts.network += "\n  eth0:  1";
  EXPECT_EQ(broken(promise, facts), "");
}

// An engine without root is root of a user namespace; only its map says whether the machine's is.
TEST(ContainerCheckTest, RootInsideIsFineWhereItIsTheUserOutsideAndNobodyElse) {
  const auto as_root = [](std::uint32_t promised, const char* map) {
    ContainerPromise promise = kPromise;
    promise.root_outside = promised;
    ContainerFacts facts = kept();
    facts.status = replaced(facts.status, "Uid:\t1000", "Uid:\t0");
    facts.user_map = map;
    return broken(promise, facts);
  };
  constexpr const char* kRootless =
      "         0       1234          1\n         1     200000      65536";
  EXPECT_EQ(as_root(1234, kRootless), "");
  EXPECT_EQ(as_root(1000, kRootless), "its user is user 1234 of the machine, not 1000");
  for (const char* of_the_machine : {"         0          0 4294967295", "", "1 1234 1", "garbage"})
    EXPECT_EQ(as_root(1234, of_the_machine), "its user is root") << of_the_machine;
  EXPECT_EQ(as_root(0, kRootless), "its user is root");  // nobody said that it would be
}

}  // namespace
}  // namespace specguard::supervise
