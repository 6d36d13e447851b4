// Writing to a stream that somebody else reads, or has stopped reading, without ever blocking on
// it. The descriptor is shared with ctest, a terminal, other processes: O_NONBLOCK would change it
// for all of them and is never set.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace specguard::sys {

// True where both descriptors are the same open file, pipe or terminal: ctest gives tests one pipe
// as both streams.
bool same_file(int fd, int other_fd);

enum class WriteState {
  kWritten,     // all of it, or as much as `written` says
  kWouldBlock,  // nobody takes it now
  kClosed,      // nobody will ever take it, or the device is full
};

struct WriteOutcome {
  WriteState state = WriteState::kWritten;
  std::size_t written = 0;
};

// Writes what the reader takes now. A pipe that polls writable takes at least PIPE_BUF bytes
// (pipe(7)), so no more goes into one write.
WriteOutcome write_if_ready(int fd, std::string_view data);

// Writes it all, waiting for the reader at most so long in all. False where that was not enough.
bool write_within(int fd, std::string_view data, std::chrono::milliseconds limit);

// A pipe, or a socket, that nobody will read from any more.
bool reader_is_gone(int fd);

}  // namespace specguard::sys
