// What front and keeper leave when both are killed at one blow is cleared when the next session
// begins, a bare ctest's or a supervised one's.
#include <signal.h>

#include <cstdlib>

#include "guarded_suite.h"

namespace specguard::testing {
namespace {

class SweepAtStart : public GuardedSuite {
 protected:
  // The pid of a process that outlived its launcher.
  pid_t leave_one_behind() const {
    const std::string pid_file = (dir_ / "pid").string();
    // A name that no other test's launchers have.
    const std::string name = dir_.path().filename().string();
    suite({{name, "setsid sleep 1000 & echo $! >'" + pid_file + "'; " + waits()}});
    Background background(ctest_command({}), options());
    EXPECT_TRUE(wait_until([&] { return read_text(pid_file).ends_with('\n'); }));
    const pid_t left = std::atoi(read_text(pid_file).c_str());
    EXPECT_TRUE(is_alive(left));
    // Front and keeper have the same command line. From here on any session that begins, one of
    // another test too, may clear what is left.
    for (const pid_t pid : processes_with_argument(name)) ::kill(pid, SIGKILL);
    background.wait();
    return left;
  }

  void expect_swept(pid_t left) const {
    EXPECT_TRUE(wait_until([&] { return !is_alive(left); }));
    if (is_alive(left)) ::kill(left, SIGKILL);
  }
};

TEST_F(SweepAtStart, OfABareCtest) {
  const pid_t left = leave_one_behind();
  suite({{"next", "exit 0"}});
  EXPECT_EQ(ctest().exit_code, 0);
  expect_swept(left);
}

TEST_F(SweepAtStart, OfARun) {
  const pid_t left = leave_one_behind();
  suite({{"next", "exit 0"}});
  EXPECT_EQ(launch({"run"}).exit_code, 0);
  expect_swept(left);
}

}  // namespace
}  // namespace specguard::testing
