#include "cli/exec.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "cli/exec_isolation.h"
#include "cli/exec_options.h"
#include "cli/exec_program.h"
#include "cli/exit_codes.h"
#include "session/attempt_session.h"
#include "session/bare_ctest.h"
#include "session/guard_settings.h"
#include "session/shared_guard.h"
#include "supervise/front.h"
#include "sys/environment.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/process_control.h"
#include "sys/random.h"

namespace specguard::cli {
namespace {

using supervise::LauncherEnd;

// What ctest tells its tests: the one variable in a plain run, the other under a
// dashboard. A launcher inside a test inherits them, too; there only a parent that is ctest counts.
bool is_under_ctest() {
  if (!sys::environment_variable("CTEST_INTERACTIVE_DEBUG_MODE") &&
      !sys::environment_variable("DASHBOARD_TEST_FROM_CTEST"))
    return false;
  if (!sys::environment_variable("SPECGUARD_ATTEMPT")) return true;
  const auto parent = sys::read_process_stat(sys::parent_pid());
  return parent && parent->name == "ctest";
}

// Measurements stay visible in ctest's output, so they are printed only where Test.xml keeps them.
bool is_measured(const std::optional<session::BareCtest>& ctest) {
  if (sys::environment_variable("DASHBOARD_TEST_FROM_CTEST")) return true;
  return ctest && session::writes_test_xml(ctest->arguments);
}

// A bad option must not look like a failure that WILL_FAIL expects.
int refuse(const base::Error& error, bool under_ctest) {
  fmt::print(stderr, "test-launcher exec: {}\n'test-launcher exec --help' lists the options.\n",
             error.message());
  if (under_ctest) supervise::end_launcher({LauncherEnd::Kind::kSignal, SIGKILL});
  return kExitUsage;
}

// Debuggers and profilers want the program itself.
int run_unguarded(std::span<char*> arguments) {
  std::string program;
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (std::string_view(arguments[i]) == "--program") program = arguments[i + 1];
    if (std::string_view(arguments[i]) != "--") continue;
    program = choose_program(arguments[i + 1], program, IsolationKind::kProcess, {});
    arguments[i + 1] = program.data();
    const base::Error error =
        sys::execute(&arguments[i + 1]);  // argv ends in a null pointer, and so does its tail
    fmt::print(stderr, "test-launcher exec: {}\n", error.message());
    return kExitLauncherError;
  }
  return refuse(base::Error("no command: write it after '--'"), is_under_ctest());
}

supervise::Attempt make_attempt(const ExecOptions& options) {
  supervise::Attempt attempt;
  attempt.name = options.name;
  attempt.id = sys::random_hex(8);
  attempt.command = options.command;
  attempt.environment = {"SPECGUARD_ATTEMPT=" + attempt.id};
  attempt.limits = options.limits;
  attempt.leaks = options.leaks;
  if (!options.spec.empty()) attempt.environment.emplace_back("SIMPLE_TEST_MODE=1");
  attempt.results = {.format = options.results,
                     .declared_examples = options.directives.declared_examples,
                     .conditional_examples = options.directives.conditional_examples,
                     .skip_code = options.skip_code,
                     .spec_path = options.spec};
  attempt.verbose = options.verbose;
  return attempt;
}

// A spec marked skip or pending is not run, unless that is asked for; the reason it is marked with.
std::optional<std::string> reason_to_skip(const spec::SpecDirectives& directives) {
  if (sys::environment_variable("SPECGUARD_RUN_SKIPPED") == "1") return std::nullopt;
  if (directives.skip) return directives.skip->empty() ? "marked @skip" : *directives.skip;
  if (directives.pending)
    return directives.pending->empty() ? "pending" : "pending: " + *directives.pending;
  return std::nullopt;
}

// A file that says itself that it is slow, or skipped, was asked for whole: the filter, which the
// interpreter goes by, would leave out every example of it.
void widen_filter(const spec::SpecDirectives& directives) {
  constexpr const char* kFilter = "SIMPLE_TEST_FILTER";
  const auto filter = sys::environment_variable(kFilter);
  if ((filter == "slow" && directives.slow_examples == 0) ||
      (filter == "skipped" && directives.skipped_examples == 0))
    sys::remove_environment_variable(kFilter);
}

// Registered as SKIP_REGULAR_EXPRESSION.
void say_skipped(const std::string& reason) {
  fmt::print("test-launcher: skipped: {}\n", base::printable(reason));
}

// Discovered tests stand in generated directories, which ctest would run them in.
base::Result<void> enter_working_directory(const std::filesystem::path& directory) {
  if (directory.empty()) return {};
  std::error_code error;
  std::filesystem::current_path(directory, error);
  if (!error) return {};
  return base::Error::from_errno(fmt::format("change to {}", directory.string()), error.value());
}

// Empty where there is none: then there is no session either. One that was named is not made here:
// a slip of the pen would become directories.
base::Result<std::filesystem::path> build_directory(const ExecOptions& options) {
  std::error_code ignored;
  if (!options.build_dir.empty()) {
    if (std::filesystem::is_directory(options.build_dir, ignored)) return options.build_dir;
    return base::Error(fmt::format(
        "--build-dir: {} is not there, or is no directory; name the directory in which ctest runs",
        options.build_dir.string()));
  }
  auto found = sys::find_build_directory(std::filesystem::current_path(ignored));
  return found ? std::move(found).value() : std::filesystem::path();
}

session::AttemptSession admit(const supervise::Attempt& attempt, const ExecOptions& options,
                              std::filesystem::path build_dir,
                              std::optional<session::BareCtest> ctest) {
  session::AttemptRequest request;
  request.attempt = attempt.id;
  request.name = options.name;
  request.build_dir = std::move(build_dir);
  request.spec = options.spec;
  request.command = options.command;
  request.settings = options.settled;
  // These change what a spec's result means.
  for (const char* name : {"SPECGUARD_RUN_SKIPPED", "SIMPLE_TEST_FILTER"})
    request.settings += sys::environment_variable(name).value_or("") + "\n";
  request.supervised_session = sys::environment_variable("SPECGUARD_SESSION").value_or("");
  request.ctest = std::move(ctest);
  request.resume = sys::environment_variable("SPECGUARD_RESUME") == "1";
  return session::AttemptSession::admit(request);
}

// A bare ctest is guarded where the environment asks for it; a supervised one by its supervisor.
void watch_machine(const session::AttemptSession& session,
                   const std::optional<guard::Thresholds>& limits, supervise::AttemptHooks& hooks) {
  if (!limits || !session.id() || !session.is_bare()) return;
  hooks.watch_interval = session::SharedGuard::kLookEvery;
  hooks.watch =
      [guard = std::make_shared<session::SharedGuard>(session.state(), *session.id(), *limits)]() {
        const auto reason = guard->look();
        return reason ? std::optional(supervise::StopRequest{*reason}) : std::nullopt;
      };
}

// The attempts that need no process.
void end_without_running(const session::Admission& admission, const supervise::EndOptions& end) {
  if (const auto* replay = std::get_if<session::ReplayResult>(&admission)) {
    const base::AttemptResult& result = replay->result;
    fmt::print("test-launcher: replayed: {} in the session before\n",
               base::outcome_name(result.outcome));
    if (result.outcome == base::Outcome::kSkipped) say_skipped(result.evidence.reason);
    std::fflush(stdout);
    supervise::end_launcher(supervise::decide_end(result, end));
  }
  if (const auto* refused = std::get_if<session::DoNotRun>(&admission)) {
    fmt::print(stderr, "test-launcher: not run: {}\n", refused->reason);
    base::AttemptResult result;
    result.outcome = base::Outcome::kNotRun;
    supervise::end_launcher(supervise::decide_end(result, end));
  }
}

}  // namespace

