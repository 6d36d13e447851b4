#include "session/session_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "journal/checkpoint.h"
#include "session/session_store.h"

namespace specguard::session {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Result;
using journal::StateDirectory;

constexpr std::size_t kMaxEarlierSessions = 3;

struct Candidate {
  std::string id;
  std::uint64_t number = 0;  // 0: its first record cannot be read
  fs::file_time_type changed;
};

// Oldest first. Numbers decide; a session without a readable one stands where its file's time says.
std::vector<Candidate> list_sessions(const StateDirectory& state) {
  std::vector<Candidate> numbered;
  std::vector<Candidate> others;
  std::error_code error;
  for (fs::directory_iterator it(state.sessions(), error), end; !error && it != end;
       it.increment(error)) {
    Candidate candidate{.id = it->path().filename().string(), .changed = {}};
    const fs::path journal = state.journal(candidate.id);
    std::error_code absent;
    candidate.changed = fs::last_write_time(journal, absent);
    if (absent || !journal::is_session_id(candidate.id)) continue;
    if (const auto started = journal::read_session_started(journal))
      candidate.number = started->number;
    (candidate.number != 0 ? numbered : others).push_back(std::move(candidate));
  }
  std::sort(numbered.begin(), numbered.end(),
            [](const Candidate& a, const Candidate& b) { return a.number < b.number; });
  for (Candidate& other : others) {
    const auto newer = [&](const Candidate& known) { return known.changed > other.changed; };
    numbered.insert(std::find_if(numbered.begin(), numbered.end(), newer), std::move(other));
  }
  return numbered;
}

// Notes when attempts begin and end; the fold keeps only how far each test has come.
class TimeKeeper {
 public:
  explicit TimeKeeper(SessionRecord& record) : record_(record) {}

  void note(const journal::Record& record) {
    if (const auto* started = std::get_if<journal::SessionStarted>(&record)) see(started->at);
    if (const auto* started = std::get_if<journal::AttemptStarted>(&record)) on(*started);
    if (const auto* finished = std::get_if<journal::AttemptFinished>(&record)) on(*finished);
    if (const auto* stopped = std::get_if<journal::SessionStopped>(&record)) see(stopped->at);
    if (const auto* finished = std::get_if<journal::SessionFinished>(&record)) see(finished->at);
  }

 private:
  void see(base::WallTime at) { record_.last = std::max(record_.last, at); }

  void on(const journal::AttemptStarted& started) {
    see(started.at);
    open_[started.attempt] = record_.attempts.size();
    record_.attempts.push_back({.test = started.test.name, .started = started.at});
  }

  void on(const journal::AttemptFinished& finished) {
    see(finished.at);
    const auto open = open_.find(finished.attempt);
    AttemptNote& note =
        open != open_.end() ? record_.attempts[open->second] : record_.attempts.emplace_back();
    if (open == open_.end()) {
      note.test = finished.test.name;
      note.started = finished.at;
    }
    note.finished = finished.at;
    note.origin = finished.origin;
    note.outcome = finished.result.outcome;
    note.wall = finished.result.usage.wall;
  }

  SessionRecord& record_;
  std::unordered_map<std::string, std::size_t> open_;
};

void note_losses(const StateDirectory& state, const SessionRecord& session,
                 std::vector<std::string>& notes) {
  const std::string journal = state.journal(session.id).string();
  if (session.started.session.empty())
    notes.push_back(
        fmt::format("{}: its first record is damaged; when and how this session was "
                    "started is not known",
                    journal));
  if (session.account.damaged != 0)
    notes.push_back(fmt::format(
        "{}: {} damaged {}, the first at byte {}; the tests they were "
        "about may show an earlier state",
        journal, session.account.damaged, session.account.damaged == 1 ? "record" : "records",
        session.account.damaged_at.front()));
  if (session.degraded)
    notes.push_back(
        fmt::format("{}: some results could not be recorded (a full disk?); the tests "
                    "they were about count as left",
                    journal));
}

void judge_end(const StateDirectory& state, SessionHistory& history) {
  const SessionRecord& newest = history.newest();
  history.stop = newest.state.stop();
  if (newest.state.finished()) {
    history.state = SessionState::kFinished;
    history.stop.reset();
    return;
  }
  const bool alive = !newest.started.session.empty() && is_alive(newest.started.owner);
  if (alive) {
    if (const auto requested = stop_requested(state, newest.id)) history.stop = requested;
    history.state = history.stop ? SessionState::kStopping : SessionState::kRunning;
    return;
  }
  std::error_code ignored;
  if (!history.stop && fs::exists(state.settled(newest.id), ignored)) {
    // Somebody has judged it already: what it left is the checkpoint, or nothing was left.
    const auto checkpoint = journal::read_checkpoint(state.checkpoint());
    if (checkpoint && *checkpoint && (*checkpoint)->session == newest.id)
      history.stop = (*checkpoint)->stop;
  } else if (!history.stop) {
    history.stop = interruption(state, newest.id, newest.state);
  }
  history.state = !history.stop                                    ? SessionState::kFinished
                  : history.stop->kind == journal::StopKind::kDied ? SessionState::kDied
                                                                   : SessionState::kStopped;
}

}  // namespace

