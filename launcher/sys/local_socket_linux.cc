#include "sys/local_socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "sys/fd.h"

namespace specguard::sys {

std::optional<Listener> find_listener(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return std::nullopt;
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), name, sizeof address) != 0)
    return errno == EAGAIN ? std::optional(Listener{}) : std::nullopt;  // EAGAIN: a full queue
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return Listener{};
  return Listener{credentials.pid, credentials.uid};
}

}  // namespace specguard::sys
