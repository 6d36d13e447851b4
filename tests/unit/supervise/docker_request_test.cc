// What the daemon is told is what docker's client would be told: bounds, mounts, and nothing left
// to defaults. That docker makes the same of both is for the container tests.
#include "supervise/docker_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace specguard::supervise {
namespace {

using nlohmann::json;

ContainerRequest request_for_docker() {
  ContainerRequest request;
  request.image = "tests:1";
  request.user = {1000, 1001};
  request.directory = "/build";
  request.command = {"container-init", "--rm", ""};
  request.labels = {{"org.specguard.attempt", "abc"}};
  request.environment = {"LANG"};
  request.fixed_environment = {"HOME=/tmp"};
  return request;
}

json told(const ContainerRequest& request) {
  return *base::parse_json(docker_create_request(request), "request");
}

TEST(DockerRequestTest, EveryBoundIsTold) {
  const json all = told(request_for_docker());
  EXPECT_EQ(all["Image"], "tests:1");
  EXPECT_EQ(all["Entrypoint"], json({"/.specguard/launcher"}));
  EXPECT_EQ(all["Cmd"], json({"container-init", "--rm", ""}));
  EXPECT_EQ(all["User"], "1000:1001");
  EXPECT_EQ(all["WorkingDir"], "/build");
  EXPECT_EQ(all["Env"], json({"LANG", "HOME=/tmp"}));
  EXPECT_EQ(all["Labels"], json({{"org.specguard.attempt", "abc"}}));
  const json& host = all["HostConfig"];
  EXPECT_EQ(host["AutoRemove"], true);
  EXPECT_EQ(host["NetworkMode"], "none");
  EXPECT_EQ(host["Memory"], 536870912);
  EXPECT_EQ(host["MemorySwap"], 536870912);
  EXPECT_EQ(host["NanoCpus"], 1'000'000'000);
  EXPECT_EQ(host["PidsLimit"], 257);
  EXPECT_EQ(host["CapDrop"], json({"ALL"}));
  EXPECT_EQ(host["SecurityOpt"], json({"no-new-privileges"}));
  EXPECT_EQ(host["ReadonlyRootfs"], true);
  EXPECT_EQ(host["Tmpfs"], json({{"/tmp", "rw,nosuid,nodev,exec,mode=1777"}}));
  EXPECT_EQ(host["LogConfig"], json({{"Type", "none"}}));
}

// Where the daemon runs without root that is the user outside.
TEST(DockerRequestTest, WithoutRootTheUserIsRootInside) {
  ContainerRequest request = request_for_docker();
  request.rootless = true;
  EXPECT_EQ(told(request)["User"], "0:0");
}

TEST(DockerRequestTest, WhatWasAskedForReplacesTheDefaults) {
  ContainerRequest request = request_for_docker();
  request.bounds = {.memory_bytes = 64 << 20, .cpus = 0.125, .pids = 20};
  request.host_network = true;
  const json host = told(request)["HostConfig"];
  EXPECT_EQ(host["Memory"], 67108864);
  EXPECT_EQ(host["NanoCpus"], 130'000'000);  // as the command line has it, and the init expects it
  EXPECT_EQ(host["PidsLimit"], 21);
  EXPECT_EQ(host["NetworkMode"], "host");
}

TEST(DockerRequestTest, APathIsItselfWhateverIsInIt) {
  ContainerRequest request = request_for_docker();
  request.mounts = {{"/a,b:c\"d", "/a,b:c\"d", false}, {"/build", "/build", true}};
  request.mounts.push_back({"/x,y", "/x,y", true, "/tmp/s"});
  const json mounts = told(request)["HostConfig"]["Mounts"];
  EXPECT_EQ(mounts[0], json({{"Type", "bind"},
                             {"Source", "/a,b:c\"d"},
                             {"Target", "/a,b:c\"d"},
                             {"ReadOnly", true}}));
  EXPECT_EQ(mounts[1]["ReadOnly"], false);
  EXPECT_EQ(mounts[2]["Type"], "volume");
  EXPECT_EQ(mounts[2]["Target"], "/x,y");
  EXPECT_EQ(mounts[2]["VolumeOptions"]["DriverConfig"]["Options"]["o"],
            "lowerdir=/x\\,y,upperdir=/tmp/s/upper,workdir=/tmp/s/work");
}

}  // namespace
}  // namespace specguard::supervise