std::string_view session_state_name(SessionState state) {
  switch (state) {
    case SessionState::kRunning:
      return "running";
    case SessionState::kStopping:
      return "stopping";
    case SessionState::kFinished:
      return "finished";
    case SessionState::kStopped:
      return "stopped";
    case SessionState::kDied:
      break;
  }
  return "died";
}

Result<SessionRecord> read_session(const StateDirectory& state, const std::string& id) {
  SessionRecord session;
  session.id = id;
  TimeKeeper keeper(session);
  SPECGUARD_TRY(session.account,
                journal::read_journal(state.journal(id),
                                      [&](journal::Record&& record, std::uint64_t, std::uint64_t) {
                                        keeper.note(record);
                                        session.state.apply(std::move(record));
                                      }));
  if (session.account.records == 0)
    return Error(
        fmt::format("{}: damaged, no record in it is whole; remove {} to forget that "
                    "session",
                    state.journal(id).string(), state.session(id).string()));
  if (session.state.session()) session.started = *session.state.session();
  session.degraded = is_degraded(state, id);
  return session;
}

Result<std::optional<SessionHistory>> read_session_history(const StateDirectory& state) {
  const std::vector<Candidate> sessions = list_sessions(state);
  if (sessions.empty()) return std::optional<SessionHistory>();
  SessionHistory history;
  std::unordered_set<std::string> seen;
  for (std::string id = sessions.back().id; !id.empty() && seen.insert(id).second;) {
    auto session = read_session(state, id);
    if (!session && history.sessions.empty()) return session.error();
    if (!session) {
      // Its results were taken over; only what it did, and when, is gone.
      std::error_code error;
      if (fs::exists(state.journal(id), error))
        history.notes.push_back("an earlier session is left out: " + session.error().message());
      break;
    }
    note_losses(state, *session, history.notes);
    id = session->started.continues;
    if (!id.empty() && !journal::is_session_id(id)) id.clear();
    history.sessions.insert(history.sessions.begin(), std::move(*session));
  }
  judge_end(state, history);
  return std::optional(std::move(history));
}

std::unordered_map<std::string, std::chrono::nanoseconds> earlier_durations(
    const StateDirectory& state, const SessionHistory& history) {
  std::unordered_map<std::string, std::chrono::nanoseconds> durations;
  std::vector<Candidate> sessions = list_sessions(state);
  std::erase_if(sessions, [&](const Candidate& candidate) {
    return std::any_of(history.sessions.begin(), history.sessions.end(),
                       [&](const SessionRecord& known) { return known.id == candidate.id; });
  });
  const std::size_t first = sessions.size() - std::min(sessions.size(), kMaxEarlierSessions);
  for (std::size_t i = first; i < sessions.size(); ++i) {
    const auto session = read_session(state, sessions[i].id);
    if (!session) continue;
    for (const AttemptNote& attempt : session->attempts)
      if (attempt.finished && attempt.origin == journal::Origin::kRun &&
          attempt.outcome != base::Outcome::kAborted)
        durations[attempt.test] = attempt.wall;
  }
  return durations;
}

}  // namespace specguard::session
