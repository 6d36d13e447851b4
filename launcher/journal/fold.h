// Folding: from a journal's records, in order, to the state of each test. One pass, linear.
//
// A session's journal is complete in itself: a resuming session begins its own with what it took
// over (`carried` records). So the fold of one journal is the state of the whole chain of sessions.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/journal_reader.h"
#include "journal/record.h"

namespace specguard::journal {

struct SuiteCounts {
  std::array<std::size_t, 14> by_outcome{};  // of finished tests, indexed by base::Outcome
  std::size_t in_flight = 0;
  std::size_t total = 0;     // tests that the journal knows; others may never have started
  std::size_t replayed = 0;  // of the finished ones

  std::size_t of(base::Outcome outcome) const {
    return by_outcome[static_cast<std::size_t>(outcome)];
  }
  std::size_t succeeded() const { return of(base::Outcome::kPassed) + of(base::Outcome::kSkipped); }
};

class SuiteState {
 public:
  void apply(Record&& record);

  const std::optional<SessionStarted>& session() const { return session_; }
  const std::optional<StopReason>& stop() const { return stop_; }
  bool finished() const { return finished_; }

  // In the order in which the journal first names them.
  const std::vector<TestState>& tests() const { return tests_; }
  const TestState* find(const std::string& name) const;
  SuiteCounts counts() const;

  // The states as the next session takes them over, after this one has died or was stopped: what
  // was in flight counts a crash more. Not so in a degraded session: there, "started and not
  // finished" may be a record that could not be written.
  std::vector<TestState> carried_over(bool degraded) const;

 private:
  struct Progress {
    std::string attempt;    // the one in flight, or the last
    unsigned attempts = 0;  // finished in this session
  };

  std::size_t index_of(const TestIdentity& test);
  void on(SessionStarted&& record);
  void on(TestState&& record);
  void on(AttemptStarted&& record);
  void on(AttemptFinished&& record);
  void on(SessionStopped&& record);
  void on(SessionFinished&& record);

  std::optional<SessionStarted> session_;
  std::optional<StopReason> stop_;
  bool finished_ = false;
  std::vector<TestState> tests_;
  std::vector<Progress> progress_;  // parallel to tests_
  std::unordered_map<std::string, std::size_t> by_name_;
};

struct FoldedJournal {
  SuiteState state;
  JournalAccount account;
};

base::Result<FoldedJournal> fold_journal(const std::filesystem::path& path);

}  // namespace specguard::journal
