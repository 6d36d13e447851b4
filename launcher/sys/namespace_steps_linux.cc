#include "sys/namespace_steps.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace specguard::sys {
namespace {

// <sys/mount.h> and <linux/mount.h> exclude each other in glibc 2.36, and the former lacks the
// newer calls before; so the raw calls are made, with the kernel's own constants.
constexpr unsigned long kMsBind = 4096;        // MS_BIND
constexpr std::uint64_t kMsPrivate = 1 << 18;  // MS_PRIVATE

int mount_file_system(const char* source, const char* target, const char* type, unsigned long flags,
                      const char* data) {
  return static_cast<int>(::syscall(SYS_mount, source, target, type, flags, data));
}

int open_tree(const char* path) {
  return static_cast<int>(
      ::syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
}

int restrict_tree(int directory, const char* path, std::uint64_t attributes) {
  mount_attr change{};
  change.attr_set = attributes;
  change.propagation = kMsPrivate;
  return static_cast<int>(::syscall(SYS_mount_setattr, directory, path,
                                    AT_RECURSIVE | AT_EMPTY_PATH, &change, sizeof change));
}

int attach(int tree, const char* path) {
  return static_cast<int>(
      ::syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
}

int write_file(const char* path, const std::string& data) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const ssize_t written = ::write(fd, data.data(), data.size());
  const int error = errno;
  ::close(fd);
  errno = error;
  return written == static_cast<ssize_t>(data.size()) ? 0 : -1;
}

// Of each parent only EEXIST is expected; what really fails shows at the last one.
int make_directories(const std::string& path) {
  char name[4096];
  if (path.size() >= sizeof name) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(name, path.c_str(), path.size() + 1);
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (name[i] != '/') continue;
    name[i] = '\0';
    ::mkdir(name, 0755);
    name[i] = '/';
  }
  return ::mkdir(name, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

// One that is there stays as it is: to open it for writing would fail while somebody executes it.
int make_file(const char* path) {
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (fd >= 0) return ::close(fd);
  if (errno == EEXIST) return 0;
  return errno == EROFS || errno == EACCES ? ::access(path, F_OK) : -1;
}

int make_read_only(const char* path) {
  const int tree = open_tree(path);
  if (tree < 0) return -1;
  int result = restrict_tree(tree, "", MOUNT_ATTR_RDONLY);
  if (result == 0) result = attach(tree, path);
  ::close(tree);
  return result;
}

int loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int result = ::ioctl(fd, SIOCSIFFLAGS, &request);
  ::close(fd);
  return result;
}

int perform_one(const NamespaceStep& step, std::array<int, kNamespaceSlots>& slots) {
  const char* path = step.path.c_str();
  switch (step.kind) {
    case NamespaceStep::Kind::kWriteFile:
      return write_file(path, step.data);
    case NamespaceStep::Kind::kHoldTree:
      return slots[step.slot] = open_tree(path);
    case NamespaceStep::Kind::kRestrictSlot:
      return restrict_tree(slots[step.slot], "", step.flags);
    case NamespaceStep::Kind::kRestrictAll:
      return restrict_tree(AT_FDCWD, "/", step.flags);
    case NamespaceStep::Kind::kMount:
      return mount_file_system(step.source.c_str(), path, step.source.c_str(), step.flags,
                               step.data.c_str());
    case NamespaceStep::Kind::kMakeDirectories:
      return make_directories(step.path);
    case NamespaceStep::Kind::kMakeFile:
      return make_file(path);
    case NamespaceStep::Kind::kAttachSlot: {
      const int result = attach(slots[step.slot], path);
      ::close(slots[step.slot]);
      return result;
    }
    case NamespaceStep::Kind::kBindFile:
      return mount_file_system(step.source.c_str(), path, nullptr, kMsBind, nullptr);
    case NamespaceStep::Kind::kMakeReadOnly:
      return make_read_only(path);
    case NamespaceStep::Kind::kLoopbackUp:
      return loopback_up();
    case NamespaceStep::Kind::kChangeDirectory:
      return ::chdir(path);
  }
  errno = EINVAL;
  return -1;
}

}  // namespace

StepFailure perform(const std::vector<NamespaceStep>& steps) noexcept {
  std::array<int, kNamespaceSlots> slots;
  slots.fill(-1);
  for (const NamespaceStep& step : steps)
    if (perform_one(step, slots) < 0) return {errno, step.what.c_str()};
  return {};
}

}  // namespace specguard::sys
