// Whether docker's daemon runs without root, as far as its client says it.
#include "supervise/docker_daemon.h"

#include <gtest/gtest.h>

namespace specguard::supervise {
namespace {

TEST(DockerAnswerTest, TellsADaemonWithoutRootFromOneOfRoot) {
  const auto root = parse_docker_answer("20.10.24+dfsg1 [name=seccomp,profile=default]\n");
  ASSERT_TRUE(root);
  EXPECT_FALSE(root->rootless);
  const auto rootless =
      parse_docker_answer("28.2.2 [name=seccomp,profile=builtin name=rootless]\n");
  ASSERT_TRUE(rootless);
  EXPECT_TRUE(rootless->rootless);
}

// Clients of 20.10 and newer print a line also where there is no daemon.
TEST(DockerAnswerTest, IsNoneWithoutAVersionOfTheDaemon) {
  EXPECT_FALSE(parse_docker_answer(""));
  EXPECT_FALSE(parse_docker_answer("\n"));
  EXPECT_FALSE(parse_docker_answer(" []\n"));
}

TEST(DockerDaemonTest, WithoutRootServesItsUserOnly) {
  const uid_t own = sys::own_identity().user;
  EXPECT_TRUE(check_serves_caller({}).ok());  // root's
  EXPECT_EQ(check_serves_caller({.rootless = true, .user = own}).ok(), own != 0);
  EXPECT_EQ(check_serves_caller({.rootless = true}).ok(), own != 0);  // not known
  const auto foreign = check_serves_caller({.rootless = true, .user = own + 1});
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.error().message().find("run ctest as the user of the daemon"),
            std::string::npos);
}

}  // namespace
}  // namespace specguard::supervise
