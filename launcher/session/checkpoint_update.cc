#include "session/checkpoint_update.h"

#include <algorithm>
#include <unordered_set>

namespace specguard::session {
namespace {

using base::Outcome;
using journal::Checkpoint;
using journal::SessionStarted;
using journal::StopKind;
using journal::TestState;

bool covers(const SessionStarted& session, const std::optional<Checkpoint>& before) {
  return !before || session.selection.empty() || session.selection == before->selection;
}

Checkpoint checkpoint_of(const EndedSession& session, base::WallTime now) {
  const SessionStarted& started = *session.state.session();
  Checkpoint checkpoint;
  checkpoint.saved = now;
  checkpoint.session = session.id;
  checkpoint.number = started.number;
  checkpoint.selection = started.selection;
  if (session.stop) checkpoint.stop = *session.stop;
  checkpoint.degraded = session.degraded;
  checkpoint.damaged = session.damaged;
  // A test is guilty of a crash only where it was in flight when the session died. One that
  // somebody stopped has ended it; and where records are missing, "started, not finished" proves
  // nothing.
  const bool died = session.stop && session.stop->kind == StopKind::kDied;
  checkpoint.tests = session.state.carried_over(!died || session.degraded || session.damaged != 0);
  if (!session.selected) return checkpoint;
  checkpoint.all_known = true;
  for (const std::string& name : *session.selected)
    if (session.state.find(name) == nullptr) checkpoint.not_started.push_back(name);
  return checkpoint;
}

// The newer states, and before them those that the newer session knows nothing of.
void keep_the_rest(const Checkpoint& before, const SessionStarted& started, Checkpoint& next) {
  std::unordered_set<std::string> known;
  for (const TestState& test : next.tests) known.insert(test.test.name);
  std::vector<TestState> tests;
  for (const TestState& test : before.tests)
    if (!known.contains(test.test.name)) tests.push_back(test);
  tests.insert(tests.end(), std::make_move_iterator(next.tests.begin()),
               std::make_move_iterator(next.tests.end()));
  next.tests = std::move(tests);

  std::vector<std::string> not_started = before.not_started;
  not_started.insert(not_started.end(), next.not_started.begin(), next.not_started.end());
  std::erase_if(not_started, [&](const std::string& name) { return known.contains(name); });
  std::sort(not_started.begin(), not_started.end());
  not_started.erase(std::unique(not_started.begin(), not_started.end()), not_started.end());
  next.not_started = std::move(not_started);
  next.all_known = before.all_known;

  // Two selections that do not contain each other: only the whole suite covers both.
  const bool is_part_of_it = before.selection.empty() || started.continues == before.session;
  next.selection = is_part_of_it ? before.selection : std::string();
  next.degraded = next.degraded || before.degraded;
  next.damaged += before.damaged;
}

// It has a result, and a failure is one of the session that has just ended: nobody waits for it.
bool is_done(const TestState& test, const journal::SuiteState& latest) {
  if (!test.finished || test.result.outcome == Outcome::kAborted) return false;
  if (base::is_success(test.result.outcome)) return true;
  const TestState* now = latest.find(test.test.name);
  const bool earned_now = now != nullptr && !now->replayed;
  return earned_now && (test.result.outcome != Outcome::kNotRun || test.quarantined);
}

}  // namespace

std::optional<Checkpoint> update_checkpoint(const std::optional<Checkpoint>& before,
                                            const EndedSession& session, base::WallTime now) {
  const SessionStarted& started = *session.state.session();
  const bool covers_all = covers(started, before);
  if (!session.stop && covers_all) return std::nullopt;
  Checkpoint next = checkpoint_of(session, now);
  if (covers_all) return next;
  keep_the_rest(*before, started, next);
  if (session.stop) return next;
  next.stop = before->stop;
  const bool nothing_left =
      next.all_known && next.not_started.empty() &&
      std::all_of(next.tests.begin(), next.tests.end(),
                  [&](const TestState& test) { return is_done(test, session.state); });
  if (nothing_left) return std::nullopt;
  return next;
}

}  // namespace specguard::session
