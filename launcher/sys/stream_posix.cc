#include "sys/stream.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

WriteOutcome write_waiting(int fd, std::string_view data, int wait_ms) {
  WriteOutcome outcome;
  while (outcome.written < data.size()) {
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    const int count = calls().poll(&ready, 1, wait_ms);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) {
      outcome.state = WriteState::kWouldBlock;
      return outcome;
    }
    const std::size_t size = std::min<std::size_t>(data.size() - outcome.written, PIPE_BUF);
    const ssize_t written = calls().write(fd, data.data() + outcome.written, size);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) {
      // EAGAIN: somebody else set O_NONBLOCK, or wrote between our poll and write.
      if (wait_ms == 0) {
        outcome.state = WriteState::kWouldBlock;
        return outcome;
      }
      continue;
    }
    if (written < 0) {
      outcome.state = WriteState::kClosed;
      return outcome;
    }
    outcome.written += static_cast<std::size_t>(written);
  }
  return outcome;
}

}  // namespace

bool same_file(int fd, int other_fd) {
  struct stat one {};
  struct stat other {};
  return ::fstat(fd, &one) == 0 && ::fstat(other_fd, &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino && one.st_rdev == other.st_rdev;
}

WriteOutcome write_if_ready(int fd, std::string_view data) {
  return write_waiting(fd, data, 0);
}

bool write_within(int fd, std::string_view data, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!data.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    const WriteOutcome outcome =
        write_waiting(fd, data, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (outcome.state == WriteState::kClosed) return false;
    data.remove_prefix(outcome.written);
    if (outcome.state == WriteState::kWouldBlock && left.count() <= 0) return false;
  }
  return true;
}

bool reader_is_gone(int fd) {
  pollfd state{.fd = fd, .events = 0, .revents = 0};
  return calls().poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace specguard::sys
