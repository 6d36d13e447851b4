#include "journal/fold.h"

#include <algorithm>
#include <utility>

namespace specguard::journal {

void SuiteState::apply(Record&& record) {
  std::visit([this](auto&& kind) { on(std::move(kind)); }, std::move(record));
}

const TestState* SuiteState::find(const std::string& name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &tests_[it->second];
}

SuiteCounts SuiteState::counts() const {
  SuiteCounts counts;
  counts.total = tests_.size();
  for (const TestState& test : tests_) {
    if (test.in_flight)
      ++counts.in_flight;
    else if (test.finished)
      ++counts.by_outcome[static_cast<std::size_t>(test.result.outcome)];
    if (test.finished && test.replayed && !test.in_flight) ++counts.replayed;
  }
  return counts;
}

std::vector<TestState> SuiteState::carried_over(bool degraded) const {
  std::vector<TestState> carried = tests_;
  for (TestState& test : carried) {
    test.replayed = true;
    if (!test.in_flight) continue;
    // What it was before says nothing any more: it was begun anew, and no one knows how it ended.
    test.finished = false;
    test.result = {};
    if (!degraded) ++test.crashes_in_a_row;
  }
  return carried;
}

std::size_t SuiteState::index_of(const TestIdentity& test) {
  const auto [it, is_new] = by_name_.try_emplace(test.name, tests_.size());
  if (is_new) {
    tests_.emplace_back().test = test;
    progress_.emplace_back();
  }
  return it->second;
}

void SuiteState::on(SessionStarted&& record) {
  session_ = std::move(record);
}

void SuiteState::on(TestState&& record) {
  TestState& state = tests_[index_of(record.test)];
  state = std::move(record);
  state.in_flight = false;  // nothing of this session's is, yet
}

void SuiteState::on(AttemptStarted&& record) {
  const std::size_t index = index_of(record.test);
  TestState& state = tests_[index];
  // Another content or command is another test as far as guilt goes.
  if (!(state.test == record.test)) state.crashes_in_a_row = 0;
  state.test = std::move(record.test);
  state.in_flight = true;
  progress_[index].attempt = std::move(record.attempt);
}

void SuiteState::on(AttemptFinished&& record) {
  const std::size_t index = index_of(record.test);
  TestState& state = tests_[index];
  Progress& progress = progress_[index];
  // The late end of an attempt that ctest gave up, while the next one of a repeated test runs.
  if (state.in_flight && progress.attempt != record.attempt) return;
  state.in_flight = false;
  if (record.origin == Origin::kStopped && state.finished &&
      base::is_success(state.result.outcome) && state.test == record.test)
    return;  // "not run" does not unmake what is known to have passed
  ++progress.attempts;
  state.attempts = record.origin == Origin::kReplayed ? std::max(state.attempts, progress.attempts)
                                                      : progress.attempts;
  state.test = std::move(record.test);
  state.finished = true;
  state.replayed = record.origin == Origin::kReplayed;
  state.quarantined = record.origin == Origin::kQuarantined;
  // Aborted says nothing about the test: neither that it brings the session down nor that it does
  // not. Not run says nothing either.
  const bool ended_by_itself = record.origin == Origin::kRun &&
                               record.result.outcome != base::Outcome::kAborted &&
                               record.result.outcome != base::Outcome::kNotRun;
  if (ended_by_itself) state.crashes_in_a_row = 0;
  state.result = std::move(record.result);
}

void SuiteState::on(SessionStopped&& record) {
  // The first reason is the cause; what follows is its effect (a guard's stop, then the Ctrl-C of
  // somebody who waits for it).
  if (!stop_) stop_ = std::move(record.reason);
}

void SuiteState::on(SessionFinished&&) {
  finished_ = true;
}

base::Result<FoldedJournal> fold_journal(const std::filesystem::path& path) {
  FoldedJournal folded;
  SPECGUARD_TRY(folded.account,
                read_journal(path, [&](Record&& record, std::uint64_t, std::uint64_t) {
                  folded.state.apply(std::move(record));
                }));
  return folded;
}

}  // namespace specguard::journal
