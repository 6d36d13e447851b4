// The settings file of one specguard_discover_tests() call, as far as discovery reads it;
// docs/formats.md describes it whole.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace specguard::spec {

struct DiscoverSettings {
  std::filesystem::path build_dir;
  std::vector<std::filesystem::path> directories;
  std::vector<std::string> patterns;
  std::vector<std::string> exclude;
  std::string prefix;
  std::vector<std::string> labels;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string> interpreter;
  std::string launcher;
  std::filesystem::path calls;  // the file of all calls of the project; empty: this is the only one
  std::string call;             // which of them this is
  std::string working_directory;  // of the tests; empty: the build directory

  // From its "exec" part, what the tests' properties depend on.
  std::optional<double> timeout_s;
  std::optional<double> ctest_timeout_s;
  std::string results;
  std::string skip_code;
};

// `source` names the text in errors. Unknown keys are left to those who know them.
base::Result<DiscoverSettings> parse_settings(std::string_view text, std::string_view source);
base::Result<DiscoverSettings> read_settings(const std::filesystem::path& path);

}  // namespace specguard::spec
