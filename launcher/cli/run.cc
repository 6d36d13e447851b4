#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/exit_codes.h"
#include "cli/run_arguments.h"
#include "session/bare_ctest.h"
#include "session/resume_command.h"
#include "session/say.h"
#include "session/session_book.h"
#include "session/session_store.h"
#include "session/suite_listing.h"
#include "session/supervisor.h"
#include "sys/file.h"
#include "sys/supervised_child.h"

namespace specguard::cli {
namespace {

using base::Error;
using base::Result;
namespace fs = std::filesystem;

// One run, from its command line to its exit code.
struct Run {
  RunArguments arguments;
  session::Translation translation;
  session::CtestCommand ctest;
  fs::path build_dir;

  std::string selection() const;          // for people
  std::string session_selection() const;  // as a bare ctest's is noted
  std::string resume_command() const;
};

std::string Run::selection() const {
  std::vector<std::string> words = translation.selection;
  const auto& more = arguments.options.ctest_arguments;
  words.insert(words.end(), more.begin(), more.end());
  return session::shell_words(words);
}

std::string Run::session_selection() const {
  std::vector<std::string> words = {"ctest"};
  const auto add = [&](const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
  };
  add(translation.selection);
  add(arguments.options.ctest_arguments);
  return session::read_ctest_arguments(words).selection;
}

std::string Run::resume_command() const {
  std::vector<std::string> words = {session::launcher_word(), "resume", "--build-dir",
                                    build_dir.string()};
  const auto add = [&](const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
  };
  add(session::resume_words(arguments.options));
  add(arguments.guard_words);
  if (!arguments.options.ctest_arguments.empty()) {
    words.emplace_back("--");
    add(arguments.options.ctest_arguments);
  }
  return session::shell_words(words);
}

int fail(const Error& error, int code = kExitFailure) {
  session::say("test-launcher: {}\n", error.message());
  return code;
}

Result<session::SuiteListing> list(const Run& run, bool selected_only) {
  session::CtestCommand command = run.ctest;
  command.arguments = {"--test-dir", run.build_dir.string(), "--show-only=json-v1"};
  if (selected_only) {
    const auto add = [&](const std::vector<std::string>& more) {
      command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    };
    add(run.translation.selection);
    add(run.arguments.options.ctest_arguments);
  }
  SPECGUARD_TRY(const session::Captured captured, session::capture_ctest(command));
  if (captured.exit_code != 0)
    return Error(fmt::format("ctest cannot list the tests of {} (exit code {})",
                             run.build_dir.string(), captured.exit_code));
  return session::parse_listing(captured.output);
}

// Says which tags no test of the suite has; their number.
std::size_t say_unknown_tags(const Run& run, const session::SuiteListing& suite) {
  std::vector<std::string> labels;
  for (const auto& [label, count] : suite.label_counts()) labels.push_back(label);
  std::size_t unknown = 0;
  for (const std::string& tag : session::labels_of_tags(run.arguments.options.tags)) {
    if (std::find(labels.begin(), labels.end(), tag) != labels.end()) continue;
    ++unknown;
    const auto nearest = session::nearest_words(tag, labels, 3);
    session::say("  no test has the tag '{}'{}\n", tag,
                 nearest.empty() ? "" : fmt::format("; nearest: {}", fmt::join(nearest, ", ")));
  }
  return unknown;
}

// Nothing is selected: most often a tag that nobody has.
int explain_empty(const Run& run) {
  const auto suite = list(run, false);
  if (!suite) return fail(suite.error());
  session::say("test-launcher: no test of {} matches {}\n", suite->tests.size(),
               run.selection().empty() ? "(nothing is registered)" : run.selection());
  say_unknown_tags(run, *suite);
  session::say("  --allow-empty makes this no error\n");
  return kExitFailure;
}

// In --tag=smoke,databse the one word selects tests, and the typo in the other would go unseen.
// True where there is such a tag, which has been said.
bool has_unknown_tag(const Run& run, const session::SuiteListing& selected) {
  const auto counts = selected.label_counts();
  const auto tags = session::labels_of_tags(run.arguments.options.tags);
  if (std::all_of(tags.begin(), tags.end(), [&](const auto& tag) { return counts.contains(tag); }))
    return false;
  const auto suite = list(run, false);
  if (!suite || say_unknown_tags(run, *suite) == 0) return false;
  session::say(
      "test-launcher: {} tests have the other tags, and none was run; "
      "--allow-empty makes this no error\n",
      selected.tests.size());
  return true;
}

void say_counts(const journal::SuiteCounts& counts, std::size_t selected) {
  const std::size_t failed = [&] {
    std::size_t sum = 0;
    for (const std::size_t count : counts.by_outcome) sum += count;
    return sum - counts.succeeded() - counts.of(base::Outcome::kAborted) -
           counts.of(base::Outcome::kNotRun);
  }();
  const std::size_t done = counts.succeeded() + failed;
  session::say("test-launcher: {} of {} tests done: {} passed, {} skipped, {} failed; {} left\n",
               done, selected, counts.of(base::Outcome::kPassed),
               counts.of(base::Outcome::kSkipped), failed, selected > done ? selected - done : 0);
}

int stop_exit_code(journal::StopKind kind) {
  switch (kind) {
    case journal::StopKind::kHangup:
      return kExitHangup;
    case journal::StopKind::kInterrupted:
      return kExitInterrupted;
    case journal::StopKind::kTerminated:
      return kExitTerminated;
    default:
      return kExitStoppedByGuard;
  }
}

void say_processes(const char* what, const std::vector<base::ProcessNote>& processes) {
  if (processes.empty()) return;
  session::say("test-launcher: {}:\n", what);
  for (const auto& note : processes) session::say("  pid {}  {}\n", note.pid, note.command_line);
}

// The checkpoint is saved by now: what this waits for may take as long as an engine takes.
void await_removal(session::SupervisedEnd& end) {
  if (!end.removal) return;
  using State = supervise::ContainerRemoval::State;
  const State state = end.removal->wait_until(end.removal_deadline);
  const std::size_t count = end.removal->count();
  const std::string containers = fmt::format("{} container{}", count, count == 1 ? "" : "s");
  if (state == State::kRunning)
    session::say("test-launcher: the engine is slow: process {} goes on removing {}\n",
                 end.removal->pid(), containers);
  if (state == State::kFailed)
    session::say(
        "test-launcher: {} could not be removed; when the engine works again: "
        "test-launcher reap\n",
        containers);
}

int conclude_stopped(const Run& run, session::SessionBook& book, const session::SupervisedEnd& end,
                     std::size_t selected) {
  session::say("\ntest-launcher: stopped: {}\n", end.stop->message);
  if (const auto counts = book.stopped(*end.stop))
    say_counts(*counts, selected);
  else
    session::say("test-launcher: the checkpoint could not be saved: {}\n",
                 counts.error().message());
  session::say("test-launcher: to go on: {}\n", run.resume_command());
  return stop_exit_code(end.stop->kind);
}

int conclude_ended(const Run& run, session::SessionBook& book, const session::SupervisedEnd& end,
                   std::size_t selected) {
  if (end.ctest_signal != 0) {
    const journal::StopReason reason{
        .kind = journal::StopKind::kDied,
        .message = fmt::format("ctest was ended by signal {}", end.ctest_signal)};
    session::say("\ntest-launcher: {}\n", reason.message);
    if (const auto counts = book.stopped(reason)) say_counts(*counts, selected);
    session::say("test-launcher: to go on: {}\n", run.resume_command());
    return kExitFailure;
  }
  const bool fail_fast =
      run.arguments.options.fail_fast || session::stops_on_failure(run.session_selection());
  if (fail_fast && end.ctest_exit_code != 0) {
    // ctest does not say which tests it never started; they are what is left.
    const journal::StopReason reason{.kind = journal::StopKind::kFailFast,
                                     .message = "a test failed, and --fail-fast was given"};
    if (const auto saved = book.stopped(reason); !saved) return fail(saved.error());
    session::say("test-launcher: to go on: {}\n", run.resume_command());
    return end.ctest_exit_code;
  }
  if (const auto counts = book.finished(); !counts)
    session::say("test-launcher: {}\n", counts.error().message());
  return end.ctest_exit_code;
}

std::vector<std::string> ctest_arguments(const Run& run) {
  std::vector<std::string> words = {"--test-dir", run.build_dir.string()};
  words.insert(words.end(), run.translation.selection.begin(), run.translation.selection.end());
  words.insert(words.end(), run.translation.arguments.begin(), run.translation.arguments.end());
  return words;
}

// ctest's own verdicts, which it wrote where the user wanted them.
void keep_junit(const Run& run, const fs::path& junit) {
  const auto& words = run.arguments.options.ctest_arguments;
  const auto option = std::find(words.rbegin(), words.rend(), "--output-junit");
  if (option == words.rend() || option == words.rbegin()) return;
  std::error_code error;
  fs::copy_file(run.build_dir / *(option - 1), junit, error);  // without it the report knows less
}

// No test runs, so there is no session, and the checkpoint of an earlier one stays.
int print_list(const Run& run) {
  session::CtestCommand command = run.ctest;
  command.arguments = ctest_arguments(run);
  const auto listed = session::capture_ctest(command);
  if (!listed) return fail(listed.error());
  fmt::print("{}", listed->output);
  return listed->exit_code < 0 ? kExitFailure : listed->exit_code;
}

int supervise(Run& run, journal::CheckpointFile& checkpoint) {
  const auto listing = list(run, true);
  if (!listing) return fail(listing.error());
  if (listing->tests.empty() && !run.arguments.options.allow_empty) return explain_empty(run);
  if (!run.arguments.options.allow_empty && has_unknown_tag(run, *listing)) return kExitFailure;

  if (run.arguments.options.list) return print_list(run);

  const bool resumes = run.arguments.options.resume;
  auto book =
      session::SessionBook::begin(run.build_dir, run.session_selection(), resumes, checkpoint);
  if (!book) return fail(book.error());
  if (auto written =
          sys::replace_file(book->directory() / "suite.json", session::encode_listing(*listing));
      !written)
    session::say("test-launcher: {}\n", written.error().message());

  // status and report go by these; the run goes on without them.
  if (auto saved = session::save_resume_command(book->directory(), run.resume_command()); !saved)
    session::say("test-launcher: {}\n", saved.error().message());
  const fs::path junit = book->directory() / "ctest.xml";
  run.ctest.arguments = ctest_arguments(run);
  // In front, so that one of the user's own counts.
  run.ctest.arguments.insert(run.ctest.arguments.begin() + 2, {"--output-junit", junit.string()});
  run.ctest.environment.push_back("SPECGUARD_SESSION=" + book->id());
  if (resumes) run.ctest.environment.emplace_back("SPECGUARD_RESUME=1");
  auto end = session::supervise_ctest({.ctest = run.ctest,
                                       .build_dir = run.build_dir,
                                       .session_directory = book->directory(),
                                       .limits = run.arguments.limits});
  if (!end) return fail(end.error());
  keep_junit(run, junit);
  say_processes("ended what tests without a launcher left behind", end->leftovers);
  say_processes("could not be ended", end->survivors);
  const std::size_t selected = listing->tests.size();
  const int code = end->stop ? conclude_stopped(run, *book, *end, selected)
                             : conclude_ended(run, *book, *end, selected);
  await_removal(*end);
  return code;
}

Result<Run> prepare(RunArguments&& arguments) {
  Run run{.arguments = std::move(arguments), .translation = {}, .ctest = {}, .build_dir = {}};
  const fs::path start = run.arguments.build_dir.empty() ? fs::path(".") : run.arguments.build_dir;
  SPECGUARD_TRY(run.build_dir, sys::find_build_directory(start));
  std::error_code error;
  if (fs::path real = fs::canonical(run.build_dir, error); !error) run.build_dir = std::move(real);
  SPECGUARD_TRY(run.ctest.program, session::find_ctest(run.build_dir));
  return run;
}

Result<const journal::Checkpoint*> read_latest(const journal::StateDirectory& state,
                                               journal::CheckpointFile& file) {
  // One that was killed has left no checkpoint yet.
  SPECGUARD_TRY_VOID(session::settle_dead_sessions(state, file));
  SPECGUARD_TRY(const auto* const checkpoint, file.read());
  if (!*checkpoint)
    return Error("there is no checkpoint to go on from: no run of this build tree was interrupted");
  return &**checkpoint;
}

void warn_of_gaps(const journal::Checkpoint& checkpoint) {
  constexpr const char* kConsequence = "tests whose results are missing run again";
  if (checkpoint.degraded)
    session::say(
        "test-launcher: warning: some results of the interrupted session could not be "
        "recorded; {}\n",
        kConsequence);
  if (checkpoint.damaged > 0)
    session::say(
        "test-launcher: warning: the interrupted session's journal has {} damaged "
        "record{}; {}\n",
        checkpoint.damaged, checkpoint.damaged == 1 ? "" : "s", kConsequence);
}

int run_or_resume(std::string_view command, std::span<char*> words) {
  auto arguments = parse_run_arguments(command, words);
  const auto usage = [&](const Error& error) {
    session::say("test-launcher {0}: {1}\n'test-launcher {0} --help' lists the options.\n", command,
                 error.message());
    return kExitUsage;
  };
  if (!arguments) return usage(arguments.error());
  if (!*arguments) return kExitSuccess;
  if (command == "resume") (*arguments)->options.resume = true;
  auto translation = session::translate((*arguments)->options, sys::usable_cpus());
  if (!translation) return usage(translation.error());

  auto run = prepare(std::move(**arguments));
  if (!run) return fail(run.error());
  run->translation = std::move(*translation);
  for (const auto& [name, value] : run->translation.environment)
    run->ctest.environment.push_back(name + "=" + value);

  const journal::StateDirectory state(run->build_dir);
  journal::CheckpointFile checkpoint(state.checkpoint());
  if (run->arguments.options.resume) {
    const auto latest = read_latest(state, checkpoint);
    if (!latest) return fail(latest.error(), kExitUnusableCheckpoint);
    warn_of_gaps(**latest);
  }
  return supervise(*run, checkpoint);
}

}  // namespace

int run_run(std::span<char*> arguments) {
  return run_or_resume("run", arguments);
}

int run_resume(std::span<char*> arguments) {
  return run_or_resume("resume", arguments);
}

}  // namespace specguard::cli
