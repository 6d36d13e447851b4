// Who listens at a path: really listening, and not.
#include "sys/local_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "harness.h"
#include "sys/fd.h"

namespace specguard::sys {
namespace {

TEST(FindListenerTest, TellsWhichProcessAndUserListens) {
  const testing::TempDir directory;
  const std::string path = directory / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_FALSE(find_listener(path)) << "bound, and nobody accepts";
  ASSERT_EQ(::listen(socket.get(), 0), 0);
  const auto first = find_listener(path);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->pid, ::getpid());
  EXPECT_EQ(first->user, ::geteuid());
  // One waits to be accepted, and there is room for no other.
  const auto second = find_listener(path);
  ASSERT_TRUE(second) << "a full queue is somebody's";
  EXPECT_FALSE(second->user);
  ::unlink(path.c_str());
  EXPECT_FALSE(find_listener(path));
}

}  // namespace
}  // namespace specguard::sys
