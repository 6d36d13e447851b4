#include "sys/fifo.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

namespace specguard::sys {

base::Result<void> make_fifo(const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) == 0) return {};
  return base::Error::from_errno(fmt::format("make the pipe {}", path), errno);
}

base::Result<UniqueFd> open_fifo(const std::string& path, FifoEnd end) {
  const int mode = end == FifoEnd::kRead ? O_RDONLY : end == FifoEnd::kWrite ? O_WRONLY : O_RDWR;
  UniqueFd fd(::open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return base::Error::from_errno(fmt::format("open the pipe {}", path), errno);
  return fd;
}

}  // namespace specguard::sys
