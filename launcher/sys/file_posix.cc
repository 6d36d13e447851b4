#include "sys/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

using base::Error;
using base::Result;

Error failed(std::string_view verb, const std::filesystem::path& path) {
  return Error::from_errno(fmt::format("{} {}", verb, path.string()), errno);
}

bool is_kernel_file(const std::filesystem::path& path) {
  const std::string& text = path.native();
  return text.starts_with("/proc/") || text.starts_with("/sys/");
}

Result<void> write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A rename is durable once the directory that holds the name is synced.
Result<void> sync_directory(const std::filesystem::path& path) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return failed("open directory", path);
  if (::fsync(directory.get()) != 0) return failed("sync directory", path);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a fifo nobody writes to must not wait for a writer.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return failed("open", path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return failed("stat", path);
  if (!S_ISREG(info.st_mode))
    return Error(fmt::format("read {}: not a regular file", path.string()));
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const auto too_long = [&] {
    return Error(fmt::format("read {}: longer than {} bytes", path.string(), max_bytes));
  };
  if (size > max_bytes) return too_long();

  // Files of the kernel say size 0; others may grow while they are read. So read on until the end.
  std::string content(is_kernel_file(path) ? 4096 : size + 1, '\0');
  std::size_t used = 0;
  for (;;) {
    if (used == content.size()) content.resize(content.size() * 2);
    const ssize_t got = ::read(fd.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > max_bytes) return too_long();
  }
  content.resize(used);
  return content;
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                          Durability durability, Access access) {
  std::string temporary = path.string() + ".XXXXXX";
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (!fd) return failed("create", temporary);
  const auto give_up = [&](Error error) {
    ::unlink(temporary.c_str());
    return error;
  };
  if (auto written = write_all(fd.get(), content, temporary); !written)
    return give_up(written.error());
  if (access == Access::kAsUmaskSays) {
    const mode_t mask = ::umask(0);  // there is no other way to ask for it
    ::umask(mask);
    if (::fchmod(fd.get(), 0666 & ~mask) != 0) return give_up(failed("set the mode of", temporary));
  }
  if (durability == Durability::kDurable && ::fdatasync(fd.get()) != 0)
    return give_up(failed("sync", temporary));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(failed("replace", path));
  if (durability == Durability::kDurable) return sync_directory(path.parent_path());
  return {};
}

Result<void> make_private_directories(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT || !path.has_relative_path()) return failed("create directory", path);
  SPECGUARD_TRY_VOID(make_private_directories(path.parent_path()));
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return failed("create directory", path);
}

Result<std::filesystem::path> find_build_directory(const std::filesystem::path& start) {
  std::error_code error;
  for (std::filesystem::path at = std::filesystem::absolute(start, error);; at = at.parent_path()) {
    if (std::filesystem::exists(at / "CTestTestfile.cmake", error)) return at;
    if (!at.has_relative_path()) break;
  }
  return Error(
      fmt::format("no CTestTestfile.cmake in {} or above it: run in a build directory, or name one "
                  "with --build-dir",
                  start.string()));
}

}  // namespace specguard::sys
