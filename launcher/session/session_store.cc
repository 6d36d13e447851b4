#include "session/session_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

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
#include "session/selected_tests.h"
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
using journal::SessionStarted;
using journal::StateDirectory;
using journal::StopKind;
using journal::StopReason;

// Longer than it takes to fold the journal of a huge suite on a slow disk.
constexpr std::chrono::seconds kLockPatience{30};
constexpr std::size_t kKeptSessions = 20;
// A launcher whose ctest died gives its test half a second, and then SIGKILL.
constexpr std::chrono::seconds kLauncherPatience{5};

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

const std::optional<Checkpoint> kNoCheckpoint;

struct FoldedSession {
  std::string id;
  journal::FoldedJournal journal;
};

// Its launchers outlive a session by a moment: what they still have to say is waited for.
void wait_for_launchers(const StateDirectory& state, const std::string& id) {
  [[maybe_unused]] const auto all_gone = sys::FileLock::acquire(state.live(id), kLauncherPatience);
}

Result<void> settle(const StateDirectory& state, const FoldedSession& session,
                    journal::CheckpointFile& checkpoint) {
  const auto stop = interruption(state, session.id, session.journal.state);
  const auto before = checkpoint.read();
  // One that cannot be believed cannot be kept up to date; a session that covers it replaces it.
  const auto& folded = session.journal;
  const SelectedTests selected = selected_tests(state, session.id, session.journal.state);
  const auto next = update_checkpoint(before ? **before : kNoCheckpoint,
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

struct NotedSession {
  std::string id;
  SessionStarted started;
};

// Those whose first record can be read, oldest first.
std::vector<NotedSession> noted_sessions(const StateDirectory& state, bool unsettled_only) {
  std::vector<NotedSession> sessions;
  std::error_code error;
  for (fs::directory_iterator it(state.sessions(), error), end; !error && it != end;
       it.increment(error)) {
    const std::string id = it->path().filename().string();
    if (!journal::is_session_id(id) || (unsettled_only && is_there(state.settled(id)))) continue;
    auto started = journal::read_session_started(state.journal(id));
    if (!started) {  // where the newline after it is damaged, only the whole tells
      if (auto folded = journal::fold_journal(state.journal(id))) started = folded->state.session();
    }
    if (started) sessions.push_back({id, std::move(*started)});
  }
  std::sort(sessions.begin(), sessions.end(),
            [](const auto& a, const auto& b) { return a.started.number < b.started.number; });
  return sessions;
}

Result<void> settle_locked(const StateDirectory& state, journal::CheckpointFile& checkpoint) {
  for (const NotedSession& session : noted_sessions(state, /*unsettled_only=*/true)) {
    if (is_alive(session.started.owner)) continue;
    wait_for_launchers(state, session.id);
    auto folded = journal::fold_journal(state.journal(session.id));
    if (!folded || !folded->state.session()) continue;  // check_journals() has words for it
    SPECGUARD_TRY_VOID(settle(state, {session.id, std::move(*folded)}, checkpoint));
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
    const auto sessions = noted_sessions(state, /*unsettled_only=*/false);
    if (!sessions.empty()) last = sessions.back().started.number;
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
const std::optional<Checkpoint>& checkpoint_to_resume(journal::CheckpointFile& file) {
  const auto checkpoint = file.read();
  if (checkpoint) return **checkpoint;
  say("test-launcher: warning: nothing is resumed: {}\n", checkpoint.error().message());
  return kNoCheckpoint;
}

Result<void> create(const StateDirectory& state, const SessionPlan& plan,
                    journal::CheckpointFile& checkpoint) {
  const std::optional<Checkpoint>& from =
      plan.resumes ? checkpoint_to_resume(checkpoint) : kNoCheckpoint;
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

Result<void> start_session(const StateDirectory& state, const SessionPlan& plan,
                           journal::CheckpointFile& checkpoint) {
  if (is_there(state.journal(plan.id))) return {};
  {
    SPECGUARD_TRY(const auto held, lock(state));
    if (is_there(state.journal(plan.id))) return {};
    SPECGUARD_TRY_VOID(settle_locked(state, checkpoint));
    prune(state);
    SPECGUARD_TRY_VOID(create(state, plan, checkpoint));
  }
  // What front and keeper left when both were killed at one blow. The others need not wait for it.
  supervise::sweep(supervise::SweepMode::kClear);
  return {};
}

Result<void> settle_dead_sessions(const StateDirectory& state,
                                  journal::CheckpointFile& checkpoint) {
  if (!is_there(state.sessions())) return {};
  SPECGUARD_TRY(const auto held, lock(state));
  SPECGUARD_TRY_VOID(settle_locked(state, checkpoint));
  return check_journals(state);
}

Result<journal::SuiteCounts> end_session(const StateDirectory& state, const std::string& id,
                                         const std::optional<StopReason>& stop,
                                         journal::CheckpointFile& checkpoint) {
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
  SPECGUARD_TRY_VOID(settle(state, {id, std::move(folded)}, checkpoint));
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

}  // namespace specguard::session
