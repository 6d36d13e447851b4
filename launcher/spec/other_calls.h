// The other specguard_discover_tests() calls of a project, against which a call's names are
// checked.
//
// Promises: a name that another call gives as well is found whichever of the two changed, because
// each looks when its own list does. No tree is walked: a name tells which file of the other call
// it would be, and that file is there or is not.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/spec.h"
#include "spec/tree_walk.h"

namespace specguard::spec {

struct DiscoverCall {
  std::string id;
  std::string prefix;
  std::vector<std::filesystem::path> directories;
  WalkOptions walk;
};

// All calls of a project, as the configure step left them (docs/formats.md). `source` names the
// text in errors.
base::Result<std::vector<DiscoverCall>> parse_calls(std::string_view text, std::string_view source);
base::Result<std::vector<DiscoverCall>> read_calls(const std::filesystem::path& path);

// An Error that names both files where a spec has the name of one of another call than `own`.
base::Result<void> check_against_other_calls(std::span<const Spec> specs,
                                             std::span<const DiscoverCall> calls,
                                             std::string_view own);

}  // namespace specguard::spec
