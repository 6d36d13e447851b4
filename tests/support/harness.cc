#include "harness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

extern char** environ;

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : changes)
    if (!value.empty()) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

pid_t spawn(std::vector<std::string> command, const RunOptions& options, const fs::path& in,
            const fs::path& out, const fs::path& err) {
  std::vector<std::string> environment = merged_environment(options.environment);
  const std::vector<char*> argv = pointers(command);
  const std::vector<char*> envp = pointers(environment);
  pid_t pid = -1;
  // A machine full of fork bombs says EAGAIN for a moment.
  wait_until([&] { return (pid = ::fork()) >= 0 || errno != EAGAIN; });
  if (pid != 0) return pid;

  if (options.own_process_group) ::setpgid(0, 0);
  const int in_fd = ::open(in.c_str(), O_RDONLY);
  const int out_fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (in_fd < 0 || out_fd < 0 || err_fd < 0) ::_exit(126);
  ::dup2(in_fd, 0);
  ::dup2(out_fd, 1);
  ::dup2(err_fd, 2);
  ::close_range(3, ~0U, 0);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
  ::execvpe(argv[0], argv.data(), envp.data());
  ::dprintf(2, "cannot run %s: %s\n", argv[0], std::strerror(errno));
  ::_exit(127);
}

std::string read_proc(pid_t pid, const char* name) {
  return read_text("/proc/" + std::to_string(pid) + "/" + name);
}

// Every living process for which the predicate, given the NUL-separated words of one of its files,
// holds.
std::vector<pid_t> processes_with_word(const char* file, const std::string& word) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    const std::string words = '\0' + read_proc(pid, file) + '\0';
    if (words.find('\0' + word + '\0') != std::string::npos && is_alive(pid)) found.push_back(pid);
  }
  return found;
}

}  // namespace

TempDir::TempDir() {
  std::string path = (fs::temp_directory_path() / "specguard-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    std::cerr << "cannot create " << path << ": " << std::strerror(errno) << "\n";
    std::abort();
  }
  path_ = path;
}

TempDir::~TempDir() {
  if (::testing::Test::HasFailure()) {
    std::cerr << "kept for you to look at: " << path_.string() << "\n";
    return;
  }
  std::error_code
      ignored;  // a directory that a test made unreadable is tried again with permissions
  fs::permissions(path_, fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

fs::path TempDir::write(const fs::path& name, const std::string& content) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Background::Background(const std::vector<std::string>& command, const RunOptions& options)
    : options_(options), out_(directory_ / "stdout"), err_(directory_ / "stderr") {
  const fs::path in =
      options.input.empty() ? fs::path("/dev/null") : directory_.write("stdin", options.input);
  pid_ = spawn(command, options, in, out_, err_);
  EXPECT_GT(pid_, 0) << "fork: " << std::strerror(errno);
}

Background::~Background() {
  if (reaped_ || pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Never with a pid of -1, which means everybody.
void Background::signal(int number) const {
  if (!reaped_ && pid_ > 0) ::kill(pid_, number);
}

void Background::signal_group(int number) const {
  if (!reaped_ && pid_ > 0) ::kill(-pid_, number);
}

RunResult Background::wait() {
  RunResult result;
  if (pid_ <= 0) return result;
  if (!reaped_) {
    result.deadline_met = wait_until(
        [&] { return (reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_); }, options_.deadline);
    if (!result.deadline_met) {
      ::kill(pid_, SIGKILL);
      while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
      }
      reaped_ = true;
    }
  }
  result.exited = WIFEXITED(status_);
  result.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  result.signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
  result.out = read_text(out_);
  result.err = read_text(err_);
  return result;
}

RunResult run(const std::vector<std::string>& command, const RunOptions& options) {
  return Background(command, options).wait();
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  for (auto pause = std::chrono::microseconds(200);;
       pause = std::min(pause * 2, std::chrono::microseconds(20'000))) {
    if (condition()) return true;
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
  }
}

std::vector<pid_t> processes_with_environment(const std::string& entry) {
  return processes_with_word("environ", entry);
}

std::vector<pid_t> processes_with_argument(const std::string& argument) {
  return processes_with_word("cmdline", argument);
}

bool is_alive(pid_t pid) {
  const std::string stat = read_proc(pid, "stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return false;
  const char state = stat[name_end + 2];
  return state != 'Z' && state != 'X';
}

std::string read_text(const fs::path& path) {
  // Not a stream: reading /proc/<pid> of a process that dies meanwhile makes libstdc++ throw.
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[4096];
  for (ssize_t got; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  ::close(fd);
  return text;
}

std::string launcher() {
  const char* other = std::getenv("SPECGUARD_TEST_LAUNCHER");
  return other != nullptr ? other : SPECGUARD_TEST_LAUNCHER;
}

}  // namespace specguard::testing
