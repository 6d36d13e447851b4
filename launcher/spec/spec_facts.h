// SpecFacts: what the content of one spec file says about it. Pure data; parse_spec.h makes it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace specguard::spec {

struct ExampleCounts {
  int plain = 0;    // must run
  int slow = 0;     // run only where slow ones are asked for
  int skipped = 0;  // skip_it, ignore_it, below a skip block, or skipped by itself
  int pending = 0;

  int conditional() const { return slow + skipped + pending; }
  int total() const { return plain + conditional(); }
  bool operator==(const ExampleCounts&) const = default;
};

struct SpecFacts {
  std::vector<std::string> tags;       // normalised, sorted, each once
  std::vector<std::string> platforms;  // the same
  bool slow = false;                   // has a slow_it, or says so
  std::optional<std::string> skip;     // the file is skipped; the reason may be empty
  std::optional<std::string> pending;
  std::optional<std::chrono::seconds> timeout;  // may raise the test's timeout, nothing else
  ExampleCounts examples;
  bool may_skip = false;  // an execution may end as skipped; true where there is any doubt
  int line = 1;           // the first group or example: where an editor should jump
  std::vector<std::string> warnings;  // about the content, for people; not escaped

  bool operator==(const SpecFacts&) const = default;
};

}  // namespace specguard::spec
