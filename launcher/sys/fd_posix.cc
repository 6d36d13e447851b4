#include "sys/fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sys/syscalls.h"

namespace specguard::sys {

void UniqueFd::reset(int fd) {
  // close() is not retried on EINTR: Linux has released the descriptor by then, and a retry could
  // close another's.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void open_missing_streams() {
  for (const int stream : {0, 1, 2}) {
    // The lowest that is free is this one: those below are open.
    if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF && ::open("/dev/null", O_RDWR) != stream)
      return;
  }
}

base::Result<Pipe> open_pipe() {
  int ends[2];
  if (calls().pipe2(ends, O_CLOEXEC) != 0) return base::Error::from_errno("create a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

base::Result<std::size_t> read_some(int fd, std::span<std::byte> buffer) {
  for (;;) {
    const ssize_t got = calls().read(fd, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return base::Error::from_errno("read", errno);
  }
}

base::Result<void> write_all(int fd, std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t written = calls().write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::Error::from_errno("write", errno);
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<std::optional<int>> wait_readable(std::initializer_list<int> fds,
                                               std::chrono::milliseconds at_most) {
  std::array<pollfd, 8> polled{};
  SPECGUARD_CHECK(fds.size() <= polled.size(), "more descriptors than anybody here waits for");
  std::size_t count = 0;
  for (const int fd : fds) polled[count++] = {.fd = fd, .events = POLLIN, .revents = 0};
  for (;;) {
    const int ready = calls().poll(polled.data(), count, static_cast<int>(at_most.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return base::Error::from_errno("wait for events", errno);
    for (std::size_t i = 0; i < count; ++i)
      if (polled[i].revents != 0) return std::optional<int>(polled[i].fd);
    return std::optional<int>();
  }
}

}  // namespace specguard::sys
