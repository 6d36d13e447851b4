// Whole files: bounded reading, and replacement that is never seen half done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specguard::sys {

// The whole content of a file, or an Error that names it. A file longer than max_bytes is an Error,
// and so is anything that is no regular file (a fifo would block for ever), save below /proc and
// /sys.
base::Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

enum class Durability {
  kVisible,  // atomic for readers; a power loss may lose it
  kDurable,  // also synced, file and directory, before it returns
};

enum class Access {
  kOwnerOnly,    // state
  kAsUmaskSays,  // what people asked for, and hand on
};

// Writes a temporary file beside path and renames it over path.
base::Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                                Durability durability = Durability::kVisible,
                                Access access = Access::kOwnerOnly);

// Creates the directory and its missing parents with mode 0700; one that is there is left as it is.
base::Result<void> make_private_directories(const std::filesystem::path& path);

// The nearest directory at or above start that has a CTestTestfile.cmake.
base::Result<std::filesystem::path> find_build_directory(const std::filesystem::path& start);

}  // namespace specguard::sys
