#include "supervise/tap_line.h"

#include <algorithm>
#include <charconv>

namespace specguard::supervise {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Digits at the start of text; a number too long for 64 bits is the largest there is.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) number = UINT64_MAX - 1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Where the directive's '#' stands: not escaped by a backslash, after white space or at the start.
std::size_t find_directive(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) {
      const std::string_view words = trim(text.substr(at + 1));
      if (starts_with_ignoring_case(words, "skip") || starts_with_ignoring_case(words, "todo"))
        return at;
    }
  }
  return std::string_view::npos;
}

// TAP 14: "\#" is '#' and "\\" a backslash; any other backslash is itself.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '#' || text[at + 1] == '\\'))
      ++at;
    out += text[at];
  }
  return out;
}

void read_directive(std::string_view words, TapTestPoint& point) {
  words = trim(words);
  point.directive =
      starts_with_ignoring_case(words, "skip") ? TapDirective::kSkip : TapDirective::kTodo;
  words.remove_prefix(4);
  while (!words.empty() && is_word(words.front())) words.remove_prefix(1);  // "SKIPPED"
  words = trim(words);
  if (words.starts_with(':')) words = trim(words.substr(1));
  point.reason = unescape(words);
}

// "name in 12ms" -> "name", 12 ms.
void take_duration(TapTestPoint& point) {
  const std::size_t in = point.description.rfind(" in ");
  if (in == std::string::npos) return;
  std::string_view rest = std::string_view(point.description).substr(in + 4);
  const auto number = take_number(rest);
  if (!number || rest != "ms" || *number > 1'000'000'000) return;
  point.duration = std::chrono::milliseconds(*number);
  point.description.resize(in);
}

}  // namespace

std::optional<TapPlan> parse_plan(std::string_view line) {
  if (!line.starts_with("1..")) return std::nullopt;
  line.remove_prefix(3);
  const auto count = take_number(line);
  if (!count) return std::nullopt;
  line = trim(line);
  TapPlan plan{*count, {}};
  if (line.starts_with('#')) {
    std::string_view words = trim(line.substr(1));
    if (starts_with_ignoring_case(words, "skip")) {
      words.remove_prefix(4);
      while (!words.empty() && is_word(words.front())) words.remove_prefix(1);
    }
    plan.reason = trim(words);
  } else if (!line.empty()) {
    return std::nullopt;
  }
  return plan;
}

std::optional<TapTestPoint> parse_test_point(std::string_view line) {
  TapTestPoint point;
  point.ok = !line.starts_with("not ok");
  if (!point.ok) line.remove_prefix(4);
  if (!line.starts_with("ok")) return std::nullopt;
  line.remove_prefix(2);
  if (!line.empty() && is_word(line.front())) return std::nullopt;

  std::string_view rest = trim(line);
  if (std::string_view after = rest;
      !line.empty() && (line.front() == ' ' || line.front() == '\t')) {
    const auto number = take_number(after);
    if (number && (after.empty() || !is_word(after.front()))) {
      point.number = *number;
      rest = trim(after);
    }
  }
  const std::size_t directive = find_directive(rest);
  std::string_view description = trim(rest.substr(0, directive));
  if (description.starts_with('-')) description = trim(description.substr(1));
  point.description = unescape(description);
  take_duration(point);
  if (directive != std::string_view::npos) read_directive(rest.substr(directive + 1), point);
  return point;
}

std::optional<std::string_view> parse_bail_out(std::string_view line) {
  constexpr std::string_view kBailOut = "bail out!";
  if (!starts_with_ignoring_case(line, kBailOut)) return std::nullopt;
  return trim(line.substr(kBailOut.size()));
}

}  // namespace specguard::supervise
