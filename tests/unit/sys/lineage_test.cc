#include "sys/lineage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sys/process.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

TEST(LineageTest, ATagSurvivesItsEncoding) {
  const auto lineage = Lineage::of_this_process();
  ASSERT_TRUE(lineage);
  EXPECT_EQ(lineage->keeper(), ::getpid());
  EXPECT_EQ(Lineage::decode(lineage->encode()), *lineage);
  EXPECT_TRUE(lineage->may_be_alive());
}

TEST(LineageTest, OrdinaryLimitsAreNoTags) {
  for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{1'000'000}, UINT64_MAX,
                                    std::uint64_t{0x5B} << 56})  // the last one names pid 0
    EXPECT_FALSE(Lineage::decode(limit)) << limit;
}

// A process that carries the tag of a keeper, across an exec that clears its environment.
TEST(LineageTest, ItIsFoundOnADescendantAndSaysWhenItsKeeperIsDead) {
  int life[2];
  ASSERT_EQ(::pipe(life), 0);
  int tag_pipe[2];
  ASSERT_EQ(::pipe(tag_pipe), 0);
  const pid_t keeper = ::fork();
  if (keeper == 0) {
    const auto own = Lineage::of_this_process();
    const std::uint64_t tag = own ? own->encode() : 0;
    const pid_t child = ::fork();
    if (child == 0) {
      ::setsid();
      ::close(life[1]);
      if (!put_on_lineage(tag)) ::_exit(1);
      ::dup2(life[0], 0);
      char* const command[] = {const_cast<char*>("cat"), nullptr};
      char* const empty[] = {nullptr};
      ::execve("/bin/cat", command, empty);
      ::_exit(1);
    }
    const std::uint64_t message[2] = {tag, static_cast<std::uint64_t>(child)};
    [[maybe_unused]] const ssize_t sent = ::write(tag_pipe[1], message, sizeof message);
    char byte = 0;
    [[maybe_unused]] const ssize_t got = ::read(tag_pipe[0], &byte, 0);
    ::pause();
    ::_exit(0);
  }
  std::uint64_t message[2] = {};
  ASSERT_EQ(::read(tag_pipe[0], message, sizeof message), static_cast<ssize_t>(sizeof message));
  const auto lineage = Lineage::decode(message[0]);
  const auto child = static_cast<pid_t>(message[1]);
  ASSERT_TRUE(lineage);
  while (Lineage::carried_by(child) != lineage) ASSERT_EQ(::kill(child, 0), 0);
  EXPECT_TRUE(lineage->may_be_alive());
  EXPECT_EQ(lineage->processes(), std::vector<pid_t>{child});

  ::kill(keeper, SIGKILL);
  ::waitpid(keeper, nullptr, 0);
  EXPECT_FALSE(lineage->may_be_alive());
  // A session that begins meanwhile, in another test, sweeps it.
  const std::vector<pid_t> found = lineage->processes();
  const auto stat = read_process_stat(child);
  EXPECT_TRUE(found == std::vector<pid_t>{child} || !stat || stat->is_dead());
  for (const int fd : {life[0], life[1], tag_pipe[0], tag_pipe[1]}) ::close(fd);  // cat ends
}

TEST(LineageTest, AProcessThatIsGoneCarriesNone) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(Lineage::carried_by(child));
}

// A sweep that took such a keeper for dead would kill the test of a living one.
TEST(LineageTest, AKeeperThatCannotBeLookedAtMayBeAlive) {
  const auto own = Lineage::of_this_process();
  ASSERT_TRUE(own);
  Syscalls without_descriptors = real_calls();
  without_descriptors.open = [](const char*, int) {
    errno = EMFILE;
    return -1;
  };
  replace_calls(&without_descriptors);
  const bool may_be_alive = own->may_be_alive();
  const bool is_gone_itself = is_gone(::getpid());
  replace_calls(&real_calls());
  EXPECT_TRUE(may_be_alive);
  EXPECT_FALSE(is_gone_itself);
}

}  // namespace
}  // namespace specguard::sys
