// RunOptions: what a person asked `run` or `resume` for, and its translation to ctest's own
// options.
//
// Pure: no process, no file. Everything `run` can select, `ctest` can select with the words that
// come out here; `run` adds supervision, never a second way to choose tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace specguard::session {

struct RunOptions {
  bool unit = false;
  bool integration = false;
  bool system = false;
  std::vector<std::string> tags;  // each has to match; "a,b" in one matches either
  bool only_slow = false;
  bool no_slow = false;
  bool only_skipped = false;
  bool only_pending = false;

  bool list = false;
  bool fail_fast = false;
  std::optional<std::chrono::milliseconds> timeout;  // one test's
  bool parallel = false;
  std::optional<unsigned> max_workers;
  std::optional<std::uint64_t> seed;
  bool container_sequential = false;
  bool resume = false;
  bool allow_empty = false;
  std::vector<std::string> ctest_arguments;  // what stood after "--", as it is
};

struct Translation {
  std::vector<std::string> selection;  // ctest options that choose tests
  std::vector<std::string> arguments;  // the others; what stood after "--" comes last
  std::vector<std::pair<std::string, std::string>> environment;  // for the launchers and the tests
};

// `cpus` is what --parallel without a number means. The error is a usage error: two options that
// contradict each other, a tag that is none.
base::Result<Translation> translate(const RunOptions& options, unsigned cpus);

// The label of a tag: lower case, '_' as '-', no blanks around it.
std::string normalise_tag(std::string_view tag);

// The labels that the values of --tag name, every one.
std::vector<std::string> labels_of_tags(const std::vector<std::string>& tags);

// The text as a regular expression of CMake that matches it and nothing else.
std::string escape_regex(std::string_view text);

// One of ctest's words in a command line for people, quoted for a shell where that is needed.
std::string shell_quote(std::string_view word);

// The options as words of `resume`, for the command that is printed when a run stops.
std::vector<std::string> resume_words(const RunOptions& options);

}  // namespace specguard::session
