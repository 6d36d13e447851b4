// Filter: which of the specs are wanted. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/spec.h"

namespace specguard::spec {

struct Filter {
  std::vector<Level> levels;      // any of them; empty: all
  std::vector<std::string> tags;  // all of them, normalised
  std::string platform;           // a spec that names it; empty: all
  bool only_slow = false;
  bool no_slow = false;
  bool only_skipped = false;
  bool only_pending = false;

  bool admits(const Spec& spec) const;
};

// Leaves the specs that the filter admits. A tag or a platform that no spec has at all is an Error
// that names the nearest ones: it is a typo, and an empty selection would hide it.
base::Result<void> apply_filter(const Filter& filter, std::vector<Spec>& specs);

// The known words nearest to `word` by edits, nearest first, at most three.
std::vector<std::string> nearest_words(std::string_view word,
                                       const std::vector<std::string>& known);

}  // namespace specguard::spec
