// What an engine is told: nothing left to its defaults, nothing of the test's read as an option.
#include "supervise/container_arguments.h"

#include <gmock/gmock.h>

#include "supervise/container_backend.h"
#include "supervise/container_init.h"

namespace specguard::supervise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Not;
using ::testing::StartsWith;

ContainerRequest simple_request(EngineKind engine) {
  ContainerRequest request;
  request.engine = engine;
  request.program = "/usr/bin/engine";
  request.name = "specguard.1.2.3.abc";
  request.image = "tests:1";
  request.id_file = "/tmp/x/id";
  request.user = {1000, 1001};
  request.directory = "/build";
  request.command = {"container-init", "--rm", "-it"};
  return request;
}

TEST(ContainerArgumentsTest, EveryBoundIsToldToBothEngines) {
  for (const EngineKind engine : {EngineKind::kDocker, EngineKind::kPodman}) {
    ContainerRequest request = simple_request(engine);
    request.labels = {{"org.specguard.attempt", "abc"}};
    const auto words = container_command(request);
    for (const char* word :
         {"--rm", "--pull=never", "--network=none", "--memory=536870912", "--memory-swap=536870912",
          "--cpus=1.00", "--pids-limit=257", "--cap-drop=ALL", "--security-opt=no-new-privileges",
          "--read-only", "--tmpfs=/tmp:rw,nosuid,nodev,exec,mode=1777", "--user=1000:1001",
          "--name=specguard.1.2.3.abc", "--cidfile=/tmp/x/id", "--label=org.specguard.attempt=abc",
          "--workdir=/build", "--entrypoint=/.specguard/launcher"})
      EXPECT_THAT(words, Contains(word)) << engine_name(engine);
    EXPECT_EQ(words[0], "/usr/bin/engine");
    EXPECT_EQ(words[1], "run");
  }
}

TEST(ContainerArgumentsTest, WhatWasAskedForReplacesTheDefaults) {
  ContainerRequest request = simple_request(EngineKind::kDocker);
  request.bounds = {.memory_bytes = 64 << 20, .cpus = 0.5, .pids = 20};
  request.host_network = true;
  const auto words = container_command(request);
  for (const char* word : {"--memory=67108864", "--memory-swap=67108864", "--cpus=0.50",
                           "--pids-limit=21", "--network=host"})
    EXPECT_THAT(words, Contains(word));
  EXPECT_THAT(words, Not(Contains("--network=none")));
}

TEST(ContainerArgumentsTest, OnlyPodmanIsToldItsOwnWords) {
  EXPECT_THAT(container_command(simple_request(EngineKind::kDocker)),
              Not(Contains(StartsWith("--read-only-tmpfs"))));
  EXPECT_THAT(container_command(simple_request(EngineKind::kPodman)),
              Contains("--read-only-tmpfs=false"));
}

// Podman keeps the number of the user; docker has no word for that, but there root is the user.
TEST(ContainerArgumentsTest, WithoutRootTheUserIsTheSameOneOutside) {
  ContainerRequest request = simple_request(EngineKind::kPodman);
  request.rootless = true;
  EXPECT_THAT(container_command(request), Contains("--user=1000:1001"));
  EXPECT_THAT(container_command(request), Contains("--userns=keep-id"));
  request.engine = EngineKind::kDocker;
  EXPECT_THAT(container_command(request), Contains("--user=0:0"));
  EXPECT_THAT(container_command(request), Not(Contains(StartsWith("--userns"))));
}

TEST(ContainerArgumentsTest, TheTestsWordsComeAfterTheImageAndStayAsTheyAre) {
  const auto words = container_command(simple_request(EngineKind::kDocker));
  const std::vector<std::string> tail(words.end() - 4, words.end());
  EXPECT_THAT(tail, ElementsAre("tests:1", "container-init", "--rm", "-it"));
}

TEST(ContainerArgumentsTest, MountsAreQuotedAsCommaSeparatedValues) {
  const auto option = [](const std::string& source, bool writable) {
    return mount_option(simple_request(EngineKind::kDocker), {source, "/t", writable});
  };
  EXPECT_EQ(option("/a", false), "--mount=type=bind,source=/a,target=/t,readonly");
  EXPECT_EQ(option("/a;b:c d/-x", true), "--mount=type=bind,source=/a;b:c d/-x,target=/t");
  EXPECT_EQ(option("/a,b", true), "--mount=type=bind,\"source=/a,b\",target=/t");
  EXPECT_EQ(option("/a\"b", true), "--mount=type=bind,\"source=/a\"\"b\",target=/t");
}

TEST(ContainerArgumentsTest, ScratchIsAnOverlayThatGoesWithTheContainer) {
  const ContainerMount mount{"/a,b:c", "/t", true, "/s"};
  ContainerRequest docker = simple_request(EngineKind::kDocker);
  ContainerRequest podman = simple_request(EngineKind::kPodman);
  EXPECT_EQ(mount_option(docker, mount),
            "--mount=type=volume,target=/t,volume-opt=type=overlay,"
            "volume-opt=device=overlay,\"volume-opt=o=lowerdir=/a\\,b\\:c,upperdir=/s/upper,"
            "workdir=/s/work\"");
  EXPECT_EQ(mount_option(podman, {"/a", "/t", true, "/s"}), "--volume=/a:/t:O");
  // --volume knows no way to write a colon.
  const ContainerMount colon{"/a", "/t:x", true, "/s"};
  EXPECT_EQ(mount_option(podman, colon),
            "--mount=type=volume,target=/t:x,volume-opt=type=overlay,"
            "volume-opt=device=overlay,\"volume-opt=o=lowerdir=/a,upperdir=/s/upper,"
            "workdir=/s/work\"");
  docker.rootless = podman.rootless = true;
  EXPECT_THAT(mount_option(docker, mount), EndsWith("workdir=/s/work,userxattr\""));
  EXPECT_THAT(mount_option(podman, colon), EndsWith("workdir=/s/work,userxattr\""));
}

