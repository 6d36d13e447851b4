// What is said of processes that hang, and that saying it takes neither long nor much room.
#include "supervise/diagnosis.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A child that does nothing until it is killed.
class Idle {
 public:
  explicit Idle(bool stopped = false) {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (stopped) ::raise(SIGSTOP);
      for (;;) ::pause();
    }
    int status = 0;
    if (stopped) ::waitpid(pid_, &status, WUNTRACED);
    // Until it sleeps.
    while (!stopped && state() != 'S') ::usleep(500);
  }
  ~Idle() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;
  pid_t pid() const { return pid_; }

 private:
  char state() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    return name_end == std::string::npos || name_end + 2 >= text.size() ? '?' : text[name_end + 2];
  }
  pid_t pid_;
};

// PATH for the length of a test.
class Path {
 public:
  explicit Path(const std::string& value) {
    before_ = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
    ::setenv("PATH", value.c_str(), 1);
  }
  ~Path() { ::setenv("PATH", before_.c_str(), 1); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

 private:
  std::string before_;
};

std::string diagnose_all(const std::vector<pid_t>& tree, const DiagnosisLimits& limits = {}) {
  return diagnose(tree, limits);
}

TEST(DiagnosisTest, SaysWhoDoesWhat) {
  const Path no_debugger("/nowhere");
  const Idle sleeping;
  const Idle stopped(true);
  const std::string text = diagnose_all({sleeping.pid(), stopped.pid()});
  EXPECT_THAT(text, HasSubstr("test-launcher: what its processes were doing:\n"));
  // ThreadSanitizer has a thread of its own.
  EXPECT_THAT(text, ContainsRegex("  pid " + std::to_string(sleeping.pid()) +
                                  ": .*unit_supervise.*\n"
                                  "    sleeping.*, CPU time .*, [12] threads?\n"));
  EXPECT_THAT(text, ContainsRegex("  pid " + std::to_string(stopped.pid()) + ": .*\n    stopped"));
}

TEST(DiagnosisTest, OfNobodyThereIsNothingToSay) {
  EXPECT_EQ(diagnose_all({}), "");
  pid_t dead = 0;
  {
    const Idle process;
    dead = process.pid();
  }
  EXPECT_EQ(diagnose_all({dead}), "");
}

TEST(DiagnosisTest, NoMoreProcessesThanAllowed) {
  const Path no_debugger("/nowhere");
  const Idle one, two, three;
  const std::string text = diagnose_all({one.pid(), two.pid(), three.pid()}, {.processes = 1});
  EXPECT_THAT(text, HasSubstr(std::to_string(one.pid())));
  EXPECT_THAT(text, Not(HasSubstr("pid " + std::to_string(two.pid()))));
  EXPECT_THAT(text, HasSubstr("  and 2 more\n"));
}

// A debugger may hang, and may print whatever the process makes it print.
TEST(DiagnosisTest, ADebuggerIsBoundedAndItsWordsArePrintable) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "specguard-diagnosis-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string program = directory + "/eu-stack";
  std::ofstream(program) << "#!/bin/sh\nprintf '#0 main\\033[31m\\nchatter\\n'\nexec sleep 100\n";
  ::chmod(program.c_str(), 0755);
  {
    const Path debugger(directory + ":/usr/bin:/bin");
    const Idle process;
    const std::string text = diagnose_all({process.pid()}, {.time = 300ms});
    EXPECT_THAT(text, HasSubstr("      #0 main"));
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, Not(HasSubstr("chatter")));
    EXPECT_THAT(text, HasSubstr("(the debugger took too long and was killed)"));
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace specguard::supervise
