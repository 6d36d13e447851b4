#include "spec/other_calls.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "sys/directory.h"
#include "sys/file.h"

namespace specguard::spec {
namespace {

using base::Error;
using base::Result;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCallsBytes = 16u << 20;

// As settings have them: two globs that stand for the rule of spec files.
const std::vector<std::string> kRule = {"*_spec.spl", "*_test.spl"};

DiscoverCall call_of(const json& object) {
  DiscoverCall call;
  call.id = object.at("id").get<std::string>();
  call.prefix = object.at("prefix").get<std::string>();
  for (const json& directory : object.at("directories"))
    call.directories.emplace_back(directory.get<std::string>());
  call.walk.patterns = object.at("patterns").get<std::vector<std::string>>();
  if (call.walk.patterns == kRule) call.walk.patterns.clear();
  call.walk.exclude = object.at("exclude").get<std::vector<std::string>>();
  return call;
}

// The file of the call that has this name; empty where there is none.
fs::path file_of(const DiscoverCall& call, std::string_view name) {
  if (!name.starts_with(call.prefix)) return {};
  const std::string_view relative = name.substr(call.prefix.size());
  if (relative.empty() || !would_take(relative, call.walk)) return {};
  for (const fs::path& directory : call.directories) {
    fs::path file = directory / relative;
    const auto stamp = sys::stat_file(file);
    if (stamp && stamp->kind == sys::EntryKind::kFile) return file;
  }
  return {};
}

}  // namespace

Result<std::vector<DiscoverCall>> parse_calls(std::string_view text, std::string_view source) {
  SPECGUARD_TRY(const json root, base::parse_json(text, source));
  const Error unusable(fmt::format(
      "{}: not a list of discovery calls of version 1; configure the project again", source));
  std::vector<DiscoverCall> calls;
  try {
    if (root.at("version") != 1) return unusable;
    for (const json& object : root.at("calls")) calls.push_back(call_of(object));
  } catch (const json::exception&) {
    return unusable;
  }
  return calls;
}

Result<std::vector<DiscoverCall>> read_calls(const fs::path& path) {
  SPECGUARD_TRY(const std::string text, sys::read_file(path, kMaxCallsBytes));
  return parse_calls(text, path.string());
}

Result<void> check_against_other_calls(std::span<const Spec> specs,
                                       std::span<const DiscoverCall> calls, std::string_view own) {
  for (const DiscoverCall& call : calls) {
    if (call.id == own) continue;
    for (const Spec& spec : specs)
      if (const fs::path other = file_of(call, spec.name); !other.empty())
        return Error(fmt::format(
            "two tests have the name '{}', by two calls of specguard_discover_tests: {} and {}; "
            "give one call a PREFIX, or leave the file out of one with EXCLUDE",
            base::printable(spec.name), base::printable(spec.path),
            base::printable(other.string())));
  }
  return {};
}

}  // namespace specguard::spec
