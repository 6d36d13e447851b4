#include "sys/bounded_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void become(std::vector<char*>& argv, int out_fd, ErrorStream errors) {
  ::setpgid(0, 0);  // so that its helpers can be killed with it
  // The keeper takes its signals from a descriptor and has them blocked.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = ::open("/dev/null", O_RDWR);
  if (null_fd < 0) ::_exit(127);
  ::dup2(null_fd, 0);
  ::dup2(out_fd, 1);
  ::dup2(errors == ErrorStream::kDropped ? null_fd : out_fd, 2);
  ::close_range(3, ~0U, 0);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Until the end of the pipe or of the time; true: the end of the pipe.
bool read_until(int fd, steady_clock::time_point end, std::size_t max_bytes, std::string& text) {
  std::array<char, 8192> buffer;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(buffer.data(), std::min(static_cast<std::size_t>(got),
                                        max_bytes - std::min(max_bytes, text.size())));
  }
}

}  // namespace

std::optional<std::string> find_program(std::string_view name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
    std::string candidate = fmt::format("{}/{}", directory, name);
    if (!directory.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

std::optional<CommandOutput> run_bounded_command(const std::vector<std::string>& command,
                                                 milliseconds limit, std::size_t max_bytes,
                                                 ErrorStream errors) {
  auto pipe = open_pipe();
  if (!pipe || command.empty()) return std::nullopt;
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return std::nullopt;
  if (pid == 0) become(argv, pipe->write_end.get(), errors);
  ::setpgid(pid, pid);  // both sides: whoever comes first
  pipe->write_end.reset();
  CommandOutput output;
  output.in_time =
      read_until(pipe->read_end.get(), steady_clock::now() + limit, max_bytes, output.text);
  // Not waited for yet, so the number is still its own. One that has closed its output ends by
  // itself; the rest of its group must not outlive it.
  if (!output.in_time) ::kill(-pid, SIGKILL);
  output.exit_code = wait_for_end(pid);
  return output;
}

bool can_make_user_namespace() {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
  return wait_for_end(pid) == 0;
}

}  // namespace specguard::sys
