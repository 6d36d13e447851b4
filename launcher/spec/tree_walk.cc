#include "spec/tree_walk.h"

#include <algorithm>
#include <deque>
#include <set>
#include <system_error>
#include <utility>

#include "spec/glob.h"

namespace specguard::spec {

const std::vector<std::string> kDefaultPatterns = {"*_spec.spl", "*_spec.*.spl", "*_test.spl",
                                                   "*_test.*.spl"};

namespace {

using sys::EntryKind;

bool matches_any(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches_path(glob, path); });
}

const std::vector<std::string>& patterns_of(const WalkOptions& options) {
  return options.patterns.empty() ? kDefaultPatterns : options.patterns;
}

class Walker {
 public:
  Walker(const std::filesystem::path& root, const WalkOptions& options)
      : root_(root.string()), patterns_(patterns_of(options)), exclude_(options.exclude) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
    if (options.build_directory.empty()) return;
    if (const auto build = sys::stat_file(options.build_directory))
      entered_.insert({build->device, build->inode});
  }

  Walk walk() {
    const auto root = sys::stat_file(root_);
    if (!root) {
      warn({}, root.error().message());
      return std::move(walk_);
    }
    if (root->kind != EntryKind::kDirectory) {
      warn({}, "not a directory");
      return std::move(walk_);
    }
    entered_.insert({root->device, root->inode});
    walk_.root_was_read = enter({});
    // Real directories first, so that what has a real name goes by it and not by some link's.
    while (!directories_.empty() || !links_.empty()) {
      auto& next = directories_.empty() ? links_ : directories_;
      const std::string relative = std::move(next.front());
      next.pop_front();
      if (is_new_directory(relative)) enter(relative);
    }
    const auto by_path = [](const auto& a, const auto& b) {
      return a.relative_path < b.relative_path;
    };
    std::sort(walk_.files.begin(), walk_.files.end(), by_path);
    std::sort(walk_.warnings.begin(), walk_.warnings.end(),
              [](const Warning& a, const Warning& b) { return a.path < b.path; });
    return std::move(walk_);
  }

 private:
  std::string full(const std::string& relative) const {
    if (relative.empty()) return root_;
    return root_.ends_with('/') ? root_ + relative : root_ + "/" + relative;
  }

  void warn(const std::string& relative, std::string message) {
    walk_.warnings.push_back({full(relative), std::move(message)});
  }

  // The path stands before the message already; what is said is why, and what follows from it.
  void warn_unread(const std::string& relative, const base::Error& error, const char* consequence) {
    warn(relative, "cannot be read (" + std::generic_category().message(error.errno_value()) +
                       "); " + consequence);
  }

  bool is_new_directory(const std::string& relative) {
    const auto stamp = sys::stat_file(full(relative));
    if (!stamp) {
      warn_unread(relative, stamp.error(), "what is in it is left out");
      return false;
    }
    return entered_.insert({stamp->device, stamp->inode}).second;
  }

  bool enter(const std::string& relative) {
    auto entries = sys::list_directory(full(relative));
    if (!entries) {
      warn_unread(relative, entries.error(), "what is in it is left out");
      return false;
    }
    // Sorted, so that of two links to one directory the same one wins every time.
    std::sort(entries->begin(), entries->end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const sys::DirectoryEntry& entry : *entries) {
      if (entry.name.starts_with('.')) continue;
      const std::string path = relative.empty() ? entry.name : relative + "/" + entry.name;
      if (matches_any(exclude_, path)) continue;
      if (entry.kind == EntryKind::kDirectory)
        directories_.push_back(path);
      else if (entry.kind == EntryKind::kLink)
        take_link(path);
      else if (matches_any(patterns_, path))
        take_file(path);
    }
    return true;
  }

  void take_link(const std::string& path) {
    const bool is_candidate = matches_any(patterns_, path);
    const auto stamp = sys::stat_file(full(path));
    if (!stamp) {
      if (is_candidate) warn_unread(path, stamp.error(), "it is left out");
      return;
    }
    if (stamp->kind == EntryKind::kDirectory)
      links_.push_back(path);
    else if (is_candidate)
      add(path, *stamp);
  }

  void take_file(const std::string& path) {
    const auto stamp = sys::stat_file(full(path));
    if (stamp)
      add(path, *stamp);
    else
      warn_unread(path, stamp.error(), "it is left out");
  }

  void add(const std::string& path, const sys::FileStamp& stamp) {
    if (stamp.kind != EntryKind::kFile) return warn(path, "not a regular file; it is left out");
    if (walk_.files.size() < kMaxFiles) return walk_.files.push_back({path, stamp});
    if (!overfull_) warn({}, "more than a million spec files; the rest is left out");
    overfull_ = true;
  }

  std::string root_;
  const std::vector<std::string>& patterns_;
  const std::vector<std::string>& exclude_;
  Walk walk_;
  std::deque<std::string> directories_;
  std::deque<std::string> links_;  // that lead to directories
  std::set<std::pair<std::uint64_t, std::uint64_t>> entered_;
  bool overfull_ = false;
};

}  // namespace

Walk walk_tree(const std::filesystem::path& root, const WalkOptions& options) {
  return Walker(root, options).walk();
}

bool would_take(std::string_view relative_path, const WalkOptions& options) {
  // Every directory on the way is tried as the file itself is.
  for (std::size_t end = 0; end != std::string_view::npos;) {
    const std::size_t begin = end == 0 ? 0 : end + 1;
    end = relative_path.find('/', begin);
    if (relative_path.substr(begin).starts_with('.')) return false;
    if (matches_any(options.exclude, relative_path.substr(0, end))) return false;
  }
  return matches_any(patterns_of(options), relative_path);
}

}  // namespace specguard::spec
