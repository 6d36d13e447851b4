#include "spec/discover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "spec/discovery_cache.h"
#include "spec/read_spec.h"

namespace specguard::spec {
namespace {

using base::Error;
using base::Result;

// ctest's scripts, logs and lists of failed tests are lines, and CMake reads a CR as the end of
// one.
bool ctest_can_carry(const std::string& name) {
  return name.find_first_of("\n\r") == std::string::npos;
}

class Discoverer {
 public:
  Discoverer(const DiscoverOptions& options, const base::Clock& clock)
      : options_(options), clock_(clock), cache_(DiscoveryCache::load(options.cache_file)) {}

  Result<Discovery> run() {
    bool read_any = false;
    for (const std::filesystem::path& directory : options_.directories)
      read_any |= read_directory(directory);
    if (!read_any && !options_.directories.empty()) return Error(no_directory());
    auto& specs = found_.specs;
    std::sort(specs.begin(), specs.end(),
              [](const Spec& a, const Spec& b) { return a.name < b.name; });
    SPECGUARD_TRY_VOID(check_names());
    if (!options_.cache_file.empty())
      if (const auto saved = cache_.save(options_.cache_file); !saved)
        warn(options_.cache_file.string(), saved.error().message());
    return std::move(found_);
  }

 private:
  std::string no_directory() const {
    std::string message = "no directory can be read";
    for (const Warning& warning : found_.warnings)
      message += fmt::format("; {}: {}", base::printable(warning.path), warning.message);
    return message;
  }

  // A wrong directory or pattern, most often; ctest itself is content with no test at all.
  std::string no_spec() const {
    const auto& patterns = options_.walk.patterns;
    return fmt::format("no spec is in it: no file's name matches {}",
                       fmt::join(patterns.empty() ? kDefaultPatterns : patterns, " "));
  }

  void warn(std::string path, std::string message) {
    found_.warnings.push_back({std::move(path), std::move(message)});
  }

  bool read_directory(const std::filesystem::path& directory) {
    std::error_code ignored;
    std::string root = std::filesystem::absolute(directory, ignored).lexically_normal().string();
    while (root.size() > 1 && root.ends_with('/')) root.pop_back();
    Walk walk = walk_tree(root, options_.walk);
    for (Warning& warning : walk.warnings) found_.warnings.push_back(std::move(warning));
    if (walk.root_was_read && walk.files.empty()) warn(root, no_spec());
    for (const WalkedFile& file : walk.files) read_file(root, file);
    return walk.root_was_read;
  }

  void read_file(const std::string& root, const WalkedFile& file) {
    Spec spec;
    spec.path = root == "/" ? root + file.relative_path : root + "/" + file.relative_path;
    // Directories that overlap: the one given first names the file.
    if (options_.directories.size() > 1 && !paths_.insert(spec.path).second) return;
    if (!ctest_can_carry(spec.path))
      return warn(spec.path, "its name has a line break, which CTest cannot carry; it is left out");
    spec.name = options_.prefix + file.relative_path;
    spec.level = level_of(root, file.relative_path);
    if (auto known = cache_.find(spec.path, file.stamp)) {
      spec.facts = std::move(*known);
    } else {
      const base::WallTime read_at = clock_.wall_now();
      auto facts = read_spec(spec.path);
      if (facts) {
        spec.facts = std::move(*facts);
        cache_.keep(spec.path, file.stamp, spec.facts, read_at);
      } else {
        // It stays a test, which fails for the reason named here, rather than vanish.
        spec.facts.may_skip = true;
        spec.facts.warnings.push_back(facts.error().message() +
                                      "; it is registered, but its tags and examples are unknown");
      }
    }
    for (const std::string& warning : spec.facts.warnings) warn(spec.path, warning);
    found_.specs.push_back(std::move(spec));
  }

  Result<void> check_names() const {
    const auto& specs = found_.specs;
    for (std::size_t i = 1; i < specs.size(); ++i)
      if (specs[i - 1].name == specs[i].name)
        return Error(fmt::format("two tests have the name '{}': {} and {}; give one call a PREFIX",
                                 base::printable(specs[i].name), base::printable(specs[i - 1].path),
                                 base::printable(specs[i].path)));
    return {};
  }

  const DiscoverOptions& options_;
  const base::Clock& clock_;
  DiscoveryCache cache_;
  Discovery found_;
  std::unordered_set<std::string> paths_;
};

}  // namespace

Result<Discovery> discover(const DiscoverOptions& options, const base::Clock& clock) {
  return Discoverer(options, clock).run();
}

}  // namespace specguard::spec
