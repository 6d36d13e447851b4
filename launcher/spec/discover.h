// discover: the spec files of some directories, with all that is known of each.
//
// Promises: sorted by name, the same with and without a cache; a file or directory that cannot be
// read is named in a warning and costs no other; two files of one name are an error that names
// both.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spec/spec.h"
#include "spec/tree_walk.h"

namespace specguard::spec {

struct DiscoverOptions {
  std::vector<std::filesystem::path> directories;
  WalkOptions walk;
  std::string prefix;
  std::filesystem::path cache_file;  // empty: every file is read
};

struct Discovery {
  std::vector<Spec> specs;
  std::vector<Warning> warnings;
};

base::Result<Discovery> discover(const DiscoverOptions& options,
                                 const base::Clock& clock = base::system_clock());

}  // namespace specguard::spec
