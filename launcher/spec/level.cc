#include "spec/level.h"

#include <algorithm>
#include <array>
#include <utility>

namespace specguard::spec {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 5> kSegments = {{
    {"unit", Level::kUnit},
    {"shared", Level::kUnit},
    {"integration", Level::kIntegration},
    {"system", Level::kSystem},
    {"feature", Level::kSystem},
}};

std::string_view without_number(std::string_view segment) {
  const std::size_t digits = segment.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || segment[digits] != '_') return segment;
  return segment.substr(digits + 1);
}

Level level_of_segment(std::string_view segment) {
  segment = without_number(segment);
  for (const auto& [name, level] : kSegments)
    if (name == segment) return level;
  return Level::kNone;
}

bool is_root_of_tests(std::string_view segment) {
  segment = without_number(segment);
  return segment == "test" || segment == "tests" || segment == "spec" || segment == "specs";
}

// Takes the last segment off the path.
std::string_view take_last(std::string_view& path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::string_view last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  path.remove_suffix(last.size());
  return last;
}

Level level_of_directory(std::string_view directory) {
  const std::string_view last = take_last(directory);
  if (const Level level = level_of_segment(last); level != Level::kNone) return level;
  if (is_root_of_tests(last)) return Level::kNone;
  Level nearest = Level::kNone;
  while (!directory.empty()) {
    const std::string_view segment = take_last(directory);
    if (is_root_of_tests(segment)) return nearest;
    if (nearest == Level::kNone) nearest = level_of_segment(segment);
    if (segment.empty()) break;
  }
  return Level::kNone;  // no root of tests above: the segments may be anything's
}

}  // namespace

std::string_view level_name(Level level) {
  constexpr std::array<std::string_view, 4> kNames = {"", "unit", "integration", "system"};
  return kNames[static_cast<std::size_t>(level)];
}

Level level_of(std::string_view directory, std::string_view relative_path) {
  const std::size_t end = relative_path.rfind('/');
  std::string_view rest =
      end == std::string_view::npos ? std::string_view{} : relative_path.substr(0, end);
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (const Level level = level_of_segment(rest.substr(0, slash)); level != Level::kNone)
      return level;
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return level_of_directory(directory);
}

}  // namespace specguard::spec
