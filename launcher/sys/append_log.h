// AppendLog: a file that many processes append whole lines to, and a lock between processes.
//
// What it leans on, stated before what it promises:
//   - A write() that returned is in the page cache: it survives the death of any process, SIGKILL
//     included. It survives a power loss once sync() has returned, given a disk that does not lie
//     about its flush.
//   - A power loss may leave any part of what was not synced: cut, or as blocks of zeros. It does
//     not touch what was synced before.
//   - flock() locks belong to an open file description; the kernel drops them when its last holder
//     dies, so a killed process never leaves one behind. (On NFS Linux makes them byte-range locks:
//     the same holds.)
//
// Promises: a line is one write at the end of the file, under the lock. A line that does not fit
// whole (full disk, file-size limit) is taken back, so that the file ends with a whole line. A torn
// line that a crash left is closed first, so that it does not swallow the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace specguard::sys {

// A lock on a file, held until it goes out of scope here and in every process forked meanwhile.
class FileLock {
 public:
  // Creates the file (0600) where it is missing. Waits at most `patience`; an Error after it.
  static base::Result<FileLock> acquire(const std::filesystem::path& path,
                                        std::chrono::milliseconds patience);

  // Together with others who share it, and not while somebody holds it alone.
  static base::Result<FileLock> share(const std::filesystem::path& path,
                                      std::chrono::milliseconds patience);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

class AppendLog {
 public:
  // Opens a log that is there; an Error with ENOENT where it is not.
  static base::Result<AppendLog> open(const std::filesystem::path& path);

  // `line` ends with its newline. Waits at most `patience` for the lock.
  base::Result<void> append(std::string_view line,
                            std::chrono::milliseconds patience = std::chrono::seconds(5));

  // Returns once all that was appended so far, by anybody, is on the disk.
  base::Result<void> sync();

 private:
  AppendLog(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  base::Result<void> append_locked(std::string_view line);

  UniqueFd fd_;
  std::filesystem::path path_;
};

// Overwrites the start of a file that is there, in place: needs no free space on the disk.
base::Result<void> overwrite_in_place(const std::filesystem::path& path, std::string_view content);

// The seconds since the file was modified by the wall clock; nullopt where there is no such file.
// Negative after the clock was set back.
std::optional<std::chrono::seconds> age_of(const std::filesystem::path& path);

// Sets the file's modification time to now, creating it where it is missing. Best effort.
void touch(const std::filesystem::path& path);

// "inode:seconds.nanoseconds:size" of a file; empty where there is none. Another text: another
// file, or one that was written again.
std::string file_mark(const std::filesystem::path& path);

}  // namespace specguard::sys
