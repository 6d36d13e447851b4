#include "cli/exec_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/quantity.h"
#include "base/text.h"
#include "sys/file.h"

namespace specguard::cli {
namespace {

using base::Error;
using base::Result;
using std::chrono::milliseconds;

constexpr std::uint64_t kMaxSettingsBytes = 4 << 20;

struct OptionRow {
  const char* name;
  const char* value;  // nullptr: a flag
  const char* help;
};

// Every option may come from any layer, save those marked "line": they say which test and which
// files.
constexpr std::array<OptionRow, 26> kOptions = {{
    {"timeout", "TIME", "wall time; then diagnosis, SIGTERM, --kill-after, SIGKILL"},
    {"kill-after", "TIME", "grace between SIGTERM and SIGKILL (default 2s)"},
    {"idle-timeout", "TIME", "longest silence on both output streams"},
    {"memory", "SIZE", "memory of the whole process tree, swap included"},
    {"cpus", "N", "CPUs' worth of time, a fraction allowed"},
    {"pids", "N", "processes and threads at once"},
    {"cpu-time", "TIME", "CPU time of the whole process tree"},
    {"open-files", "N", "open files of each process"},
    {"file-size", "SIZE", "largest file that a process may write"},
    {"output-limit", "SIZE", "what the test may print, both streams together"},
    {"isolation", "KIND", "process (default), namespace, container; or by level: unit=KIND,..."},
    {"image", "NAME", "image of the container"},
    {"engine", "NAME", "auto (default), docker or podman"},
    {"network", "KIND", "none or host"},
    {"scratch", nullptr, "writes to the build directory go to a copy that is dropped"},
    {"leaks", "POLICY", "processes left behind: ignore, warn (default) or fail"},
    {"skip-code", "N", "exit code that means skipped (77 by custom)"},
    {"results", "FORMAT", "what the output says: exit (default), simple or tap"},
    {"strict", nullptr, "refuse a limit that this machine cannot enforce"},
    {"verbose", nullptr, "print what the test used"},
    {"build-dir", "DIR", "build directory, where results are recorded"},
    {"name", "NAME", "name of the test"},
    {"settings", "FILE", "settings of the CMake call"},
    {"spec", "FILE", "the spec file that the command runs"},
    {"working-directory", "DIR", "where the test runs (default: where the launcher does)"},
    {"program", "FILE", "what COMMAND is where it names no file in the working directory"},
}};

bool is_only_on_command_line(std::string_view option) {
  return option == "name" || option == "settings" || option == "spec" ||
         option == "working-directory" || option == "program";
}

std::string environment_name(std::string_view option) {
  std::string name = "SPECGUARD_";
  for (const char c : option)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

// Where the call discovers specs; none where it does not, or where that is unreadable: discovery
// complains itself.
std::vector<std::string> discovered_directories(const nlohmann::json& settings) {
  std::vector<std::string> directories;
  const auto discover = settings.find("discover");
  if (discover == settings.end() || !discover->is_object()) return directories;
  const auto list = discover->find("directories");
  if (list == discover->end() || !list->is_array()) return directories;
  for (const nlohmann::json& directory : *list)
    if (directory.is_string()) directories.push_back(directory.get<std::string>());
  return directories;
}

// The "exec" object of a settings file; docs/formats.md describes it.
Result<void> read_settings(const std::filesystem::path& path, OptionValues& values,
                           std::vector<std::string>& directories) {
  SPECGUARD_TRY(const std::string text, sys::read_file(path, kMaxSettingsBytes));
  SPECGUARD_TRY(const nlohmann::json settings, base::parse_json(text, path.string()));
  if (!settings.is_object() || settings.value("version", 0) != 1)
    return Error(fmt::format(
        "{}: not a settings file of format version 1; configure the project again", path.string()));
  const auto add = [&](const std::string& key, const nlohmann::json& value) -> Result<void> {
    if (!value.is_string()) return Error(fmt::format("{}: {}: must be a text", path.string(), key));
    values[key] = {value.get<std::string>(), fmt::format("{}: {}", path.string(), key)};
    return {};
  };
  if (settings.contains("build-dir")) SPECGUARD_TRY_VOID(add("build-dir", settings["build-dir"]));
  directories = discovered_directories(settings);
  const auto exec = settings.find("exec");
  if (exec == settings.end()) return {};
  if (!exec->is_object()) return Error(fmt::format("{}: exec: must be an object", path.string()));
  for (const auto& [key, value] : exec->items()) SPECGUARD_TRY_VOID(add(key, value));
  return {};
}

// The spec's own layer, above the settings: it may raise the timeout, and CTest's by as much. A
// file that cannot be read says nothing here; its interpreter will say why.
spec::SpecDirectives read_spec_layer(const OptionValues& command_line, OptionValues& values) {
  const auto path = command_line.find("spec");
  if (path == command_line.end()) return {};
  spec::SpecDirectives directives = spec::read_directives(path->second.text).value_or({});
  const auto milliseconds_of = [&](const char* name) -> std::optional<milliseconds> {
    const auto value = values.find(name);
    if (value == values.end()) return std::nullopt;
    const auto duration = base::parse_duration(value->second.text);
    return duration ? std::optional(*duration) : std::nullopt;
  };
  const auto timeout = milliseconds_of("timeout");
  if (!timeout || !directives.timeout || *directives.timeout <= *timeout) return directives;
  const auto raise = [&](const char* name, milliseconds to) {
    values[name] = {fmt::format("{}ms", to.count()),
                    fmt::format("{}: @timeout_secs", path->second.text)};
  };
  raise("timeout", *directives.timeout);
  if (const auto ctest_timeout = milliseconds_of("ctest-timeout"))
    raise("ctest-timeout", *ctest_timeout + (*directives.timeout - *timeout));
  return directives;
}

// Reads values out of the merged layers; the first bad one is kept as the error.
class Values {
 public:
  explicit Values(const OptionValues& values) : values_(values) {}

  std::string text(const char* name, std::string fallback = {}) {
    const auto found = values_.find(name);
    return found == values_.end() ? std::move(fallback) : found->second.text;
  }

  bool flag(const char* name) {
    const std::string value = text(name, "0");
    if (value == "1" || value == "true" || value == "on" || value == "ON") return true;
    if (value == "0" || value == "false" || value == "off" || value == "OFF" || value.empty())
      return false;
    fail(name, fmt::format("'{}' is not a switch; write 1 or 0", value));
    return false;
  }

  template <typename T, typename Parse>
  std::optional<T> parsed(const char* name, Parse parse) {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    auto value = parse(found->second.text);
    if (value) return static_cast<T>(*value);
    fail(name, value.error().message());
    return std::nullopt;
  }

  std::optional<milliseconds> duration(const char* name) {
    return parsed<milliseconds>(name, base::parse_duration);
  }
  // A limit of zero would stop every test at once: nobody means that.
  std::optional<milliseconds> positive_duration(const char* name) {
    const auto value = duration(name);
    if (value && value->count() == 0) fail(name, "must be more than 0");
    return value;
  }
  std::optional<std::uint64_t> size(const char* name) {
    const auto value = parsed<std::uint64_t>(name, base::parse_size_bytes);
    if (value && *value == 0) fail(name, "must be more than 0");
    return value;
  }
  std::optional<std::uint64_t> count(const char* name) {
    return parsed<std::uint64_t>(
        name, [](std::string_view text) { return base::parse_integer(text, 1, 1'000'000'000); });
  }

  // One of a few words, by position; the fallback is one of them.
  std::size_t word(const char* name, std::initializer_list<std::string_view> words,
                   std::string_view fallback) {
    const std::string value = text(name, std::string(fallback));
    const auto* found = std::find(words.begin(), words.end(), value);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    fail(name, fmt::format("'{}' is none of: {}", value, fmt::join(words, ", ")));
    return 0;
  }

  void fail(const char* name, const std::string& why) {
    const auto found = values_.find(name);
    if (!error_)
      error_ =
          Error(fmt::format("{}: {}", found == values_.end() ? name : found->second.source, why));
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  const OptionValues& values_;
  std::optional<Error> error_;
};

supervise::Limits read_limits(Values& values) {
  supervise::Limits limits;
  limits.timeout = values.positive_duration("timeout");
  limits.kill_after = values.duration("kill-after").value_or(limits.kill_after);
  limits.idle_timeout = values.positive_duration("idle-timeout");
  limits.cpu_time = values.positive_duration("cpu-time");
  limits.memory_bytes = values.size("memory");
  limits.file_size_bytes = values.size("file-size");
  limits.output_bytes = values.size("output-limit");
  limits.pids = values.count("pids");
  limits.open_files = values.count("open-files");
  limits.cpus = values.parsed<double>(
      "cpus", [](std::string_view text) { return base::parse_number(text, 0.01, 100'000); });
  limits.strict = values.flag("strict");
  return limits;
}

// "--name" to its row; nullptr: there is none.
const OptionRow* find_option(std::string_view word) {
  if (!word.starts_with("--")) return nullptr;
  word.remove_prefix(2);
  const auto* found = std::find_if(kOptions.begin(), kOptions.end(),
                                   [&](const OptionRow& row) { return row.name == word; });
  return found == kOptions.end() ? nullptr : found;
}

void print_help() {
  fmt::print(
      "usage: test-launcher exec [OPTION...] -- COMMAND [ARG...]\n\n"
      "Runs one test, bounded, isolated and reaped.\n\n"
      "  {:<26} {}\n",
      "-h, --help", "this text");
  for (const OptionRow& row : kOptions)
    fmt::print("  {:<26} {}\n",
               fmt::format("--{} {}", row.name, row.value == nullptr ? "" : row.value), row.help);
  fmt::print(
      "\nAn option may be written as '--opt value' or '--opt=value'. The command to run follows "
      "'--':\ntest-launcher exec --timeout 30 -- ./my_test --fast\n");
}

// Of no use without a container, where the command line itself says them. The CMake call and the
// environment may well mean other tests, and so may an isolation for each level.
void refuse_without_container(const ExecCommandLine& command_line, IsolationKind isolation,
                              Values& values) {
  if (isolation == IsolationKind::kContainer) return;
  if (values.text("isolation").find('=') != std::string::npos) return;
  for (const char* option : {"image", "engine"})
    if (command_line.values.contains(option))
      values.fail(option, fmt::format("is of use in a container only: add --isolation container, "
                                      "or leave --{} out",
                                      option));
}

// Not what says which test it is, or only where its result is told. Resume compares the rest.
std::string settled_values(const OptionValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    const bool changes_a_result = name != "name" && name != "settings" && name != "spec" &&
                                  name != "build-dir" && name != "verbose";
    if (changes_a_result) text += fmt::format("{}={}\n", name, value.text);
  }
  return text;
}

}  // namespace

// By hand: of all subcommands this is the one that every test pays for, and building a parser takes
// longer than parsing (docs/decisions/0007-exec-reads-its-own-options.md).
Result<std::optional<ExecCommandLine>> parse_exec_command_line(std::span<char*> arguments) {
  const auto separator = std::find_if(arguments.begin(), arguments.end(), [](const char* argument) {
    return std::string_view(argument) == "--";
  });
  ExecCommandLine line;
  if (separator != arguments.end()) line.command.assign(separator + 1, arguments.end());

  for (auto at = arguments.begin(); at != separator; ++at) {
    const std::string_view word = *at;
    if (word == "--help" || word == "-h") {
      print_help();
      return std::optional<ExecCommandLine>();
    }
    const std::size_t equals = word.find('=');
    const OptionRow* const row = find_option(word.substr(0, equals));
    if (row == nullptr)
      return Error(fmt::format("unknown option '{}'; the command to run follows '--'",
                               base::printable(word)));
    OptionValue value{"1", fmt::format("--{}", row->name)};
    if (equals != std::string_view::npos) {
      value.text = word.substr(equals + 1);
    } else if (row->value != nullptr) {
      const auto next = std::next(at);
      if (next == separator || std::string_view(*next).starts_with("--"))
        return Error(fmt::format("{} needs a value: {} {}", word, word, row->value));
      value.text = *next;
      at = next;
    }
    if (!line.values.emplace(row->name, std::move(value)).second)
      return Error(fmt::format("--{} is given twice", row->name));
  }
  if (line.command.empty()) return Error("no command: write it after '--'");
  return std::optional(std::move(line));
}

Result<ExecOptions> resolve_exec_options(
    const ExecCommandLine& command_line,
    const std::function<std::optional<std::string>(const char*)>& environment) {
  OptionValues merged;
  std::vector<std::string> directories;
  const auto settings = command_line.values.find("settings");
  if (settings != command_line.values.end())
    SPECGUARD_TRY_VOID(read_settings(settings->second.text, merged, directories));
  spec::SpecDirectives directives = read_spec_layer(command_line.values, merged);
  for (const OptionRow& row : kOptions) {
    if (is_only_on_command_line(row.name)) continue;
    const std::string variable = environment_name(row.name);
    if (const auto value = environment(variable.c_str())) merged[row.name] = {*value, variable};
  }
  for (const auto& [name, value] : command_line.values) merged[name] = value;

  Values values(merged);
  ExecOptions options;
  options.command = command_line.command;
  options.name = values.text("name", command_line.command.front());
  options.limits = read_limits(values);
  options.leaks =
      static_cast<supervise::LeakPolicy>(values.word("leaks", {"ignore", "warn", "fail"}, "warn"));
  options.results = static_cast<supervise::ResultsFormat>(
      values.word("results", {"exit", "simple", "tap"}, "exit"));
  options.skip_code = values.parsed<int>(
      "skip-code", [](std::string_view text) { return base::parse_integer(text, 1, 255); });
  const auto isolation = choose_isolation(values.text("isolation", "process"),
                                          level_of_spec(values.text("spec"), directories));
  if (isolation)
    options.isolation = *isolation;
  else
    values.fail("isolation", isolation.error().message());
  options.image = values.text("image");
  values.word("engine", {"auto", "docker", "podman"}, "auto");
  options.engine = values.text("engine", "auto");
  if (merged.contains("network")) values.word("network", {"none", "host"}, "none");
  options.network = values.text("network");
  options.scratch = values.flag("scratch");
  refuse_without_container(command_line, options.isolation, values);
  options.verbose = values.flag("verbose");
  options.spec = values.text("spec");
  options.directives = std::move(directives);
  options.working_directory = values.text("working-directory");
  options.program = values.text("program");
  options.build_dir = values.text("build-dir");
  options.settings = values.text("settings");
  options.ctest_timeout = values.duration("ctest-timeout").value_or(milliseconds(0));
  options.settled = settled_values(merged);
  if (values.error()) return *values.error();
  return options;
}

}  // namespace specguard::cli