int run_exec(std::span<char*> arguments) {
  if (sys::environment_variable("SPECGUARD_OFF") == "1") return run_unguarded(arguments);
  const bool under_ctest = is_under_ctest();
  auto line = parse_exec_command_line(arguments);
  if (!line) return refuse(line.error(), under_ctest);
  if (!*line) return kExitSuccess;
  const auto options = resolve_exec_options(**line, sys::environment_variable);
  if (!options) return refuse(options.error(), under_ctest);
  if (const auto entered = enter_working_directory(options->working_directory); !entered)
    return refuse(entered.error(), under_ctest);
  const auto limits = session::read_guard_settings(session::guard_option_from_environment, false);
  if (!limits) return refuse(limits.error(), under_ctest);
  if (!options->spec.empty()) widen_filter(options->directives);
  supervise::Attempt attempt = make_attempt(*options);
  attempt.command.front() = choose_program(options->command.front(), options->program,
                                           options->isolation, options->build_dir);
  attempt.under_ctest = under_ctest;
  auto build_dir = build_directory(*options);
  if (!build_dir) return refuse(build_dir.error(), under_ctest);
  // It reads /proc once for each ancestor: not where nobody needs it.
  auto ctest = under_ctest || !build_dir->empty() ? session::find_ctest() : std::nullopt;
  attempt.dashboard = under_ctest && is_measured(ctest);
  supervise::FrontOptions front;
  front.end = {.under_ctest = under_ctest,
               .ctest_has_timer = options->ctest_timeout.count() > 0,
               .skip_code = options->skip_code.value_or(kExitSkipped)};
  front.ctest_timeout = options->ctest_timeout;

  session::AttemptSession session =
      admit(attempt, *options, std::move(*build_dir), std::move(ctest));
  if (!session.warning().empty())
    fmt::print(stderr, "test-launcher: warning: {}\n", session.warning());
  end_without_running(session.admission(), front.end);
  if (const auto reason = reason_to_skip(options->directives)) {
    session.finished({.outcome = base::Outcome::kSkipped, .evidence = {.reason = *reason}});
    say_skipped(*reason);
    return front.end.skip_code;
  }
  if (const auto isolated = isolate(*options, attempt); !isolated) {
    session.finished({.outcome = base::Outcome::kLauncherError,
                      .evidence = {.reason = isolated.error().message()}});
    return refuse(isolated.error(), under_ctest);
  }
  if (attempt.backend && session.id()) attempt.backend->name_session(*session.id());
  supervise::AttemptHooks hooks;
  watch_machine(session, *limits, hooks);
  hooks.finished = [&session](const base::AttemptResult& result) { session.finished(result); };
  supervise::run_attempt(std::move(attempt), hooks, front);
}

}  // namespace specguard::cli
