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
#include <optional>
#include <thread>

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

// A program in the place of eu-stack; gone with its directory.
class Debugger {
 public:
  explicit Debugger(const std::string& script) {
    ::mkdtemp(directory_.data());
    const std::string program = directory_ + "/eu-stack";
    std::ofstream(program) << "#!/bin/sh\n" << script;
    ::chmod(program.c_str(), 0755);
    path_.emplace(directory_ + ":/usr/bin:/bin");
  }
  ~Debugger() { std::filesystem::remove_all(directory_); }
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

 private:
  std::string directory_ =
      (std::filesystem::temp_directory_path() / "specguard-diagnosis-XXXXXX").string();
  std::optional<Path> path_;
};

// A debugger may hang, and may print whatever the process makes it print.
TEST(DiagnosisTest, ADebuggerIsBoundedAndItsWordsArePrintable) {
  const Debugger debugger("printf '#0 main\\033[31m\\nchatter\\n'\nexec sleep 100\n");
  const Idle process;
  const std::string text = diagnose_all({process.pid()}, {.time = 300ms});
  EXPECT_THAT(text, HasSubstr("      #0 main"));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_THAT(text, Not(HasSubstr("chatter")));
  EXPECT_THAT(text, HasSubstr("(the debugger took too long and was killed)"));
}

// One that closed its output and went on was waited for without end, and ctest with it.
TEST(DiagnosisTest, ADebuggerThatClosesItsOutputIsBoundedToo) {
  const Debugger debugger("echo '#0 main'\nexec sleep 1000 >&- 2>&-\n");
  const Idle process;
  const std::string text = diagnose_all({process.pid()}, {.time = 300ms});
  EXPECT_THAT(text, HasSubstr("      #0 main"));
  EXPECT_THAT(text, HasSubstr("(the debugger took too long and was killed)"));
}

TEST(DiagnosisTest, ItSaysWhyThereIsNoStack) {
  const Idle process;
  {
    const Debugger debugger("echo TID 1:\necho 'attach: Operation not permitted' >&2\nexit 1\n");
    const std::string text = diagnose_all({process.pid()});
    EXPECT_THAT(text, HasSubstr("      (no stack: attach: Operation not permitted)\n"));
    EXPECT_THAT(text, Not(HasSubstr("TID 1:")));  // a heading of nothing
  }
  const Path no_debugger("/nowhere");
  EXPECT_THAT(diagnose_all({process.pid()}), HasSubstr("  (no stacks: install eu-stack"));
}

TEST(DiagnosisTest, ItSaysThatTheTimeForStacksIsOver) {
  const Debugger debugger("exec sleep 100\n");
  const Idle one, two;
  EXPECT_THAT(diagnose_all({one.pid(), two.pid()}, {.time = 200ms}),
              ContainsRegex("was killed\\)\n  pid " + std::to_string(two.pid()) +
                            ".*\n.*\n      \\(no stack: the time for all of them is over\\)\n"));
}

// Of 400 threads the listing ended in the middle of a frame.
TEST(DiagnosisTest, ALongListingIsCutBetweenLinesAndSaysSo) {
  const Debugger debugger(
      "i=0; while [ $i -lt 2000 ]; do echo \"#$i in_some_function\"; "
      "i=$((i+1)); done\n");
  const Idle process;
  const std::string text = diagnose_all({process.pid()});
  EXPECT_LT(text.size(), 48u * 1024);
  EXPECT_THAT(text, ContainsRegex(" in_some_function\n      \\(the rest was cut\\)\n"));
}

// Processes of a test lived three seconds longer than their launcher, as its keeper waited for a
// debugger first.
TEST(DiagnosisTest, AnInterruptionEndsIt) {
  const Debugger debugger("exec sleep 100\n");
  const Idle one, two;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::thread striker([&] {
    ::usleep(100'000);
    ::close(ends[1]);
  });
  const std::string text =
      diagnose_all({one.pid(), two.pid()}, {.time = 1000s, .interruption = {ends[0]}});
  striker.join();
  ::close(ends[0]);
  EXPECT_THAT(text, HasSubstr("  (cut short: "));
  EXPECT_THAT(text, Not(HasSubstr("pid " + std::to_string(two.pid()))));
}

}  // namespace
}  // namespace specguard::supervise
