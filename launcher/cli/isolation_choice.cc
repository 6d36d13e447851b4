#include "cli/isolation_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/text.h"

namespace specguard::cli {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"process", "namespace", "container"};
constexpr std::array kLevels = {spec::Level::kUnit, spec::Level::kIntegration,
                                spec::Level::kSystem};

base::Result<IsolationKind> parse_kind(std::string_view word) {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (word == kKinds[i]) return static_cast<IsolationKind>(i);
  return base::Error(
      fmt::format("'{}' is none of: {}", base::printable(word), fmt::join(kKinds, ", ")));
}

std::optional<spec::Level> parse_level(std::string_view word) {
  for (const spec::Level level : kLevels)
    if (word == spec::level_name(level)) return level;
  return std::nullopt;
}

}  // namespace

base::Result<IsolationKind> choose_isolation(std::string_view text, spec::Level level) {
  if (text.find('=') == std::string_view::npos) return parse_kind(text);
  IsolationKind chosen = IsolationKind::kProcess;
  std::vector<spec::Level> named;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto of = parse_level(part.substr(0, equals));
    if (!of || equals == part.size())
      return base::Error(
          fmt::format("'{}' is no LEVEL=KIND with a level of unit, integration, system",
                      base::printable(part)));
    if (std::find(named.begin(), named.end(), *of) != named.end())
      return base::Error(fmt::format("{} is named twice", spec::level_name(*of)));
    named.push_back(*of);
    SPECGUARD_TRY(const IsolationKind kind, parse_kind(part.substr(equals + 1)));
    if (*of == level) chosen = kind;
  }
  return chosen;
}

spec::Level level_of_spec(const std::string& spec, const std::vector<std::string>& directories) {
  if (spec.empty()) return spec::Level::kNone;
  for (const std::string& directory : directories)
    if (spec.starts_with(directory + "/"))
      return spec::level_of(directory, std::string_view(spec).substr(directory.size() + 1));
  const std::filesystem::path path(spec);
  return spec::level_of(path.parent_path().string(), path.filename().string());
}

}  // namespace specguard::cli
