#include "spec/settings.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/quantity.h"
#include "sys/file.h"

namespace specguard::spec {
namespace {

using base::Error;
using base::Result;
using nlohmann::json;

constexpr std::uint64_t kMaxSettingsBytes = 4u << 20;

// Reads members of one JSON object; the first that has a wrong type is remembered as the error.
class Members {
 public:
  Members(const json& object, std::string_view source) : object_(object), source_(source) {}

  // A string; a number, as CMake may write one, is the string of its digits.
  template <typename Text>
  void read(const char* key, Text& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (value->is_string())
      into = value->get<std::string>();
    else if (value->is_number())
      into = value->dump();
    else
      complain(key, "a string");
  }

  template <typename Text>
  void read_list(const char* key, std::vector<Text>& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return complain(key, "a list of strings");
    for (const json& item : *value) {
      if (!item.is_string()) return complain(key, "a list of strings");
      into.emplace_back(item.get<std::string>());
    }
  }

  void read_pairs(const char* key, std::vector<std::pair<std::string, std::string>>& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_object()) return complain(key, "an object of strings");
    for (const auto& [name, text] : value->items()) {
      if (!text.is_string()) return complain(key, "an object of strings");
      into.emplace_back(name, text.get<std::string>());
    }
  }

  void read_seconds(const char* key, std::optional<double>& into) {
    std::string text;
    read(key, text);
    if (text.empty()) return;
    const auto duration = base::parse_duration(text);
    if (!duration) return complain(key, "a duration");
    const double seconds = std::chrono::duration<double>(*duration).count();
    if (seconds > 0) into = seconds;
  }

  Result<void> outcome() const {
    if (error_.empty()) return {};
    return Error(error_);
  }

 private:
  const json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void complain(const char* key, const char* what) {
    if (error_.empty()) error_ = fmt::format("{}: '{}' is not {}", source_, key, what);
  }

  const json& object_;
  std::string_view source_;
  std::string error_;
};

}  // namespace

Result<DiscoverSettings> parse_settings(std::string_view text, std::string_view source) {
  SPECGUARD_TRY(const json root, base::parse_json(text, source));
  if (!root.is_object() || root.find("version") == root.end() || root["version"] != 1)
    return Error(
        fmt::format("{}: not a settings file of version 1; configure the project again", source));
  DiscoverSettings settings;
  const json empty = json::object();
  const auto part = [&](const char* key) -> const json& {
    const auto found = root.find(key);
    return found == root.end() || !found->is_object() ? empty : *found;
  };
  Members top(root, source);
  top.read("build-dir", settings.build_dir);
  SPECGUARD_TRY_VOID(top.outcome());

  Members discover(part("discover"), source);
  discover.read_list("directories", settings.directories);
  discover.read_list("patterns", settings.patterns);
  discover.read_list("exclude", settings.exclude);
  discover.read("prefix", settings.prefix);
  discover.read_list("labels", settings.labels);
  discover.read_pairs("properties", settings.properties);
  discover.read_list("interpreter", settings.interpreter);
  discover.read("launcher", settings.launcher);
  discover.read("calls", settings.calls);
  discover.read("call", settings.call);
  discover.read("working-directory", settings.working_directory);
  SPECGUARD_TRY_VOID(discover.outcome());

  Members exec(part("exec"), source);
  exec.read_seconds("timeout", settings.timeout_s);
  exec.read_seconds("ctest-timeout", settings.ctest_timeout_s);
  exec.read("results", settings.results);
  exec.read("skip-code", settings.skip_code);
  SPECGUARD_TRY_VOID(exec.outcome());
  return settings;
}

Result<DiscoverSettings> read_settings(const std::filesystem::path& path) {
  SPECGUARD_TRY(const std::string text, sys::read_file(path, kMaxSettingsBytes));
  return parse_settings(text, path.string());
}

}  // namespace specguard::spec
