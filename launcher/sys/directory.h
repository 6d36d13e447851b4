// Directories as they are on disk: entries, and the stamp that tells whether a file is still the
// one that was read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace specguard::sys {

enum class EntryKind { kFile, kDirectory, kLink, kOther };

struct DirectoryEntry {
  std::string name;  // bytes as the file system has them
  EntryKind kind = EntryKind::kOther;
};

// Every entry but "." and "..", in no order. A link is kLink, wherever it leads.
base::Result<std::vector<DirectoryEntry>> list_directory(const std::filesystem::path& path);

// What changes when a file's content does: the change time cannot be set by a user, so an edit that
// restores size and modification time is still seen.
struct FileStamp {
  EntryKind kind = EntryKind::kOther;  // of what a link leads to
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970
  std::int64_t changed_ns = 0;
};

// Follows links.
base::Result<FileStamp> stat_file(const std::filesystem::path& path);

}  // namespace specguard::sys
