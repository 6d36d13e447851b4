// The harness of the process tests: real programs run in a directory of their own, watched until
// they are gone.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace specguard::testing {

// A directory that is removed with its content, unless the running test has failed: then its path
// is printed and it stays, so that a person can look.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

  // Writes a file below the directory, creating its parents; returns its path.
  std::filesystem::path write(const std::filesystem::path& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

struct RunOptions {
  std::filesystem::path directory;  // working directory; empty: the test's own
  std::map<std::string, std::string>
      environment;                    // added to, or (empty value) taken from, the test's own
  std::string input;                  // standard input
  bool own_process_group = false;     // so that signals can go to the whole group, as Ctrl-C does
  std::chrono::seconds deadline{60};  // SIGKILL after it, and the result says so
};

struct RunResult {
  bool exited = false;
  int exit_code = -1;  // where exited
  int signal = 0;      // where it died by a signal
  bool deadline_met = true;
  std::string out;
  std::string err;
};

// Runs a program to its end and collects both streams. Never throws; a program that cannot be
// started exits 127.
RunResult run(const std::vector<std::string>& command, const RunOptions& options = {});

// A program that runs while the test goes on. Killed (the process itself, by pid) and reaped when
// it goes out of scope.
class Background {
 public:
  explicit Background(const std::vector<std::string>& command, const RunOptions& options = {});
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  void signal_group(int number) const;
  // Waits for the end, at most until the deadline of the options, and returns what run() would.
  RunResult wait();

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  RunOptions options_;
  TempDir directory_;  // before out_ and err_, which are made from it
  std::filesystem::path out_;
  std::filesystem::path err_;
};

// Polls until the condition holds; false when the limit passes first.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(20));

// Pids of living processes (zombies are dead) that match, found in /proc.
std::vector<pid_t> processes_with_environment(
    const std::string& entry);  // "NAME=value" at their exec
std::vector<pid_t> processes_with_argument(
    const std::string& argument);  // one whole word of the command line
bool is_alive(pid_t pid);

std::string read_text(const std::filesystem::path& path);  // empty where it cannot be read

// The program under test, or what the environment variable SPECGUARD_TEST_LAUNCHER names.
std::string launcher();

}  // namespace specguard::testing
