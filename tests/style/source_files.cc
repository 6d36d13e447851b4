#include "source_files.h"

#include <algorithm>
#include <fstream>

namespace specguard::testing {

namespace fs = std::filesystem;

fs::path source_directory() {
  return SPECGUARD_SOURCE_DIR;
}

std::vector<fs::path> files_below(const fs::path& directory,
                                  const std::vector<std::string>& extensions) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator walk(source_directory() / directory, error);
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const std::string name = walk->path().filename().string();
    if (walk->is_directory(error) && (name.starts_with('.') || name.starts_with("build"))) {
      walk.disable_recursion_pending();
    } else if (walk->is_regular_file(error) &&
               std::find(extensions.begin(), extensions.end(), walk->path().extension()) !=
                   extensions.end()) {
      files.push_back(walk->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Line> lines_of(const fs::path& file) {
  std::vector<Line> lines;
  std::ifstream stream(file);
  for (std::string text; std::getline(stream, text);)
    lines.push_back({static_cast<int>(lines.size()) + 1, text});
  return lines;
}

std::string place(const fs::path& file, int line) {
  return file.lexically_relative(source_directory()).string() + ":" + std::to_string(line);
}

}  // namespace specguard::testing
