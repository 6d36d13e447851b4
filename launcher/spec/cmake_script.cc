#include "spec/cmake_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "sys/file.h"

namespace specguard::spec {
namespace {

constexpr std::uint64_t kMaxScriptBytes = 64u << 20;

using base::Result;
namespace fs = std::filesystem;

constexpr std::string_view kTestfile = "CTestTestfile.cmake";
constexpr auto kKeepUnnamed = std::chrono::hours(1);

// ctest may not say what it was asked for, so its command line is read: "--show-only" in
// hexadecimal. Where there is no /proc, locations are set always.
constexpr std::string_view kPrelude =
    "# Written by test-launcher discover; changes are lost.\n"
    "set(_specguard_locations TRUE)\n"
    "if(EXISTS \"/proc/self/cmdline\")\n"
    "  file(READ \"/proc/self/cmdline\" _specguard_words HEX)\n"
    "  if(NOT _specguard_words MATCHES \"002d2d73686f772d6f6e6c79\")\n"
    "    set(_specguard_locations FALSE)\n"
    "  endif()\n"
    "endif()\n";

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool has_property(const CMakeScriptOptions& options, std::string_view key) {
  return std::any_of(options.properties.begin(), options.properties.end(),
                     [&](const auto& property) { return property.first == key; });
}

// A timeout of the spec raises the launcher's, and CTest's by as much.
std::optional<double> ctest_timeout(const Spec& spec, const CMakeScriptOptions& options) {
  if (!options.ctest_timeout_s || !options.timeout_s || !spec.facts.timeout)
    return options.ctest_timeout_s;
  const double raised = static_cast<double>(spec.facts.timeout->count()) - *options.timeout_s;
  return *options.ctest_timeout_s + std::max(raised, 0.0);
}

std::vector<std::string> all_labels(const Spec& spec, const CMakeScriptOptions& options) {
  std::vector<std::string> labels = labels_of(spec);
  for (const std::string& label : options.labels)
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  return labels;
}

// Writes the lines of one spec. What is the same for all is made once.
class TestWriter {
 public:
  explicit TestWriter(const CMakeScriptOptions& options) : options_(options) {
    begin_ = cmake_argument(options.launcher) + " exec ";
    settings_ =
        options.settings_file.empty() ? "" : " --settings " + cmake_argument(options.settings_file);
    if (!options.working_directory.empty() && !has_property(options, "WORKING_DIRECTORY"))
      settings_ += " --working-directory " + cmake_argument(options.working_directory);
    for (const std::string& word : options.interpreter) interpreter_ += " " + cmake_argument(word);
    for (const auto& [key, value] : options.properties)
      user_properties_ += " " + cmake_argument(key) + " " + cmake_argument(value);
  }

  void write(const Spec& spec, std::string& out) const {
    const std::string name = cmake_argument(spec.name);
    const std::string path = cmake_argument(spec.path);
    // A name that begins with a dash must not look like an option.
    const std::string name_option =
        spec.name.starts_with('-') ? cmake_argument("--name=" + spec.name) : "--name " + name;
    fmt::format_to(std::back_inserter(out), "add_test({} {}{}{} --spec {} --{} {})\n", name, begin_,
                   name_option, settings_, path, interpreter_, path);
    if (const std::string properties = properties_of(spec); !properties.empty())
      fmt::format_to(std::back_inserter(out), "set_tests_properties({} PROPERTIES{})\n", name,
                     properties);
  }

 private:
  std::string properties_of(const Spec& spec) const {
    std::string properties;
    if (options_.every_test_may_skip || spec.facts.may_skip || spec.facts.examples.total() == 0)
      properties += " SKIP_RETURN_CODE " + cmake_argument(options_.skip_code) +
                    " SKIP_REGULAR_EXPRESSION \"test-launcher: skipped: \"";
    if (const auto timeout = ctest_timeout(spec, options_))
      properties += fmt::format(" TIMEOUT {:.0f}", std::ceil(*timeout));
    return properties + user_properties_;  // after ours, so that the user's win
  }

