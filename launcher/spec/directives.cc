#include "spec/directives.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace specguard::spec {
namespace {

using Kind = Directive::Kind;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What follows `@skip`: nothing, "- reason", ": reason" or "(reason)". Other words make it prose.
std::optional<std::string_view> parse_reason(std::string_view rest) {
  const bool apart = rest.empty() || rest.front() == ' ' || rest.front() == '\t';
  rest = trim(rest);
  if (rest.empty()) return rest;
  if (rest.front() == '(' && rest.back() == ')') return trim(rest.substr(1, rest.size() - 2));
  if (take_prefix(rest, ":")) return trim(rest);
  for (const std::string_view dash : {"--", "-", "–", "—"})
    if (apart && take_prefix(rest, dash)) return trim(rest);
  return std::nullopt;
}

bool label_can_carry(std::string_view tag) {
  if (tag.empty() || tag.size() > kMaxTagBytes || !base::is_valid_utf8(tag)) return false;
  return std::none_of(tag.begin(), tag.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ';' || c == '[' || c == ']' ||
           c == '\\';
  });
}

}  // namespace

std::optional<Directive> parse_directive(std::string_view comment) {
  comment.remove_prefix(std::min(comment.find_first_not_of('#'), comment.size()));
  comment = trim(comment);
  if (!take_prefix(comment, "@")) return std::nullopt;

  static constexpr std::array<std::pair<std::string_view, Kind>, 4> kLists = {
      {{"tag", Kind::kTag},
       {"tags", Kind::kTag},
       {"platform", Kind::kPlatform},
       {"platforms", Kind::kPlatform}}};
  static constexpr std::array<std::pair<std::string_view, Kind>, 3> kMarks = {
      {{"skip", Kind::kSkip}, {"pending", Kind::kPending}, {"slow", Kind::kSlow}}};
  for (const auto& [word, kind] : kLists) {
    std::string_view rest = comment;
    if (take_prefix(rest, word) && take_prefix(rest, ":")) return Directive{kind, trim(rest)};
  }
  for (const auto& [word, kind] : kMarks) {
    std::string_view rest = comment;
    if (!take_prefix(rest, word)) continue;
    const auto reason = parse_reason(rest);
    if (!reason) return std::nullopt;
    return Directive{kind, *reason};
  }
  if (take_prefix(comment, "timeout_secs") && !comment.empty()) {
    take_prefix(comment, ":");
    return Directive{Kind::kTimeoutSecs, trim(comment)};
  }
  return std::nullopt;
}

std::optional<std::string_view> parse_docstring_tags(std::string_view line) {
  line = trim(line);
  if (!take_prefix(line, "@tags:") && !take_prefix(line, "@tag:")) return std::nullopt;
  return trim(line);
}

std::string normalise_tag(std::string_view tag) {
  std::string out(trim(tag));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_' || c == ' ' || c == '\t') c = '-';
  }
  return out;
}

void split_tags(std::string_view list, std::vector<std::string>& tags,
                std::vector<std::string>& refused) {
  const auto add = [&](std::string_view item) {
    std::string tag = normalise_tag(item);
    if (!tag.empty()) (label_can_carry(tag) ? tags : refused).push_back(std::move(tag));
  };
  list = trim(list);
  if (take_prefix(list, "[") && list.ends_with(']')) list.remove_suffix(1);
  while (!list.empty() && list.front() != '#') {
    if (const char quote = list.front(); quote == '"' || quote == '\'') {
      const std::size_t end = std::min(list.find(quote, 1), list.size());
      std::string_view quoted = list.substr(1, end - 1);
      list.remove_prefix(std::min(end + 1, list.size()));
      while (!quoted.empty()) {  // "a, b" is two as well
        const std::size_t comma = std::min(quoted.find(','), quoted.size());
        add(quoted.substr(0, comma));
        quoted.remove_prefix(std::min(comma + 1, quoted.size()));
      }
    } else {
      const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
      add(list.substr(0, end));
      list.remove_prefix(std::max<std::size_t>(end, 1));
    }
  }
}

}  // namespace specguard::spec
