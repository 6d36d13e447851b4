// Both ways at once over a real socket pair, whoever of the two is slow, full or gone.
#include "sys/relay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

struct Connection {
  UniqueFd near;
  UniqueFd far;
  Connection() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    near.reset(ends[0]);
    far.reset(ends[1]);
  }
};

std::string read_to_the_end(int fd) {
  std::string all;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;)
    all.append(buffer.data(), static_cast<std::size_t>(got));
  return all;
}

void write_whole(int fd, const std::string& text) {
  EXPECT_TRUE(write_all(fd, std::as_bytes(std::span(text))).ok());
}

std::string relayed(int connection, int input) {
  std::string arrived;
  EXPECT_TRUE(relay(connection, input, [&](std::string_view text) { arrived += text; }).ok());
  return arrived;
}

TEST(RelayTest, AFileIsSentToItsEndAndWhatArrivesIsHandedOn) {
  Connection connection;
  const UniqueFd input(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  std::string sent;
  std::thread other([&] {
    sent = read_to_the_end(connection.far.get());
    write_whole(connection.far.get(), "answer");
    connection.far.reset();
  });
  EXPECT_EQ(relayed(connection.near.get(), input.get()), "answer");
  other.join();
  EXPECT_EQ(sent.substr(0, 5), "Name:");
}

// More than the buffers between hold, in both directions, and the other side writes before it
// reads.
TEST(RelayTest, NeitherWayWaitsForTheOther) {
  const std::string much(4 << 20, 'm');
  Connection connection;
  auto input = open_pipe();
  ASSERT_TRUE(input);
  std::thread feeder([&] {
    write_whole(input->write_end.get(), much);
    input->write_end.reset();
  });
  std::string sent;
  std::thread other([&] {
    write_whole(connection.far.get(), much);
    sent = read_to_the_end(connection.far.get());
    connection.far.reset();
  });
  EXPECT_EQ(relayed(connection.near.get(), input->read_end.get()), much);
  feeder.join();
  other.join();
  EXPECT_EQ(sent, much);
}

TEST(RelayTest, InputThatCannotBeReadHasEnded) {
  Connection connection;
  constexpr int kNoDescriptor = 999;
  std::string sent = "something";
  std::thread other([&] {
    sent = read_to_the_end(connection.far.get());
    connection.far.reset();
  });
  EXPECT_EQ(relayed(connection.near.get(), kNoDescriptor), "");
  other.join();
  EXPECT_EQ(sent, "");
}

// A container that ends without having read its input: what it printed is all told.
TEST(RelayTest, ASideThatTakesNoInputIsHeardToItsEnd) {
  Connection connection;
  const UniqueFd input(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::shutdown(connection.far.get(), SHUT_RD), 0);
  std::thread other([&] {
    write_whole(connection.far.get(), "last words");
    connection.far.reset();
  });
  EXPECT_EQ(relayed(connection.near.get(), input.get()), "last words");
  other.join();
}

}  // namespace
}  // namespace specguard::sys
