// Reading one spec file from disk.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "spec/spec_facts.h"

namespace specguard::spec {

// A longer file is no spec that people wrote.
inline constexpr std::uint64_t kMaxSpecBytes = 16u << 20;

// What the file says, with a warning among the facts where it is binary or not UTF-8. An Error
// where it cannot be read or is longer than kMaxSpecBytes.
base::Result<SpecFacts> read_spec(const std::filesystem::path& path);

// Just what running one spec needs to know.
struct SpecDirectives {
  int declared_examples = 0;     // must run
  int conditional_examples = 0;  // slow, skipped, pending: may run
  int slow_examples = 0;         // of these
  int skipped_examples = 0;
  std::optional<std::string> skip;
  std::optional<std::string> pending;
  std::optional<std::chrono::seconds> timeout;
};
base::Result<SpecDirectives> read_directives(const std::filesystem::path& path);

}  // namespace specguard::spec
