// Directives: comment lines that say something about the whole file, and the tags in them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace specguard::spec {

// A comment line that IS a directive; a comment that mentions one is none.
//
//   # @skip     # @skip - reason     # @skip: reason     # @skip(reason)     likewise pending, slow
//   # @tag:x    # @tag: a, b         # @tags: [a, "b"]   likewise platform
//   # @timeout_secs 300
struct Directive {
  enum class Kind { kSkip, kPending, kSlow, kTag, kPlatform, kTimeoutSecs };
  Kind kind;
  std::string_view value;  // the reason, the list, the number; may be empty
};

// `comment` starts with '#'. Directives of other tools and prose give nullopt.
std::optional<Directive> parse_directive(std::string_view comment);

// "@tag: x" or "@tags: x" at the start of a line of a docstring -> its list.
std::optional<std::string_view> parse_docstring_tags(std::string_view line);

// Lower case, '_' to '-', white space inside quotes to '-'.
std::string normalise_tag(std::string_view tag);

// Splits `a, b`, `[a, "b c"]`, `a b`. Each is normalised. What no CTest label can carry (control
// characters, ';', brackets, a backslash, invalid UTF-8, more than kMaxTagBytes) goes to `refused`.
inline constexpr std::size_t kMaxTagBytes = 100;
void split_tags(std::string_view list, std::vector<std::string>& tags,
                std::vector<std::string>& refused);

}  // namespace specguard::spec
