// SuiteListing: the tests that ctest would run, as `ctest --show-only=json-v1` tells them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace specguard::session {

struct ListedTest {
  std::string name;
  std::vector<std::string> labels;
  bool guarded = false;   // its command is `test-launcher exec`
  bool disabled = false;  // ctest will not run it
  bool will_fail = false;
  bool judged_by_output = false;  // by ctest, with a regular expression
  std::string file;               // where it is defined, where ctest knows; with the line
  int line = 0;
};

struct SuiteListing {
  std::vector<ListedTest> tests;

  std::size_t guarded_count() const;
  std::map<std::string, std::size_t> label_counts() const;
};

// Text before the JSON (output of a discovery script) is skipped.
base::Result<SuiteListing> parse_listing(std::string_view json_v1);

// Our own file in the session's directory: what `status` and `report` know about tests that have
// not run. Names go in byte for byte.
std::string encode_listing(const SuiteListing& listing);
base::Result<SuiteListing> decode_listing(std::string_view text, std::string_view source);

// At most `count` of the words that a person may have meant, nearest first; none that is far off.
std::vector<std::string> nearest_words(std::string_view typed,
                                       const std::vector<std::string>& words, std::size_t count);

}  // namespace specguard::session
