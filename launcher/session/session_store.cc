#include "session/session_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/json.h"
#include "base/quantity.h"
#include "journal/journal_writer.h"
#include "journal/record_json.h"
#include "journal/resume_index.h"
#include "journal/testfile_scan.h"
#include "session/bare_ctest.h"
#include "session/checkpoint_update.h"
#include "session/rerun_lists.h"
#include "session/say.h"
#include "session/suite_listing.h"
#include "supervise/sweep.h"
#include "sys/append_log.h"
#include "sys/file.h"
#include "sys/process_key.h"

namespace specguard::session {
namespace {

namespace fs = std::filesystem;
using base::Result;
using journal::Checkpoint;
using journal::SessionKind;
using journal::StateDirectory;
using journal::StopKind;
using journal::StopReason;

// Longer than it takes to fold the journal of a huge suite on a slow disk.
constexpr std::chrono::seconds kLockPatience{30};
constexpr std::size_t kKeptSessions = 20;
// A launcher whose ctest died gives its test half a second, and then SIGKILL.
constexpr std::chrono::seconds kLauncherPatience{5};
constexpr std::uint64_t kMaxSuiteBytes = 1 << 30;

base::WallTime wall_now() {
  return base::system_clock().wall_now();
}

Result<sys::FileLock> lock(const StateDirectory& state) {
  SPECGUARD_TRY_VOID(sys::make_private_directories(state.sessions()));
  return sys::FileLock::acquire(state.lock(), kLockPatience);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void remove_checkpoint(const StateDirectory& state) {
  std::error_code ignored;
  fs::remove(state.checkpoint(), ignored);
  fs::remove_all(state.rerun(), ignored);
}

// The tests of a supervised session in ctest's order.
std::optional<NumberedTests> listed_tests(const StateDirectory& state, const std::string& id) {
  const auto text = sys::read_file(state.suite(id), kMaxSuiteBytes);
  const auto listing =
      text ? decode_listing(*text, "suite.json") : Result<SuiteListing>(text.error());
  if (!listing) return std::nullopt;
  NumberedTests numbered;
  for (const ListedTest& test : listing->tests)
    numbered.emplace_back(static_cast<int>(numbered.size() + 1), test.name);
  return numbered;
}

Result<void> write_list(const fs::path& path, const std::optional<std::string>& content) {
  if (content) return sys::replace_file(path, *content);
  std::error_code ignored;
  fs::remove(path, ignored);  // an older one would be wrong
  return {};
}

Result<void> write_rerun_files(const StateDirectory& state, const RerunLists& lists) {
  SPECGUARD_TRY_VOID(sys::make_private_directories(state.rerun()));
  SPECGUARD_TRY_VOID(sys::replace_file(state.rerun() / "done.txt", lists.done));
  SPECGUARD_TRY_VOID(write_list(state.rerun() / "tests.txt", lists.tests));
  return write_list(state.rerun() / "index.txt", lists.index);
}

// Of a bare session that was stopped and whose ctest went on to its end: each of its tests has been
// at its launcher, and ctest's own list numbers all that failed, not run or unguarded ones too.
std::optional<NumberedTests> failed_tests(const StateDirectory& state,
                                          const KnownSession& session) {
  const auto& started = *session.journal.state.session();
  if (started.kind != SessionKind::kBare || !stop_requested(state, session.id) ||
      started.ctest_end_mark == ctest_end_mark(state))
    return std::nullopt;
  const fs::path log = state.build() / "Testing" / "Temporary" / "LastTestsFailed.log";
  const auto text = sys::read_file(log, kMaxSuiteBytes);
  auto failed = text ? parse_failed_tests(*text) : std::nullopt;
  if (!failed) return std::nullopt;
  // A dashboard writes another file, and this one may be of another time.
  std::unordered_set<std::string> names;
  for (const auto& [number, name] : *failed) names.insert(name);
  for (const journal::TestState& test : session.journal.state.tests())
    if (test.finished && test.result.outcome == base::Outcome::kNotRun &&
        !names.contains(test.test.name))
      return std::nullopt;
  return failed;
}

struct SelectedTests {
  std::optional<std::vector<std::string>> names;
  std::optional<NumberedTests> numbered;  // only where the whole suite was selected
};

SelectedTests selected_tests(const StateDirectory& state, const KnownSession& session) {
  const auto& started = *session.journal.state.session();
  std::optional<NumberedTests> numbered = started.kind == SessionKind::kSupervised
                                              ? listed_tests(state, session.id)
                                              : failed_tests(state, session);
  SelectedTests selected;
  if (!numbered) return selected;
  selected.names.emplace();
  for (const auto& [number, name] : *numbered) selected.names->push_back(name);
  if (started.selection.empty()) selected.numbered = std::move(numbered);
  return selected;
}

// Its launchers outlive a session by a moment: what they still have to say is waited for.
void wait_for_launchers(const StateDirectory& state, const std::string& id) {
  [[maybe_unused]] const auto all_gone = sys::FileLock::acquire(state.live(id), kLauncherPatience);
}

Result<void> settle(const StateDirectory& state, const KnownSession& session) {
  const auto stop = interruption(state, session.id, session.journal.state);
  auto before = journal::read_checkpoint(state.checkpoint());
  // One that cannot be believed cannot be kept up to date; a session that covers it replaces it.
  const auto known = before ? *before : std::optional<Checkpoint>();
  const auto& folded = session.journal;
  const SelectedTests selected = selected_tests(state, session);
  const auto next = update_checkpoint(known,
                                      {.id = session.id,
                                       .state = folded.state,
                                       .stop = stop,
                                       .degraded = is_degraded(state, session.id),
                                       .damaged = folded.account.damaged,
                                       .selected = selected.names},
                                      wall_now());
  if (next) {
    SPECGUARD_TRY_VOID(journal::write_checkpoint(state.checkpoint(), *next));
    SPECGUARD_TRY_VOID(write_rerun_files(state, make_rerun_lists(*next, selected.numbered)));
  } else {
    remove_checkpoint(state);
  }
  sys::touch(state.settled(session.id));
  return {};
}

Result<void> settle_locked(const StateDirectory& state) {
  for (const KnownSession& session : read_sessions(state, /*unsettled_only=*/true)) {
    if (is_alive(session.journal.state.session()->owner)) continue;
    wait_for_launchers(state, session.id);
    SPECGUARD_TRY(auto folded, journal::fold_journal(state.journal(session.id)));
    SPECGUARD_TRY_VOID(settle(state, {session.id, std::move(folded)}));
  }
  return {};
}

// A session that cannot be settled, because its journal cannot be understood. (One without a
// journal is about to begin.)
Result<void> check_journals(const StateDirectory& state) {
  std::error_code error;
  for (fs::directory_iterator it(state.sessions(), error), end; !error && it != end;
       it.increment(error)) {
    const std::string id = it->path().filename().string();
    if (!journal::is_session_id(id) || is_there(state.settled(id))) continue;
    const auto folded = journal::fold_journal(state.journal(id));
    if (!folded && folded.error().errno_value() == ENOENT) continue;
    if (!folded) return folded.error();
    if (!folded->state.session())
      return base::Error(fmt::format(
          "{}: its first record is damaged; remove the directory to go on without this session",
          state.journal(id).string()));
  }
  return {};
}

// Sessions are numbered, because clocks jump. Losing the file costs a look into every journal.
Result<std::uint64_t> next_number(const StateDirectory& state) {
  const fs::path file = state.root() / "number";
  std::uint64_t last = 0;
  const auto text = sys::read_file(file, 32);
  const auto parsed = text ? base::parse_integer(text->substr(0, text->find('\n')), 0, INT64_MAX)
                           : base::Result<std::int64_t>(text.error());
  if (parsed) {
    last = static_cast<std::uint64_t>(*parsed);
  } else {
    for (const KnownSession& session : read_sessions(state, /*unsettled_only=*/false))
      last = std::max(last, session.journal.state.session()->number);
  }
  SPECGUARD_TRY_VOID(sys::replace_file(file, fmt::format("{}\n", last + 1)));
  return last + 1;
}

// The latest settled sessions are kept for people to look at.
void prune(const StateDirectory& state) {
  std::vector<std::pair<fs::file_time_type, fs::path>> settled;
  std::error_code error;
  for (fs::directory_iterator it(state.sessions(), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code absent;
    const auto when = fs::last_write_time(it->path() / "settled", absent);
    if (!absent) settled.emplace_back(when, it->path());
  }
  std::sort(settled.begin(), settled.end());
  for (std::size_t i = 0; i + kKeptSessions < settled.size(); ++i)
    fs::remove_all(settled[i].second, error);
}

struct Beginning {
  std::string journal;
  std::vector<journal::IndexEntry> index;
};

Beginning write_beginning(const StateDirectory& state, journal::SessionStarted started,
                          const std::optional<Checkpoint>& from) {
  Beginning beginning;
  if (from) started.continues = from->session;
  beginning.journal = journal::encode_record(started);
  if (!from) return beginning;
  const auto must_run = journal::tests_that_must_run(state.build());
  for (const journal::TestState& test : from->tests) {
    const std::string line = journal::encode_record(test);
    beginning.index.push_back(journal::make_entry(test, beginning.journal.size(),
                                                  static_cast<std::uint32_t>(line.size()),
                                                  must_run.contains(test.test.name)));
    beginning.journal += line;
  }
  return beginning;
}

// A bare ctest cannot be refused as `resume` is: where the checkpoint cannot be believed everything
// runs, and it says so.
std::optional<Checkpoint> checkpoint_to_resume(const StateDirectory& state) {
  auto checkpoint = journal::read_checkpoint(state.checkpoint());
  if (checkpoint) return std::move(checkpoint).value();
  say("test-launcher: warning: nothing is resumed: {}\n", checkpoint.error().message());
  return std::nullopt;
}

Result<void> create(const StateDirectory& state, const SessionPlan& plan) {
  const std::optional<Checkpoint> from = plan.resumes ? checkpoint_to_resume(state) : std::nullopt;
  journal::SessionStarted started;
  started.at = wall_now();
  started.session = plan.id;
  SPECGUARD_TRY(started.number, next_number(state));
  started.kind = plan.kind;
  started.owner = plan.owner;
  started.resumes = from.has_value();
  started.selection = plan.selection;
  started.ctest_end_mark = ctest_end_mark(state);
  const Beginning beginning = write_beginning(state, std::move(started), from);

  SPECGUARD_TRY_VOID(sys::make_private_directories(state.session(plan.id)));
  SPECGUARD_TRY_VOID(sys::replace_file(state.health(plan.id), journal::kHealthOk));
  if (from) SPECGUARD_TRY_VOID(journal::write_index(state.index(plan.id), beginning.index));
  // Last: a journal that is there means a session that is ready.
  return sys::replace_file(state.journal(plan.id), beginning.journal, sys::Durability::kDurable);
}

}  // namespace

std::optional<journal::ProcessKey> process_key(int pid) {
  const auto stat = sys::read_process_stat(pid);
  if (!stat || stat->is_dead()) return std::nullopt;
  return journal::ProcessKey{pid, stat->start_ticks, sys::boot_id(), sys::pid_namespace()};
}

bool is_alive(const journal::ProcessKey& key) {
  const auto now = process_key(key.pid);
  return now && *now == key;
}

std::string ctest_end_mark(const StateDirectory& state) {
  return sys::file_mark(state.build() / "Testing" / "Temporary" / "CTestCostData.txt");
}

std::optional<StopReason> interruption(const StateDirectory& state, const std::string& id,
                                       const journal::SuiteState& folded) {
  if (folded.finished()) return std::nullopt;
  if (const auto requested = stop_requested(state, id)) return requested;
  if (folded.stop()) return folded.stop();
  const auto& started = folded.session();
  if (!started || started->kind == SessionKind::kSupervised)
    return StopReason{StopKind::kDied, "test-launcher run died before its end"};
  if (started->ctest_end_mark == ctest_end_mark(state))
    return StopReason{StopKind::kDied, "ctest died before its end"};
  if (stops_on_failure(started->selection) && folded.counts().succeeded() < folded.tests().size())
    return StopReason{StopKind::kFailFast, "a test failed, and --stop-on-failure was given"};
  return std::nullopt;
}

Result<void> start_session(const StateDirectory& state, const SessionPlan& plan) {
  if (is_there(state.journal(plan.id))) return {};
  {
    SPECGUARD_TRY(const auto held, lock(state));
    if (is_there(state.journal(plan.id))) return {};
    SPECGUARD_TRY_VOID(settle_locked(state));
    prune(state);
    SPECGUARD_TRY_VOID(create(state, plan));
  }
  // What front and keeper left when both were killed at one blow. The others need not wait for it.
  supervise::sweep(supervise::SweepMode::kClear);
  return {};
}

Result<void> settle_dead_sessions(const StateDirectory& state) {
  if (!is_there(state.sessions())) return {};
  SPECGUARD_TRY(const auto held, lock(state));
  SPECGUARD_TRY_VOID(settle_locked(state));
  return check_journals(state);
}

Result<journal::SuiteCounts> end_session(const StateDirectory& state, const std::string& id,
                                         const std::optional<StopReason>& stop) {
  SPECGUARD_TRY(const auto held, lock(state));
  SPECGUARD_TRY(auto writer, journal::JournalWriter::open(state.journal(id)));
  const journal::Record last = stop ? journal::Record(journal::SessionStopped{wall_now(), *stop})
                                    : journal::Record(journal::SessionFinished{wall_now()});
  SPECGUARD_TRY_VOID(writer.append(last));
  SPECGUARD_TRY_VOID(writer.sync());
  SPECGUARD_TRY(auto folded, journal::fold_journal(state.journal(id)));
  if (!folded.state.session())
    return base::Error(fmt::format("{}: its first record is damaged", state.journal(id).string()));
  const journal::SuiteCounts counts = folded.state.counts();
  SPECGUARD_TRY_VOID(settle(state, {id, std::move(folded)}));
  return counts;
}

Result<void> request_stop(const StateDirectory& state, const std::string& id,
                          const StopReason& reason) {
  SPECGUARD_TRY(const auto held, lock(state));
  if (is_there(state.stop_file(id))) return {};
  return sys::replace_file(state.stop_file(id), base::dump_json(journal::to_json(reason)) + "\n",
                           sys::Durability::kDurable);
}

std::optional<StopReason> stop_requested(const StateDirectory& state, const std::string& id) {
  const auto text = sys::read_file(state.stop_file(id), 1 << 20);
  if (!text) return std::nullopt;
  const auto json = base::parse_json(*text, "stop.json");
  StopReason reason{StopKind::kGuard, "the session was stopped"};
  if (json) journal::from_json(*json, reason);
  return reason;
}

void mark_degraded(const StateDirectory& state, const std::string& id) {
  // Where even this fails there is nothing left to try; the verdict stands in any case.
  [[maybe_unused]] const auto marked =
      sys::overwrite_in_place(state.health(id), journal::kHealthDegraded);
}

bool is_degraded(const StateDirectory& state, const std::string& id) {
  const auto text = sys::read_file(state.health(id), 64);
  return text && *text != journal::kHealthOk;
}

std::vector<KnownSession> read_sessions(const StateDirectory& state, bool unsettled_only) {
  std::vector<KnownSession> sessions;
  std::error_code error;
  for (fs::directory_iterator it(state.sessions(), error), end; !error && it != end;
       it.increment(error)) {
    const std::string id = it->path().filename().string();
    if (!journal::is_session_id(id) || (unsettled_only && is_there(state.settled(id)))) continue;
    auto folded = journal::fold_journal(state.journal(id));
    if (!folded || !folded->state.session()) continue;
    sessions.push_back({id, std::move(folded).value()});
  }
  std::sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) {
    return a.journal.state.session()->number < b.journal.state.session()->number;
  });
  return sessions;
}

}  // namespace specguard::session
