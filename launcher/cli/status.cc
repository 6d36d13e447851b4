#include "cli/status.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/build_directory.h"
#include "cli/exit_codes.h"
#include "session/resume_command.h"
#include "session/status.h"

namespace specguard::cli {
namespace {

using base::Result;
namespace fs = std::filesystem;

// Empty where there is nothing to go on from.
std::string resume_from(const journal::StateDirectory& state, const session::SuiteReport& report) {
  const session::SessionRecord& newest = report.history.newest();
  if (report.history.state != session::SessionState::kFinished)
    return session::resume_command(newest.started, state.session(newest.id), report.build_dir);
  // What it was selected by came to its end; what is left is of an earlier session.
  std::error_code error;
  if (!fs::exists(state.checkpoint(), error)) return {};
  return session::shell_words(
      {session::launcher_word(), "resume", "--build-dir", report.build_dir.string()});
}

Result<std::string> describe(const fs::path& build_dir, bool json) {
  SPECGUARD_TRY(const auto report,
                session::read_suite_report(build_dir, base::system_clock().wall_now()));
  if (!report)
    return json ? session::no_session_json(build_dir) : session::no_session_text(build_dir);
  const journal::StateDirectory state(build_dir);
  const session::Status status =
      session::make_status(*report, session::earlier_durations(state, report->history),
                           resume_from(state, *report), session::rerun_failed_command(build_dir));
  return json ? session::status_json(status) : session::status_text(status);
}

}  // namespace

int run_status(std::span<char*> arguments) {
  bool json = false;
  std::string start;
  CLI::App app("test-launcher status: the newest session of a build tree");
  app.set_help_flag("--help,-h", "this list");
  app.add_flag("--json", json, "for programs (docs/formats.md)");
  add_build_directory_option(app, start);
  app.footer(
      "Reads only, and may be asked at any moment. Exit codes: 0 it could be told, whatever it "
      "is;\n"
      "1 it cannot be (not a build tree, a journal that cannot be read); 2 usage.");
  if (const auto code = parse_words(app, "status", arguments)) return *code;
  const auto build_dir = find_build_directory(start);
  const auto text = build_dir ? describe(*build_dir, json) : Result<std::string>(build_dir.error());
  if (!text) {
    fmt::print(stderr, "test-launcher status: {}\n", text.error().message());
    return kExitFailure;
  }
  return print_whole(*text, "status");
}

}  // namespace specguard::cli
