// DiscoveryCache: what spec files said when they were last read, so that a file that has not
// changed is not read again.
//
// Promises: a listing with it equals one without it. A file counts as unchanged while its inode,
// size, modification time and change time (nanoseconds) are those it was read with; the change time
// cannot be set by a user. One that changed so shortly before it was read that a second change
// could bear the same time is not kept. A damaged, foreign or older cache is an empty one: nothing
// is believed that its checksum does not cover. Linear: loading splits lines, and decodes an entry
// only where it is asked for.
//
// A text format of its own and not JSON: 100 000 entries are read at each start of ctest, and a
// line is taken over into the next cache without being decoded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "spec/spec_facts.h"
#include "sys/directory.h"

namespace specguard::spec {

class DiscoveryCache {
 public:
  // The cache in the file, or an empty one.
  static DiscoveryCache load(const std::filesystem::path& file);

  // What is known of the file at `path` while it bears this stamp; keeps it for the next cache.
  std::optional<SpecFacts> find(std::string_view path, const sys::FileStamp& stamp);

  // Keeps what was read. `read_at` is the wall clock before the file was opened.
  void keep(std::string_view path, const sys::FileStamp& stamp, const SpecFacts& facts,
            base::WallTime read_at);

  // Replaces the file by what find() and keep() kept, where that differs from what was loaded.
  base::Result<void> save(const std::filesystem::path& file) const;

 private:
  std::string loaded_;  // the lines point into it
  std::unordered_map<std::string_view, std::string_view> lines_;
  std::string next_;
  std::size_t found_ = 0;
  bool changed_ = false;
};

}  // namespace specguard::spec
