#include "sys/bounded_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "sys/fd.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void become(std::vector<char*>& argv, int out_fd, ErrorStream errors, pid_t caller) {
  ::setpgid(0, 0);  // so that its helpers can be killed with it
  // A debugger that hangs on a frozen process would outlive a keeper that is killed for ever.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != caller) ::_exit(127);
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

// Waits until the descriptor has something, the time is over or an interruption came; true: the
// first of these.
bool await(int fd, steady_clock::time_point end, const Interruption& interruption) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> wanted{{{.fd = fd, .events = POLLIN, .revents = 0},
                                  {.fd = interruption.fd, .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && wanted[1].revents == 0;
  }
}

// Until the end of the pipe; false where the time or an interruption came first.
bool read_until(int fd, steady_clock::time_point end, std::size_t max_bytes, std::string& text,
                const Interruption& interruption) {
  std::array<char, 8192> buffer;
  while (await(fd, end, interruption)) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(buffer.data(), std::min(static_cast<std::size_t>(got),
                                        max_bytes - std::min(max_bytes, text.size())));
  }
  return false;
}

// Whether a child ends by then; it is not waited for.
bool ends_until(pid_t pid, steady_clock::time_point end, const Interruption& interruption) {
  const UniqueFd held(calls().pidfd_open(pid));
  if (!held) return true;  // the kernel has none to give: then the wait tells
  return await(held.get(), end, interruption);
}

}  // namespace

bool Interruption::came() const {
  pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
  return fd >= 0 && ::poll(&wanted, 1, 0) > 0;
}

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
                                                 ErrorStream errors, Interruption interruption) {
  auto pipe = open_pipe();
  if (!pipe || command.empty()) return std::nullopt;
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t caller = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return std::nullopt;
  if (pid == 0) become(argv, pipe->write_end.get(), errors, caller);
  ::setpgid(pid, pid);  // both sides: whoever comes first
  pipe->write_end.reset();
  CommandOutput output;
  const auto end = steady_clock::now() + limit;
  // One that has closed its output may go on all the same.
  output.in_time = read_until(pipe->read_end.get(), end, max_bytes, output.text, interruption) &&
                   ends_until(pid, end, interruption);
  // Not waited for yet, so the number is still its own. Its group must not outlive it.
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
