// SessionStore: sessions of a build tree are started, settled and ended here, whoever starts them.
//
// Started: the first launcher of a bare ctest, or `run`, makes the session's directory while it
// holds the tree's lock. A resuming session takes over what the checkpoint holds: its journal
// begins with it. Settled: a session whose owner died without an end becomes the checkpoint; this
// happens when the next session starts, or somebody asks for the state. Two sessions may live at
// once in one tree: each has its own journal, and the one that is settled last gives the
// checkpoint.
//
// A bare ctest has nobody who runs after its last test. Whether it came to its end is read from
// CTest's own CTestCostData.txt, which it replaces when it ends, and at no other time: one that is
// the same as when the session began means that ctest died. Where that is misread (another ctest
// ended in the same tree), it is so that tests run once more, never so that they do not.
//
// `checkpoint` is the tree's, kept by the caller from one call to the next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "journal/checkpoint.h"
#include "journal/fold.h"
#include "journal/record.h"
#include "journal/state_directory.h"

namespace specguard::session {

struct SessionPlan {
  std::string id;
  journal::SessionKind kind = journal::SessionKind::kBare;
  journal::ProcessKey owner;
  bool resumes = false;
  std::string selection;  // ctest options that choose tests; empty: the whole suite
};

// This process, or another one; nullopt where it is gone.
std::optional<journal::ProcessKey> process_key(int pid);

// True where the process lives. One of another boot or pid namespace counts as dead: at worst a
// live session's results are replayed by another one, which is true all the same.
bool is_alive(const journal::ProcessKey& key);

// "CTestCostData.txt" as it is now.
std::string ctest_end_mark(const journal::StateDirectory& state);

// Does nothing where the session is there already. When it returns, the journal is there and
// synced, and what dead launchers left on the machine is cleared (supervise/sweep.h).
base::Result<void> start_session(const journal::StateDirectory& state, const SessionPlan& plan,
                                 journal::CheckpointFile& checkpoint);

// What a dead session that nobody has settled yet leaves: the reason where it was interrupted,
// nothing where it came to its end.
std::optional<journal::StopReason> interruption(const journal::StateDirectory& state,
                                                const std::string& id,
                                                const journal::SuiteState& folded);

// Turns dead sessions into the checkpoint, or removes it where they came to their end. An Error
// also where a session's journal cannot be understood: what it holds may be newer than the
// checkpoint.
base::Result<void> settle_dead_sessions(const journal::StateDirectory& state,
                                        journal::CheckpointFile& checkpoint);

// The end of a supervised session, with the reason where it was stopped. The checkpoint is up to
// date (session/checkpoint_update.h), and durable, when it returns.
base::Result<journal::SuiteCounts> end_session(const journal::StateDirectory& state,
                                               const std::string& id,
                                               const std::optional<journal::StopReason>& stop,
                                               journal::CheckpointFile& checkpoint);

// Says that the session must end; its launchers start nothing more. The first call wins.
base::Result<void> request_stop(const journal::StateDirectory& state, const std::string& id,
                                const journal::StopReason& reason);
std::optional<journal::StopReason> stop_requested(const journal::StateDirectory& state,
                                                  const std::string& id);

// Records of the session are missing from now on. Best effort, works on a full disk.
void mark_degraded(const journal::StateDirectory& state, const std::string& id);
bool is_degraded(const journal::StateDirectory& state, const std::string& id);

}  // namespace specguard::session
