// SessionHistory: what the journals of a build tree say about its newest session and about those
// whose results it took over, with the time of each attempt.
//
// It only reads, takes no lock and settles nothing, so it may be asked at any moment: while a
// session runs, after a crash, with none yet. A journal of a newer launcher is an Error; damage is
// a note, and everything that is whole is used.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "journal/fold.h"
#include "journal/state_directory.h"

namespace specguard::session {

struct AttemptNote {
  std::string test;
  base::WallTime started{};
  std::optional<base::WallTime> finished;  // absent: still running, or nobody saw its end
  journal::Origin origin = journal::Origin::kRun;
  base::Outcome outcome = base::Outcome::kAborted;
  std::chrono::nanoseconds wall{0};  // as the launcher measured it
};

enum class SessionState {
  kRunning,
  kStopping,  // it was told to end and has not yet
  kFinished,
  kStopped,  // in order: by the guard, a signal, --fail-fast
  kDied,     // killed, or the machine went down
};
std::string_view session_state_name(SessionState state);

struct SessionRecord {
  std::string id;
  journal::SessionStarted started;  // all empty where the journal's first record is damaged
  journal::SuiteState state;
  journal::JournalAccount account;
  std::vector<AttemptNote> attempts;  // in the order of their starts
  base::WallTime last{};              // the latest time that any record gives
  bool degraded = false;              // records may be missing
};

struct SessionHistory {
  std::vector<SessionRecord> sessions;  // never empty; the newest is the last
  SessionState state = SessionState::kFinished;
  std::optional<journal::StopReason> stop;  // why the newest stopped early
  std::vector<std::string> notes;           // for people: what could not be read, one sentence each

  const SessionRecord& newest() const { return sessions.back(); }
};

// nullopt: no session yet.
base::Result<std::optional<SessionHistory>> read_session_history(
    const journal::StateDirectory& state);

base::Result<SessionRecord> read_session(const journal::StateDirectory& state,
                                         const std::string& id);

// How long each test took in the sessions that are kept and are not in the history, for an
// estimate. Reads at most the newest few; what cannot be read is left out.
std::unordered_map<std::string, std::chrono::nanoseconds> earlier_durations(
    const journal::StateDirectory& state, const SessionHistory& history);

}  // namespace specguard::session
