#include "spec/glob.h"

#include <algorithm>

namespace specguard::spec {
namespace {

// Length of the "[...]" at the start of pattern, or 0 where it is not closed: then '[' is itself.
std::size_t bracket_length(std::string_view pattern) {
  std::size_t at = 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) ++at;
  const std::size_t end = pattern.find(']', at + 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

bool bracket_matches(std::string_view bracket, char c) {
  std::string_view set = bracket.substr(1, bracket.size() - 2);
  const bool negated = set.starts_with('!') || set.starts_with('^');
  if (negated) set.remove_prefix(1);
  const auto value = [](char byte) { return static_cast<unsigned char>(byte); };
  bool found = false;
  while (!set.empty()) {
    if (set.size() >= 3 && set[1] == '-') {
      found |= value(set[0]) <= value(c) && value(c) <= value(set[2]);
      set.remove_prefix(3);
    } else {
      found |= set[0] == c;
      set.remove_prefix(1);
    }
  }
  return found != negated;
}

}  // namespace

// One point to go back to is enough for `*`: the last one. `**` keeps its own, since a later `*`
// cannot cross the '/' that it could. So the cost is bounded by the product of the lengths.
bool glob_matches(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0, t = 0;
  std::size_t star_p = kNone, star_t = 0;      // after the last `*`
  std::size_t double_p = kNone, double_t = 0;  // after the last `**`
  bool whole_segments = false;                 // it is `**/`, which stands for whole segments
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size()) {
      const std::string_view rest = pattern.substr(p);
      if (rest.starts_with("**")) {
        whole_segments = rest.starts_with("**/");
        p += whole_segments ? 3 : 2;
        double_p = p, double_t = t, star_p = kNone;
        continue;
      }
      if (rest.front() == '*') {
        star_p = ++p, star_t = t;
        continue;
      }
      if (t < text.size()) {
        const std::size_t bracket = rest.front() == '[' ? bracket_length(rest) : 0;
        const bool matches =
            bracket > 0 ? text[t] != '/' && bracket_matches(rest.substr(0, bracket), text[t])
            : rest.front() == '?' ? text[t] != '/'
                                  : rest.front() == text[t];
        if (matches) {
          p += bracket > 0 ? bracket : 1, ++t;
          continue;
        }
      }
    }
    if (star_p != kNone && star_t < text.size() && text[star_t] != '/') {
      p = star_p, t = ++star_t;
    } else if (double_p != kNone && double_t < text.size()) {
      if (whole_segments) double_t = std::min(text.find('/', double_t), text.size() - 1);
      p = double_p, t = ++double_t, star_p = kNone;
    } else {
      return false;
    }
  }
  return true;
}

bool glob_matches_path(std::string_view pattern, std::string_view relative_path) {
  if (pattern.find('/') != std::string_view::npos) return glob_matches(pattern, relative_path);
  return glob_matches(pattern, relative_path.substr(relative_path.rfind('/') + 1));
}

}  // namespace specguard::spec