  const CMakeScriptOptions& options_;
  std::string begin_;
  std::string settings_;
  std::string interpreter_;
  std::string user_properties_;
};

// One element of a CMake list. An unbalanced bracket cannot be escaped: such a file has no
// location.
std::string list_item(std::string_view text) {
  std::string item;
  for (const char c : text) item += c == ';' ? std::string("\\;") : std::string(1, c);
  return item;
}

void write_locations(const std::vector<const Spec*>& specs, std::string& out) {
  out += "if(_specguard_locations)\n";
  for (const Spec* spec : specs) {
    const std::string triple =
        fmt::format("{};{};add_test", list_item(spec->path), spec->facts.line);
    fmt::format_to(std::back_inserter(out),
                   "set_tests_properties({} PROPERTIES _BACKTRACE_TRIPLES {} DEF_SOURCE_LINE {})\n",
                   cmake_argument(spec->name), cmake_argument(triple),
                   cmake_argument(fmt::format("{}:{}", spec->path, spec->facts.line)));
  }
  out += "endif()\n";
}

bool is_there(const fs::path& file, const std::string& content) {
  std::error_code error;
  return fs::file_size(file, error) == content.size() && !error;
}

// OUTPUT, and what stands beside it.
struct Place {
  fs::path file;
  fs::path below;  // the generated directories
  std::string content;
};

Place place_of(const CMakeScript& script, fs::path absolute_output) {
  Place place{std::move(absolute_output), {}, std::string(kPrelude)};
  place.below = place.file.string() + ".d";
  for (const CMakeScriptDirectory& directory : script.directories)
    place.content +=
        fmt::format("subdirs({})\n", cmake_argument((place.below / directory.name).string()));
  return place;
}

void remove_unnamed(const fs::path& below, const std::unordered_set<std::string>& named) {
  std::error_code error;
  const auto now = fs::file_time_type::clock::now();
  std::vector<fs::path> old;
  for (fs::directory_iterator entry(below, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const auto written = fs::last_write_time(entry->path(), ignored);
    if (!ignored && !named.contains(entry->path().filename().string()) &&
        now - written > kKeepUnnamed)
      old.push_back(entry->path());
  }
  for (const fs::path& directory : old) fs::remove_all(directory, error);
}

}  // namespace

std::string cmake_argument(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '.' || c == '_' || c == '-' || c == ' ' || c == '+' || c == ',' || c == ':';
  };
  if (std::all_of(text.begin(), text.end(), is_plain)) return fmt::format("\"{}\"", text);
  std::string equals = "=";
  while (text.find("]" + equals) != std::string_view::npos) equals += '=';
  return fmt::format("[{}[{}]{}]", equals, text, equals);
}

CMakeScript make_cmake_script(std::span<const Spec> specs, const CMakeScriptOptions& options) {
  std::map<std::vector<std::string>, std::vector<const Spec*>> by_labels;
  for (const Spec& spec : specs) by_labels[all_labels(spec, options)].push_back(&spec);

  CMakeScript script;
  const TestWriter writer(options);
  for (const auto& [labels, members] : by_labels) {
    std::string content;
    for (const Spec* spec : members) writer.write(*spec, content);
    write_locations(members, content);
    if (!labels.empty()) {
      std::string list;
      for (const std::string& label : labels) list += (list.empty() ? "" : ";") + label;
      content +=
          fmt::format("set_directory_properties(PROPERTIES LABELS {})\n", cmake_argument(list));
    }
    std::string name = fmt::format("{:016x}{:016x}", hash_of(content, 0), hash_of(content, ~0ull));
    script.directories.push_back({std::move(name), std::move(content)});
  }
  return script;
}

bool is_written(const CMakeScript& script, const fs::path& output) {
  std::error_code error;
  const Place place = place_of(script, fs::absolute(output, error));
  const auto old_content = sys::read_file(place.file, kMaxScriptBytes);
  return old_content && *old_content == place.content &&
         std::all_of(script.directories.begin(), script.directories.end(),
                     [&](const CMakeScriptDirectory& directory) {
                       return is_there(place.below / directory.name / kTestfile, directory.content);
                     });
}

Result<void> write_cmake_script(const CMakeScript& script, const fs::path& output) {
  std::error_code error;
  const Place place = place_of(script, fs::absolute(output, error));
  std::unordered_set<std::string> named;
  for (const CMakeScriptDirectory& directory : script.directories) {
    const fs::path path = place.below / directory.name;
    named.insert(directory.name);
    if (is_there(path / kTestfile, directory.content)) continue;
    SPECGUARD_TRY_VOID(sys::make_private_directories(path));
    SPECGUARD_TRY_VOID(sys::replace_file(path / kTestfile, directory.content));
  }
  const auto old_content = sys::read_file(place.file, kMaxScriptBytes);
  if (old_content && *old_content == place.content) return {};
  // Directories that were there already must not look unnamed while this script names them.
  for (const std::string& name : named)
    fs::last_write_time(place.below / name, fs::file_time_type::clock::now(), error);
  SPECGUARD_TRY_VOID(sys::replace_file(place.file, place.content));
  remove_unnamed(place.below, named);
  return {};
}

}  // namespace specguard::spec
