// walk_tree: the spec files below a directory.
//
// Promises: sorted by path, each real directory entered once (links that loop end, a directory that
// has a real name below the root goes by it), dot directories and the build directory left out,
// work linear in what is there and bounded by kMaxFiles. What cannot be read is named in a warning
// and costs no other file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sys/directory.h"

namespace specguard::spec {

struct WalkOptions {
  std::vector<std::string> patterns;      // globs; empty: kDefaultPatterns
  std::vector<std::string> exclude;       // globs on files and directories
  std::filesystem::path build_directory;  // not entered; may be empty
};

// Base name ends `.spl`, contains `_spec.` or `_test.`. Whatever the patterns, a name that begins
// with a dot is no spec.
extern const std::vector<std::string> kDefaultPatterns;

inline constexpr std::size_t kMaxFiles = 1'000'000;

struct WalkedFile {
  std::string relative_path;
  sys::FileStamp stamp;
};

struct Warning {
  std::string path;
  std::string message;
};

struct Walk {
  std::vector<WalkedFile> files;
  std::vector<Warning> warnings;
  bool root_was_read = false;
};

Walk walk_tree(const std::filesystem::path& root, const WalkOptions& options);

// Whether a walk would take a file of this path for a spec, were it there. Pure.
bool would_take(std::string_view relative_path, const WalkOptions& options);

}  // namespace specguard::spec
