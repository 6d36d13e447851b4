#include "sys/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>

#include "sys/fd.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

constexpr std::size_t kChunk = 32 << 10;

// The way out: one chunk of the input at a time.
class Sender {
 public:
  Sender(int connection, int input) : connection_(connection), input_(input) {}

  bool wants_input() const { return !ended_ && pending_.empty(); }
  bool wants_to_send() const { return !pending_.empty(); }
  int input() const { return input_; }

  void read_input() {
    const auto got = read_some(input_, std::as_writable_bytes(std::span(chunk_)));
    if (got && *got > 0) {
      pending_ = std::string_view(chunk_.data(), *got);
    } else {
      end();
    }
  }

  void send() {
    const ssize_t sent =
        ::send(connection_, pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) pending_.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) end();
  }

 private:
  void end() {
    ended_ = true;
    pending_ = {};
    ::shutdown(connection_, SHUT_WR);
  }

  int connection_;
  int input_;
  bool ended_ = false;
  std::array<char, kChunk> chunk_{};
  std::string_view pending_;
};

}  // namespace

base::Result<void> relay(int connection, int input,
                         const std::function<void(std::string_view)>& take) {
  Sender sender(connection, input);
  std::array<char, kChunk> buffer{};
  for (;;) {
    const short events = sender.wants_to_send() ? POLLIN | POLLOUT : POLLIN;
    std::array<pollfd, 2> polled = {
        {{.fd = connection, .events = events, .revents = 0},
         {.fd = sender.wants_input() ? sender.input() : -1, .events = POLLIN, .revents = 0}}};
    if (calls().poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return base::Error::from_errno("wait for a connection", errno);
    }
    if (polled[1].revents != 0) sender.read_input();
    if ((polled[0].revents & POLLOUT) != 0) sender.send();
    if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    SPECGUARD_TRY(const std::size_t got,
                  read_some(connection, std::as_writable_bytes(std::span(buffer))));
    if (got == 0) return {};
    take(std::string_view(buffer.data(), got));
  }
}

}  // namespace specguard::sys
