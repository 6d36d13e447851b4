// What a sweep takes for a leftover, and what it leaves alone.
#include "supervise/sweep.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "sys/lineage.h"

namespace specguard::supervise {
namespace {

bool is_among(const std::vector<Leftover>& found, pid_t pid) {
  return std::any_of(found.begin(), found.end(),
                     [&](const Leftover& leftover) { return leftover.pid == pid; });
}

// A process that carries the tag of a keeper; the keeper lives or has died since. This test's
// process adopts it, so that it can be waited for.
class Tagged {
 public:
  explicit Tagged(bool keeper_dies) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    keeper_ = ::fork();
    if (keeper_ == 0) keep(ends[1], keeper_dies);
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &test_, sizeof test_), static_cast<ssize_t>(sizeof test_));
    ::close(ends[0]);
    if (!keeper_dies) return;
    ::waitpid(keeper_, nullptr, 0);
    keeper_ = 0;
  }
  ~Tagged() {
    for (const pid_t pid : {test_, keeper_})
      if (pid > 0) ::kill(pid, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
  Tagged(const Tagged&) = delete;
  Tagged& operator=(const Tagged&) = delete;

  pid_t test() const { return test_; }

  // Tests run side by side, and some start sweeps of their own.
  bool was_swept_by_another() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(test_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == test_;
  }

  // How it ended.
  int wait() {
    int status = 0;
    ::waitpid(test_, &status, 0);
    test_ = 0;
    return status;
  }

 private:
  [[noreturn]] static void keep(int answer_fd, bool dies) {
    ::setsid();  // as a keeper does: a sweep may go by process groups
    const auto lineage = sys::Lineage::of_this_process();
    const pid_t test = ::fork();
    if (test == 0) {
      if (!lineage || !sys::put_on_lineage(lineage->encode())) ::_exit(1);
      const pid_t self = ::getpid();
      if (::write(answer_fd, &self, sizeof self) < 0) ::_exit(1);
      ::close(answer_fd);
      for (;;) ::pause();
    }
    if (dies) {
      // Not before the child has said its word: it is the reader's to know whom to look for.
      ::close(answer_fd);
      ::_exit(0);
    }
    for (;;) ::pause();
  }

  pid_t keeper_ = 0;
  pid_t test_ = 0;
};

TEST(SweepTest, WhoseKeeperIsDeadIsFoundAndNamed) {
  const Tagged left(true);
  const std::vector<Leftover> found = sweep(SweepMode::kFindOnly);
  if (left.was_swept_by_another()) GTEST_SKIP() << "another sweep was faster";
  ASSERT_TRUE(is_among(found, left.test()));
  const auto entry = std::find_if(found.begin(), found.end(), [&](const Leftover& leftover) {
    return leftover.pid == left.test();
  });
  EXPECT_THAT(entry->description, ::testing::HasSubstr("unit_supervise"));
  EXPECT_TRUE(entry->cleared);  // by this user it can be
  EXPECT_TRUE(is_among(sweep(SweepMode::kFindOnly), left.test()) || left.was_swept_by_another());
}

TEST(SweepTest, WhoseKeeperLivesIsLeftAlone) {
  const Tagged guarded(false);
  EXPECT_FALSE(is_among(sweep(SweepMode::kFindOnly), guarded.test()));
}

TEST(SweepTest, ClearingKills) {
  Tagged left(true);
  const pid_t pid = left.test();
  sweep(SweepMode::kClear);
  const int status = left.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  EXPECT_FALSE(is_among(sweep(SweepMode::kFindOnly), pid));
}

TEST(SweepTest, WhoCarriesNoTagIsNobodysLeftover) {
  const pid_t plain = ::fork();
  if (plain == 0)
    for (;;) ::pause();
  EXPECT_FALSE(is_among(sweep(SweepMode::kFindOnly), plain));
  ::kill(plain, SIGKILL);
  ::waitpid(plain, nullptr, 0);
}

}  // namespace
}  // namespace specguard::supervise
