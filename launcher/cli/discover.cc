#include "cli/discover.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "spec/cmake_script.h"
#include "spec/directives.h"
#include "spec/discover.h"
#include "spec/filter.h"
#include "spec/listing.h"
#include "spec/other_calls.h"
#include "spec/settings.h"
#include "sys/file.h"

namespace specguard::cli {
namespace {

using base::Error;
using base::Result;
namespace fs = std::filesystem;

struct DiscoverCommand {
  std::vector<std::string> directories;
  std::vector<std::string> patterns;
  std::vector<std::string> exclude;
  std::vector<std::string> tags;
  std::string format = "text";
  std::string settings;
  std::string output;
  std::string build_dir;
  std::string platform;
  bool unit = false, integration = false, system = false;
  bool only_slow = false, no_slow = false, only_skipped = false, only_pending = false;
  bool no_cache = false;
};

int fail(const Error& error, int exit_code) {
  fmt::print(stderr, "test-launcher discover: {}\n", error.message());
  return exit_code;
}

void declare_options(CLI::App& app, DiscoverCommand& command) {
  app.add_option("DIR", command.directories,
                 "directories to look in (default: those of --settings)");
  app.add_option("--format", command.format, "text (default), json or cmake")
      ->check(CLI::IsMember({"text", "json", "cmake"}));
  app.add_option("--settings", command.settings, "settings of a specguard_discover_tests() call");
  app.add_option("--output", command.output, "write there, and only where something changed");
  app.add_option("--build-dir", command.build_dir, "not entered; keeps the cache of discovery");
  app.add_flag("--no-cache", command.no_cache, "read every file");
  app.add_option("--pattern", command.patterns,
                 "glob of spec files (default: *_spec.spl *_test.spl)")
      ->allow_extra_args(false);
  app.add_option("--exclude", command.exclude, "glob of files and directories to leave out")
      ->allow_extra_args(false);
  app.add_flag("--unit", command.unit, "unit specs");
  app.add_flag("--integration", command.integration, "integration specs");
  app.add_flag("--system", command.system, "system specs");
  app.add_option("--tag", command.tags, "specs with this tag; given more often: with all of them")
      ->allow_extra_args(false);
  app.add_option("--platform", command.platform, "specs that name this platform");
  CLI::Option* only_slow = app.add_flag("--only-slow", command.only_slow, "slow specs");
  app.add_flag("--no-slow", command.no_slow, "no slow specs")->excludes(only_slow);
  app.add_flag("--only-skipped", command.only_skipped, "specs marked @skip");
  app.add_flag("--only-pending", command.only_pending, "specs marked @pending");
}

// What is not given on the command line comes from the settings file.
void complete(DiscoverCommand& command, const spec::DiscoverSettings& settings) {
  if (command.directories.empty())
    for (const fs::path& directory : settings.directories)
      command.directories.push_back(directory.string());
  if (command.patterns.empty()) command.patterns = settings.patterns;
  // The two that stand for the rule of spec files; the rule itself also takes a_spec.linux.spl.
  if (command.patterns == std::vector<std::string>{"*_spec.spl", "*_test.spl"})
    command.patterns.clear();
  command.exclude.insert(command.exclude.end(), settings.exclude.begin(), settings.exclude.end());
  if (command.build_dir.empty()) command.build_dir = settings.build_dir.string();
}

// One cache for each set of directories that is discovered in a build directory.
fs::path cache_file(const DiscoverCommand& command) {
  if (command.build_dir.empty() || command.no_cache) return {};
  std::string key = command.settings;
  for (const std::string& directory : command.directories) key += '\n' + directory;
  const fs::path state = fs::path(command.build_dir) / "Testing" / "SpecGuard" / "discovery";
  // Without a place for the cache every file is read: slower, and just as right.
  if (!sys::make_private_directories(state)) return {};
  return state / fmt::format("{:016x}.cache", std::hash<std::string>{}(key));
}

spec::Filter make_filter(const DiscoverCommand& command) {
  spec::Filter filter;
  if (command.unit) filter.levels.push_back(spec::Level::kUnit);
  if (command.integration) filter.levels.push_back(spec::Level::kIntegration);
  if (command.system) filter.levels.push_back(spec::Level::kSystem);
  for (const std::string& tag : command.tags) filter.tags.push_back(spec::normalise_tag(tag));
  filter.platform = spec::normalise_tag(command.platform);
  filter.only_slow = command.only_slow;
  filter.no_slow = command.no_slow;
  filter.only_skipped = command.only_skipped;
  filter.only_pending = command.only_pending;
  return filter;
}

Result<void> write_script(const DiscoverCommand& command, const spec::DiscoverSettings& settings,
                          const std::vector<spec::Spec>& specs) {
  if (settings.launcher.empty() || settings.interpreter.empty())
    return Error(fmt::format("{}: 'launcher' or 'interpreter' is missing", command.settings));
  std::error_code ignored;
  spec::CMakeScriptOptions options;
  options.launcher = settings.launcher;
  options.settings_file = fs::absolute(command.settings, ignored).string();
  options.interpreter = settings.interpreter;
  options.working_directory =
      settings.working_directory.empty() ? settings.build_dir.string() : settings.working_directory;
  options.labels = settings.labels;
  options.properties = settings.properties;
  if (!settings.skip_code.empty()) options.skip_code = settings.skip_code;
  options.every_test_may_skip = settings.results != "simple";
  options.timeout_s = settings.timeout_s;
  options.ctest_timeout_s = settings.ctest_timeout_s;
  const spec::CMakeScript script = spec::make_cmake_script(specs, options);
  if (!settings.calls.empty() && !spec::is_written(script, command.output)) {
    SPECGUARD_TRY(const auto calls, spec::read_calls(settings.calls));
    SPECGUARD_TRY_VOID(spec::check_against_other_calls(specs, calls, settings.call));
  }
  return spec::write_cmake_script(script, command.output);
}

Result<void> write_listing(const DiscoverCommand& command, const std::string& listing) {
  if (command.output.empty()) {
    std::fwrite(listing.data(), 1, listing.size(), stdout);
    return {};
  }
  const auto old_listing = sys::read_file(command.output, 1u << 30);
  if (old_listing && *old_listing == listing) return {};
  return sys::replace_file(fs::absolute(command.output), listing);
}

int discover(DiscoverCommand& command) {
  if (command.format == "cmake" && (command.settings.empty() || command.output.empty()))
    return fail(Error("--format cmake needs --settings and --output"), kExitUsage);
  spec::DiscoverSettings settings;
  if (!command.settings.empty()) {
    auto read = spec::read_settings(command.settings);
    if (!read) return fail(read.error(), kExitFailure);
    settings = std::move(*read);
  }
  complete(command, settings);
  if (command.directories.empty())
    return fail(Error("no directory: name one, or a --settings file that does"), kExitUsage);

  spec::DiscoverOptions options;
  for (const std::string& directory : command.directories)
    options.directories.emplace_back(directory);
  options.walk = {command.patterns, command.exclude, command.build_dir};
  options.prefix = settings.prefix;
  options.cache_file = cache_file(command);
  auto found = spec::discover(options);
  if (!found) return fail(found.error(), kExitFailure);
  for (const spec::Warning& warning : found->warnings)
    fmt::print(stderr, "test-launcher discover: warning: {}: {}\n", base::printable(warning.path),
               base::printable(warning.message));
  if (auto filtered = spec::apply_filter(make_filter(command), found->specs); !filtered)
    return fail(filtered.error(), kExitUsage);

  const auto written = command.format == "cmake" ? write_script(command, settings, found->specs)
                       : command.format == "json"
                           ? write_listing(command, spec::json_listing(*found))
                           : write_listing(command, spec::text_listing(*found));
  return written ? kExitSuccess : fail(written.error(), kExitFailure);
}

}  // namespace

int run_discover(std::span<char*> arguments) {
  CLI::App app("Lists the spec files of a project", "test-launcher discover");
  DiscoverCommand command;
  declare_options(app, command);
  std::vector<std::string> own(arguments.rbegin(), arguments.rend());  // CLI11 wants them so
  try {
    app.parse(std::move(own));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return kExitSuccess;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return fail(Error("'test-launcher discover --help' lists the options"), kExitUsage);
  }
  return discover(command);
}

}  // namespace specguard::cli
