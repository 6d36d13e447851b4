#include "sys/identity.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

// Reading and entering; writing and entering.
constexpr std::uint32_t kReadEnter = 05;
constexpr std::uint32_t kWriteEnter = 03;

bool grants(const Ownership& file, const Identity& who, std::uint32_t wanted) {
  const int shift = who.user == file.owner.user ? 6 : who.group == file.owner.group ? 3 : 0;
  return ((file.permissions >> shift) & wanted) == wanted;
}

}  // namespace

Identity own_identity() {
  return {::geteuid(), ::getegid()};
}

std::optional<uid_t> user_outside(std::string_view uid_map, uid_t inside) {
  std::istringstream lines{std::string(uid_map)};
  for (std::uint64_t first = 0, outside = 0, count = 0; lines >> first >> outside >> count;)
    if (inside >= first && inside - first < count)
      return static_cast<uid_t>(outside + (inside - first));
  return std::nullopt;
}

bool Ownership::lets_read(const Identity& who) const {
  return grants(*this, who, kReadEnter);
}

bool Ownership::lets_write(const Identity& who) const {
  return grants(*this, who, kWriteEnter);
}

std::optional<Ownership> ownership_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return Ownership{{info.st_uid, info.st_gid}, info.st_mode & 07777U};
}

base::Result<void> give_to(const std::string& path, const Identity& owner) {
  if (::lchown(path.c_str(), owner.user, owner.group) == 0) return {};
  return base::Error::from_errno(fmt::format("give {} to user {}", path, owner.user), errno);
}

base::Result<void> make_new_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  return base::Error::from_errno(fmt::format("make the directory {}", path), errno);
}

base::Result<std::string> own_program() {
  std::array<char, 4096> buffer;
  const ssize_t size = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (size < 0) return base::Error::from_errno("find the running program", errno);
  std::string path(buffer.data(), static_cast<std::size_t>(size));
  if (::access(path.c_str(), X_OK) != 0)
    return base::Error::from_errno(fmt::format("find the running program, {}", path), errno);
  return path;
}

bool is_static_program(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ElfW(Ehdr) header{};
  if (::pread(file.get(), &header, sizeof header, 0) != sizeof header) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) segment{};
    const auto at = static_cast<off_t>(header.e_phoff + i * sizeof segment);
    if (::pread(file.get(), &segment, sizeof segment, at) != sizeof segment) return false;
    if (segment.p_type == PT_INTERP) return false;
  }
  return true;
}

}  // namespace specguard::sys
