#include "cli/report.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "cli/build_directory.h"
#include "cli/exit_codes.h"
#include "session/report_github.h"
#include "session/report_html.h"
#include "session/report_json.h"
#include "session/report_junit.h"
#include "session/report_trace.h"
#include "sys/environment.h"
#include "sys/file.h"

namespace specguard::cli {
namespace {

using base::Error;
using base::Result;
using session::SuiteReport;
namespace fs = std::filesystem;

std::string github_annotations(const SuiteReport& report) {
  return session::report_github(report, sys::environment_variable("GITHUB_WORKSPACE").value_or(""));
}

struct Kind {
  const char* option;
  const char* help;
  std::string (*write)(const SuiteReport& report);
};

constexpr Kind kKinds[] = {
    {"--html", "one page for people, which needs no other file", session::report_html},
    {"--junit", "JUnit XML, as CI systems show it", session::report_junit},
    {"--trace", "trace events, for ui.perfetto.dev or chrome://tracing", session::report_trace},
    {"--json", "everything, for programs (docs/formats.md)", session::report_json},
    {"--github", "error annotations for GitHub Actions; mostly to -", github_annotations},
};
constexpr std::size_t kKindCount = std::size(kKinds);

// A rename would put a file in place of a device or of a link; the one must not be, the other is
// followed.
Result<fs::path> resolve_target(const std::string& name) {
  std::error_code error;
  const fs::path path = fs::absolute(name, error);
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return Error(fmt::format("{} is a directory", name));
  if (fs::exists(status) && !fs::is_regular_file(status))
    return Error(fmt::format("{} is no regular file; '-' is standard output", name));
  if (fs::exists(status)) return fs::canonical(path, error);
  if (!fs::is_directory(path.parent_path(), error))
    return Error(
        fmt::format("there is no directory {}; make it first", path.parent_path().string()));
  return path;
}

Result<void> write_file(const std::string& name, std::string_view content) {
  const auto context = [&](const Error& error) {
    return error.with_context(fmt::format("write {}", name));
  };
  const auto path = resolve_target(name);
  if (!path) return context(path.error());
  const auto written =
      sys::replace_file(*path, content, sys::Durability::kDurable, sys::Access::kAsUmaskSays);
  if (!written) return context(written.error());
  return {};
}

int write_all(const SuiteReport& report, const std::string (&targets)[kKindCount]) {
  int code = kExitSuccess;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (targets[i].empty()) continue;
    const std::string content = kKinds[i].write(report);
    if (targets[i] == "-") {
      code = std::max<int>(code, print_whole(content, "report"));
    } else if (const auto written = write_file(targets[i], content); !written) {
      fmt::print(stderr, "test-launcher report: {}\n", written.error().message());
      code = kExitFailure;
    }
  }
  return code;
}

int usage(std::string_view what) {
  fmt::print(stderr, "test-launcher report: {}\n'test-launcher report --help' lists the options.\n",
             what);
  return kExitUsage;
}

}  // namespace

int run_report(std::span<char*> arguments) {
  std::string start;
  std::string targets[kKindCount];
  CLI::App app("test-launcher report: files about the newest session, the whole suite");
  app.set_help_flag("--help,-h", "this list");
  std::size_t given = 0;
  for (std::size_t i = 0; i < kKindCount; ++i)
    app.add_option(kKinds[i].option, targets[i], kKinds[i].help)->type_name("FILE");
  add_build_directory_option(app, start);
  app.footer(
      "FILE may be - for standard output. Exit codes: 0 written, whatever it says; 1 not written, "
      "or\nno session to report; 2 usage.");
  if (const auto code = parse_words(app, "report", arguments)) return *code;
  std::size_t to_stdout = 0;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (app.count(kKinds[i].option) != 0 && targets[i].empty())
      return usage(fmt::format("{} needs the name of a file, or -", kKinds[i].option));
    given += !targets[i].empty();
    to_stdout += targets[i] == "-";
  }
  if (given == 0)
    return usage("nothing to write: name a file by --html, --junit, --trace, --json or --github");
  if (to_stdout > 1) return usage("only one of the reports can go to standard output");

  const auto fail = [](const Error& error) {
    fmt::print(stderr, "test-launcher report: {}\n", error.message());
    return kExitFailure;
  };
  const auto build_dir = find_build_directory(start);
  if (!build_dir) return fail(build_dir.error());
  const auto report = session::read_suite_report(*build_dir, base::system_clock().wall_now());
  if (!report) return fail(report.error());
  if (!*report)
    return fail(Error(fmt::format("no session yet in {}: run 'ctest' or 'test-launcher run' first",
                                  build_dir->string())));
  for (const std::string& note : (*report)->notes)
    fmt::print(stderr, "test-launcher report: note: {}\n", note);
  return write_all(**report, targets);
}

}  // namespace specguard::cli
