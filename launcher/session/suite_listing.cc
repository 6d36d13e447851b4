#include "session/suite_listing.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/json.h"

namespace specguard::session {
namespace {

using base::Error;
using base::Result;
using nlohmann::json;

const json* member(const json& object, const char* key, json::value_t type) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->type() == type ? &*found : nullptr;
}

std::string text_of(const json& object, const char* key) {
  const json* text = member(object, key, json::value_t::string);
  return text != nullptr ? text->get<std::string>() : std::string();
}

std::vector<std::string> strings_of(const json& object, const char* key) {
  std::vector<std::string> strings;
  if (const json* array = member(object, key, json::value_t::array))
    for (const json& entry : *array)
      if (entry.is_string()) strings.push_back(entry.get<std::string>());
  return strings;
}

bool is_guarded(const std::vector<std::string>& command) {
  return command.size() > 1 && command[1] == "exec" &&
         std::filesystem::path(command[0]).stem() == "test-launcher";
}

// DEF_SOURCE_LINE is "file:line"; the number is behind the last colon.
void take_source_line(const std::string& value, ListedTest& test) {
  const std::size_t colon = value.rfind(':');
  if (colon == std::string::npos) return;
  test.file = value.substr(0, colon);
  test.line = std::atoi(value.c_str() + colon + 1);
}

bool is_set(const json& object, const char* key = "value") {
  const json* value = member(object, key, json::value_t::boolean);
  return value != nullptr && value->get<bool>();
}

void take_properties(const json& entry, ListedTest& test) {
  const json* properties = member(entry, "properties", json::value_t::array);
  if (properties == nullptr) return;
  for (const json& property : *properties) {
    const std::string name = text_of(property, "name");
    if (name == "LABELS") test.labels = strings_of(property, "value");
    if (name == "DEF_SOURCE_LINE") take_source_line(text_of(property, "value"), test);
    if (name == "DISABLED") test.disabled = is_set(property);
    if (name == "WILL_FAIL") test.will_fail = is_set(property);
    if (name == "PASS_REGULAR_EXPRESSION" || name == "FAIL_REGULAR_EXPRESSION")
      test.judged_by_output = true;
  }
}

// The backtrace graph gives each test the node of its add_test call. Where a person wrote the test
// is the outermost call that led there, and that is what test explorers show.
void take_backtrace(const json& graph, const json& entry, ListedTest& test) {
  const auto number = [](const json& object, const char* key) -> std::optional<std::size_t> {
    const json* value = member(object, key, json::value_t::number_unsigned);
    return value != nullptr ? std::optional(value->get<std::size_t>()) : std::nullopt;
  };
  const auto index = number(entry, "backtrace");
  const json* nodes = member(graph, "nodes", json::value_t::array);
  const json* files = member(graph, "files", json::value_t::array);
  if (!test.file.empty() || !index || nodes == nullptr || files == nullptr) return;
  if (*index >= nodes->size()) return;
  json node = (*nodes)[*index];
  for (std::size_t depth = 0; depth < nodes->size(); ++depth) {
    const auto parent = number(node, "parent");
    if (!parent || *parent >= nodes->size() || !number((*nodes)[*parent], "command")) break;
    node = (*nodes)[*parent];
  }
  const auto file = number(node, "file");
  if (!file || *file >= files->size() || !(*files)[*file].is_string()) return;
  test.file = (*files)[*file].get<std::string>();
  test.line = static_cast<int>(number(node, "line").value_or(0));
}

// How many letters have to be changed, added or removed to make one word of the other.
std::size_t edit_distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

std::size_t SuiteListing::guarded_count() const {
  return static_cast<std::size_t>(
      std::count_if(tests.begin(), tests.end(), [](const ListedTest& t) { return t.guarded; }));
}

std::map<std::string, std::size_t> SuiteListing::label_counts() const {
  std::map<std::string, std::size_t> counts;
  for (const ListedTest& test : tests)
    for (const std::string& label : test.labels) ++counts[label];
  return counts;
}

Result<SuiteListing> parse_listing(std::string_view json_v1) {
  // The document begins with a brace at the start of a line.
  const std::size_t line = json_v1.starts_with("{\n") ? 0 : json_v1.find("\n{\n");
  if (line == std::string_view::npos) return Error("ctest printed no list of its tests");
  auto document = base::parse_json(json_v1.substr(line), "ctest --show-only=json-v1");
  if (!document) return document.error();
  const json* entries = member(*document, "tests", json::value_t::array);
  if (entries == nullptr)
    return Error("ctest --show-only=json-v1: there is no list of tests in it");
  const json graph = document->value("backtraceGraph", json::object());
  SuiteListing listing;
  for (const json& entry : *entries) {
    ListedTest test;
    test.name = text_of(entry, "name");
    const auto command = strings_of(entry, "command");
    test.guarded = is_guarded(command);
    take_properties(entry, test);
    take_backtrace(graph, entry, test);
    listing.tests.push_back(std::move(test));
  }
  return listing;
}

std::string encode_listing(const SuiteListing& listing) {
  json tests = json::array();
  for (const ListedTest& test : listing.tests) {
    json entry = {{"name", test.name}, {"labels", test.labels}, {"guarded", test.guarded}};
    if (test.disabled) entry["disabled"] = true;
    if (test.will_fail) entry["will-fail"] = true;
    if (test.judged_by_output) entry["judged-by-output"] = true;
    if (!test.file.empty()) {
      entry["file"] = test.file;
      entry["line"] = test.line;
    }
    tests.push_back(std::move(entry));
  }
  return base::dump_json({{"version", 1}, {"tests", std::move(tests)}}) + "\n";
}

Result<SuiteListing> decode_listing(std::string_view text, std::string_view source) {
  auto document = base::parse_json(text, source);
  if (!document) return document.error();
  const json* entries = member(*document, "tests", json::value_t::array);
  if (entries == nullptr) return Error(std::string(source) + ": there is no list of tests in it");
  SuiteListing listing;
  for (const json& entry : *entries) {
    const json* line = member(entry, "line", json::value_t::number_unsigned);
    listing.tests.push_back({.name = text_of(entry, "name"),
                             .labels = strings_of(entry, "labels"),
                             .guarded = is_set(entry, "guarded"),
                             .disabled = is_set(entry, "disabled"),
                             .will_fail = is_set(entry, "will-fail"),
                             .judged_by_output = is_set(entry, "judged-by-output"),
                             .file = text_of(entry, "file"),
                             .line = line != nullptr ? line->get<int>() : 0});
  }
  return listing;
}

std::vector<std::string> nearest_words(std::string_view typed,
                                       const std::vector<std::string>& words, std::size_t count) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& word : words) {
    const std::size_t distance = edit_distance(typed, word);
    const bool contained = typed.size() >= 3 && (word.find(typed) != std::string::npos ||
                                                 typed.find(word) != std::string_view::npos);
    if (distance <= std::max<std::size_t>(typed.size() / 3, 2) || (contained && word.size() >= 3))
      near.emplace_back(distance, word);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> nearest;
  for (const auto& [distance, word] : near)
    if (nearest.size() < count) nearest.push_back(word);
  return nearest;
}

}  // namespace specguard::session
