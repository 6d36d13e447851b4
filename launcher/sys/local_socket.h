// Sockets of this machine, as far as to know who answers there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace specguard::sys {

// The process that called listen(2), as it was then.
struct Listener {
  pid_t pid = 0;              // 0: not to be seen from here
  std::optional<uid_t> user;  // nullopt: its queue is full, so only that there is one is known
};

// Whoever accepts connections at this path of the file system; nullopt: nobody, or not for this
// user. Never blocks.
std::optional<Listener> find_listener(const std::string& path);

}  // namespace specguard::sys
