// The project's own source files, as the style rules see them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace specguard::testing {

std::filesystem::path source_directory();

// Regular files below the directory (relative to the source directory) whose extension is one of
// those given, sorted; build trees and hidden directories are left out.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory,
                                               const std::vector<std::string>& extensions);

struct Line {
  int number;
  std::string text;
};

std::vector<Line> lines_of(const std::filesystem::path& file);

// "launcher/sys/fd.h:12", for messages.
std::string place(const std::filesystem::path& file, int line);

}  // namespace specguard::testing
