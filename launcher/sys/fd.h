// UniqueFd: owns one file descriptor and closes it. Every descriptor SpecGuard opens is
// close-on-exec.
#pragma once

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include "base/result.h"

namespace specguard::sys {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// Opens /dev/null as each of the descriptors 0, 1 and 2 that the caller was started without, so
// that no descriptor it opens later is taken for one of its streams.
void open_missing_streams();

// A close-on-exec pipe, blocking at both ends.
base::Result<Pipe> open_pipe();

// What there is to read, at most the buffer; 0 at the end of the stream. Blocks until there is
// something.
base::Result<std::size_t> read_some(int fd, std::span<std::byte> buffer);

// All of it, however many writes that takes.
base::Result<void> write_all(int fd, std::span<const std::byte> data);

// Waits until one of the descriptors has something to read or has ended; which one, or nullopt
// after the time (a negative time is for ever).
base::Result<std::optional<int>> wait_readable(std::initializer_list<int> fds,
                                               std::chrono::milliseconds at_most);

}  // namespace specguard::sys