TEST(ContainerArgumentsTest, ImageNamesThatAreNoneAreRefused) {
  EXPECT_TRUE(check_image_name("registry.example:5000/a/b:1@sha256:abc").ok());
  for (const char* image : {"", "-v", "--privileged", "a b", "a\nb", "\x7f"})
    EXPECT_FALSE(check_image_name(image).ok()) << image;
}

TEST(ContainerArgumentsTest, OnlyWhatWasAddedForTheTestGoesIn) {
  const std::vector<std::string> parent = {"PATH=/bin", "TOKEN=secret", "LANG=C", "A=1"};
  const std::vector<std::string> own = {"PATH=/bin", "TOKEN=secret", "LANG=C",
                                        "A=2",       "NEW=x",        "SPECGUARD_ATTEMPT=1",
                                        "_=/x",      "SHLVL=2",      "B*=1"};
  EXPECT_THAT(environment_for_container(own, parent),
              ElementsAre("A", "LANG", "NEW", "SPECGUARD_ATTEMPT"));
  // Where the process above cannot be looked at, nothing is taken for added.
  EXPECT_THAT(environment_for_container(own, {}), ElementsAre("LANG", "SPECGUARD_ATTEMPT"));
}

TEST(ContainerArgumentsTest, TheLauncherInsideHearsWhatTheOneOutsideSays) {
  ContainerInitOrder order;
  order.promise = {
      .memory_bytes = 123, .tasks = 45, .cpus = 0.5, .own_network = false, .root_outside = 1234};
  order.grace = std::chrono::milliseconds(700);
  order.cpu_limit = std::chrono::seconds(3);
  order.open_files = 99;
  order.file_size_bytes = 4096;
  order.command = {"sh", "-c", "", "--x"};
  const auto words = container_init_words(order);
  ASSERT_EQ(words.front(), kContainerInit);
  const auto heard = parse_container_init_words({words.begin() + 1, words.end()});
  ASSERT_TRUE(heard.ok());
  EXPECT_EQ(heard->promise.memory_bytes, 123u);
  EXPECT_EQ(heard->promise.tasks, 45u);
  EXPECT_EQ(heard->promise.cpus, 0.5);
  EXPECT_FALSE(heard->promise.own_network);
  EXPECT_EQ(heard->promise.root_outside, 1234u);
  EXPECT_EQ(heard->grace, order.grace);
  EXPECT_EQ(heard->cpu_limit, order.cpu_limit);
  EXPECT_EQ(heard->open_files, 99u);
  EXPECT_EQ(heard->file_size_bytes, 4096u);
  EXPECT_EQ(heard->command, order.command);
  EXPECT_FALSE(
      parse_container_init_words({"1", "2", "x", "none", "1", "1", "0", "0", "0", "true"}).ok());
  EXPECT_FALSE(parse_container_init_words({"1", "2", "1.0", "none", "1", "1", "0", "0", "0"}).ok());
  EXPECT_FALSE(parse_container_init_words({}).ok());
}

TEST(ContainerMountsTest, SourceIsReadOnlyAndOnlyTheBuildDirectoryIsWritten) {
  const Place place{.build_dir = "/p/build", .source_dir = "/p", .spec = "/p/test/a_spec.spl"};
  EXPECT_THAT(
      container_mounts(place, "/p/build/sub", "/p/build/unit"),
      ElementsAre(ContainerMount{"/p", "/p", false}, ContainerMount{"/p/build", "/p/build", true}));
}

TEST(ContainerMountsTest, WhatLiesElsewhereIsShownToo) {
  const Place place{.build_dir = "/b", .source_dir = "/s", .spec = "/specs/a_spec.spl"};
  EXPECT_THAT(
      container_mounts(place, "/elsewhere", "/opt/simple/bin/simple"),
      ElementsAre(ContainerMount{"/b", "/b", true}, ContainerMount{"/s", "/s", false},
                  ContainerMount{"/specs", "/specs", false},
                  ContainerMount{"/elsewhere", "/elsewhere", false},
                  ContainerMount{"/opt/simple/bin/simple", "/opt/simple/bin/simple", false}));
}

TEST(ContainerMountsTest, TheSystemsProgramsAreTheImages) {
  const Place place{.build_dir = "/b"};
  EXPECT_THAT(container_mounts(place, "/b", "/usr/local/bin/simple"),
              ElementsAre(ContainerMount{"/b", "/b", true}));
  EXPECT_THAT(container_mounts(place, "/bad", ""),  // no prefix of a path, a prefix of a text
              ElementsAre(ContainerMount{"/b", "/b", true}, ContainerMount{"/bad", "/bad", false}));
}

TEST(ContainerUserTest, IsNeverRoot) {
  const sys::Identity root{0, 0};
  const sys::Identity person{1000, 1000};
  EXPECT_EQ(container_user(person, std::nullopt), person);
  EXPECT_EQ(container_user(person, sys::Ownership{{7, 7}, 0700}), person);
  EXPECT_EQ(container_user(root, sys::Ownership{person, 0755}), person);
  EXPECT_EQ(container_user(root, sys::Ownership{root, 0755}).user, 65534u);
  EXPECT_EQ(container_user(root, std::nullopt).user, 65534u);
}

}  // namespace
}  // namespace specguard::supervise
