#include "sys/append_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>

namespace specguard::sys {
namespace {

using base::Error;
using base::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

Error failed(std::string_view verb, const std::filesystem::path& path, int error = errno) {
  return Error::from_errno(fmt::format("{} {}", verb, path.string()), error);
}

// There is no flock with a deadline. Holders keep the lock for microseconds, so polling gets it at
// the first or second look; one that was stopped (SIGSTOP) must not stop everybody.
Result<void> lock_with_patience(int fd, const std::filesystem::path& path, milliseconds patience,
                                int kind = LOCK_EX) {
  const auto end = steady_clock::now() + patience;
  for (auto pause = std::chrono::microseconds(20);;
       pause = std::min(pause * 2, std::chrono::microseconds(5000))) {
    if (::flock(fd, kind | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) return failed("lock", path);
    if (steady_clock::now() >= end)
      return Error(fmt::format("lock {}: another process has held it for {} ms", path.string(),
                               patience.count()),
                   EWOULDBLOCK);
    std::this_thread::sleep_for(pause);
  }
}

Result<UniqueFd> open_locked(const std::filesystem::path& path, milliseconds patience, int kind) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return failed("open", path);
  SPECGUARD_TRY_VOID(lock_with_patience(fd.get(), path, patience, kind));
  return fd;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path, milliseconds patience) {
  SPECGUARD_TRY(UniqueFd fd, open_locked(path, patience, LOCK_EX));
  return FileLock(std::move(fd));
}

Result<FileLock> FileLock::share(const std::filesystem::path& path, milliseconds patience) {
  SPECGUARD_TRY(UniqueFd fd, open_locked(path, patience, LOCK_SH));
  return FileLock(std::move(fd));
}

Result<AppendLog> AppendLog::open(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!fd) return failed("open", path);
  return AppendLog(std::move(fd), path);
}

Result<void> AppendLog::append(std::string_view line, milliseconds patience) {
  SPECGUARD_TRY_VOID(lock_with_patience(fd_.get(), path_, patience));
  Result<void> appended = append_locked(line);
  ::flock(fd_.get(), LOCK_UN);
  return appended;
}

Result<void> AppendLog::append_locked(std::string_view line) {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) return failed("stat", path_);
  std::string closed;
  if (char last = '\n';
      info.st_size > 0 && ::pread(fd_.get(), &last, 1, info.st_size - 1) == 1 && last != '\n') {
    closed = fmt::format("\n{}", line);
    line = closed;
  }
  ssize_t written = 0;
  do {
    written = ::write(fd_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return {};
  // A short write means no room for the rest: the file-size limit or the disk.
  const int error = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::ftruncate(fd_.get(), info.st_size) != 0)
    return failed("take a half-written record back from", path_);
  return failed("append record to", path_, error);
}

Result<void> AppendLog::sync() {
  if (::fdatasync(fd_.get()) != 0) return failed("sync", path_);
  return {};
}

Result<void> overwrite_in_place(const std::filesystem::path& path, std::string_view content) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return failed("open", path);
  if (::pwrite(fd.get(), content.data(), content.size(), 0) != static_cast<ssize_t>(content.size()))
    return failed("write", path);
  return {};
}

std::optional<std::chrono::seconds> age_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return std::chrono::seconds(::time(nullptr) - info.st_mtim.tv_sec);
}

void touch(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (fd) ::futimens(fd.get(), nullptr);
}

std::string file_mark(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "";
  return fmt::format("{}:{}.{:09}:{}", info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     info.st_size);
}

}  // namespace specguard::sys
