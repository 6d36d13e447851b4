#include "cli/run_arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/quantity.h"
#include "base/text.h"
#include "session/guard_settings.h"

namespace specguard::cli {
namespace {

using base::Error;
using base::Result;

// What CLI11 fills in as text; the values are checked by our own parsers, whose messages say more.
struct Raw {
  std::map<std::string, std::string> guard;
  std::string timeout, max_workers, seed, build_dir;
  bool self_protect = false, no_self_protect = false;
};

void add_selection(CLI::App& app, session::RunOptions& options) {
  app.add_flag("--unit", options.unit, "tests of level unit");
  app.add_flag("--integration", options.integration, "tests of level integration");
  app.add_flag("--system", options.system, "tests of level system");
  app.add_option("--tag", options.tags,
                 "tests with this tag; repeat for all of several, a,b for any")
      ->type_name("T")
      ->expected(1)
      ->take_all();
  app.add_flag("--only-slow", options.only_slow, "slow tests");
  app.add_flag("--no-slow", options.no_slow, "all but slow tests");
  app.add_flag("--only-skipped", options.only_skipped, "run the tests that are marked skip");
  app.add_flag("--only-pending", options.only_pending, "tests that are marked pending");
}

void add_manner(CLI::App& app, session::RunOptions& options, Raw& raw) {
  app.add_flag("--list", options.list, "list the tests, run none");
  app.add_flag("--fail-fast", options.fail_fast, "stop at the first failure");
  app.add_option("--timeout", raw.timeout, "limit of each test: seconds, or with ms, m, h")
      ->type_name("S");
  app.add_flag("--parallel", options.parallel, "as many tests at once as there are CPUs");
  app.add_option("--max-workers", raw.max_workers, "at most so many tests at once")->type_name("N");
  app.add_option("--seed", raw.seed, "random order; tests see SPECGUARD_SEED")->type_name("N");
  app.add_flag("--container-seq", options.container_sequential,
               "each test in a container, one at a time");
  app.add_flag("--resume", options.resume, "go on from the checkpoint");
  app.add_flag("--allow-empty", options.allow_empty, "no test selected is no error");
  app.add_option("--build-dir", raw.build_dir, "default: the nearest with a CTestTestfile.cmake")
      ->type_name("DIR");
}

void add_guard(CLI::App& app, Raw& raw) {
  app.add_flag("--self-protect", raw.self_protect, "the guard is on (as it is by default)");
  app.add_flag("--no-self-protect", raw.no_self_protect, "the guard is off");
  const auto option = [&](const char* name, const char* help, const char* type) {
    app.add_option(fmt::format("--{}", name), raw.guard[name], help)->type_name(type);
  };
  option("cpu-limit", "CPU use above which the run stops; default: not watched", "PCT");
  option("mem-limit", "memory use above which the run stops; default 90", "PCT");
  option("psi-limit", "pressure (stalls) above which the run stops; default: not watched", "PCT");
  option("disk-min", "free disk space below which the run stops; default 100M", "SIZE");
  option("sustain", "how long before it trips; default 10 s for CPU, 3 s for memory", "S");
  option("on-pressure", "stop, or wait: hold new starts, stop after a minute", "wait|stop");
}

Result<void> take_numbers(const Raw& raw, session::RunOptions& options) {
  if (!raw.timeout.empty()) {
    const auto timeout = base::parse_duration(raw.timeout);
    if (!timeout) return timeout.error().with_context("--timeout");
    if (timeout->count() == 0) return Error("--timeout 0: a test needs some time");
    options.timeout = *timeout;
  }
  if (!raw.max_workers.empty()) {
    const auto workers = base::parse_integer(raw.max_workers, 1, 4096);
    if (!workers) return workers.error().with_context("--max-workers");
    options.max_workers = static_cast<unsigned>(*workers);
  }
  if (!raw.seed.empty()) {
    const auto seed = base::parse_integer(raw.seed, 0, INT64_MAX);
    if (!seed) return seed.error().with_context("--seed");
    options.seed = static_cast<std::uint64_t>(*seed);
  }
  return {};
}

Result<void> take_guard(const Raw& raw, RunArguments& result) {
  if (raw.self_protect && raw.no_self_protect)
    return Error("--self-protect and --no-self-protect exclude each other");
  const auto lookup = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "self-protect" && raw.self_protect) return "1";
    if (name == "self-protect" && raw.no_self_protect) return "0";
    const auto given = raw.guard.find(std::string(name));
    if (given != raw.guard.end() && !given->second.empty()) return given->second;
    return session::guard_option_from_environment(name);
  };
  const auto limits = session::read_guard_settings(lookup, true);
  if (!limits) return limits.error();
  result.limits = *limits;
  if (raw.no_self_protect) result.guard_words.emplace_back("--no-self-protect");
  for (const auto& [name, value] : raw.guard)
    if (!value.empty()) result.guard_words.push_back(fmt::format("--{}={}", name, value));
  return {};
}

}  // namespace

Result<std::optional<RunArguments>> parse_run_arguments(std::string_view command,
                                                        std::span<char*> arguments) {
  RunArguments result;
  Raw raw;
  CLI::App app(fmt::format("test-launcher {}: runs ctest under supervision", command));
  app.set_help_flag("--help,-h", "this list");
  add_selection(app, result.options);
  add_manner(app, result.options, raw);
  add_guard(app, raw);
  app.footer(
      "What stands after -- goes to ctest as it is. Exit codes: 0 passed, 8 tests failed, 42\n"
      "stopped by the guard, 43 unusable checkpoint, 129/130/143 stopped by a signal.");

  const auto dashes = std::find_if(arguments.begin(), arguments.end(),
                                   [](const char* word) { return std::string_view(word) == "--"; });
  std::vector<std::string> words(arguments.begin(), dashes);
  if (dashes != arguments.end()) result.options.ctest_arguments.assign(dashes + 1, arguments.end());
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return std::optional<RunArguments>();
  } catch (const CLI::ExtrasError& error) {
    const std::vector<std::string> extras = app.remaining();
    if (extras.empty() || extras.front().starts_with('-')) return Error(error.what());
    return Error(fmt::format(
        "{} is not expected: the tests are those of the build directory. Leave it out to "
        "run all of them; for some, give what their names begin with: -- -R '^unit/'",
        base::printable(extras.front(), 200)));
  } catch (const CLI::Error& error) {
    return Error(error.what());
  }
  result.build_dir = raw.build_dir;
  SPECGUARD_TRY_VOID(take_numbers(raw, result.options));
  SPECGUARD_TRY_VOID(take_guard(raw, result));
  return std::optional(std::move(result));
}

}  // namespace specguard::cli
