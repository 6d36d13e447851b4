#include "supervise/place.h"

#include <filesystem>

#include "sys/file.h"

namespace specguard::supervise {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCacheBytes = 64 << 20;

std::string source_directory_of(const std::string& build_dir) {
  const auto cache = sys::read_file(fs::path(build_dir) / "CMakeCache.txt", kMaxCacheBytes);
  if (!cache) return {};
  constexpr std::string_view kEntry = "\nCMAKE_HOME_DIRECTORY:INTERNAL=";
  const std::size_t at = cache->find(kEntry);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kEntry.size();
  return cache->substr(begin, cache->find('\n', begin) - begin);
}

// Without a slash at the end: such a name is compared with others.
std::string plain(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).string();
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

Place complete(Place place, const std::string& directory) {
  if (place.build_dir.empty()) {
    const auto found = sys::find_build_directory(directory);
    place.build_dir = found ? found->string() : directory;
  }
  place.build_dir = plain(place.build_dir);
  if (place.source_dir.empty()) place.source_dir = source_directory_of(place.build_dir);
  return place;
}

std::string start_directory(const LaunchPlan& plan) {
  std::error_code error;
  const fs::path current = fs::current_path(error);
  return plain(current / plan.directory);
}

std::optional<std::string> value_of(const std::vector<std::string>& environment,
                                    std::string_view name) {
  for (const std::string& entry : environment)
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=')
      return entry.substr(name.size() + 1);
  return std::nullopt;
}

std::string find_program(const LaunchPlan& plan) {
  const std::string& program = plan.command.front();
  const fs::path start = start_directory(plan);
  if (program.find('/') != std::string::npos) return (start / program).lexically_normal().string();
  const std::string path = value_of(plan.environment, "PATH").value_or("/usr/bin:/bin");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = start / path.substr(begin, end - begin) / program;
    if (is_file(candidate)) return candidate.lexically_normal().string();
    begin = end + 1;
  }
  return {};
}

}  // namespace specguard::supervise
