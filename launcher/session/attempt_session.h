// AttemptSession: what one attempt of `exec` has to do with its session.
//
// Before the test it is admitted: run it, return the recorded result, or do not run it. Afterwards
// its result is recorded. Both cost microseconds, save for the first launcher of a session, which
// sets it up. Nothing here ever changes a verdict: where the journal cannot be written, the test
// runs and counts, the session is marked degraded, and `warning` says so.
//
// The object is plain data and file descriptors: the keeper, forked after admit(), calls
// finished().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/outcome.h"
#include "journal/journal_writer.h"
#include "journal/record.h"
#include "journal/state_directory.h"
#include "session/bare_ctest.h"
#include "sys/append_log.h"

namespace specguard::session {

struct AttemptRequest {
  std::string attempt;              // its id
  std::string name;                 // CTest's name of the test
  std::filesystem::path build_dir;  // empty: none known, then there is no session
  std::filesystem::path spec;       // empty: none
  std::vector<std::string> command;
  std::string settings;            // whatever else a result depends on, spelled the same each time
  std::string supervised_session;  // SPECGUARD_SESSION; empty: a bare ctest, or by hand
  std::optional<BareCtest> ctest;  // the one that it runs under
  bool resume = false;             // SPECGUARD_RESUME=1
};

struct RunTest {};
struct ReplayResult {
  base::AttemptResult result;
};
// It fails; the launcher ends so that CTest cannot make a pass of it.
struct DoNotRun {
  std::string reason;
  bool quarantined = false;
};
using Admission = std::variant<RunTest, ReplayResult, DoNotRun>;

class AttemptSession {
 public:
  // Never fails. A replayed result and a refusal are recorded before it returns.
  static AttemptSession admit(const AttemptRequest& request);

  const Admission& admission() const { return admission_; }

  // For people, one line; empty where all is well.
  const std::string& warning() const { return warning_; }

  // The session's id and place, where there is one: the guard of a bare ctest needs them.
  const std::optional<std::string>& id() const { return id_; }
  const journal::StateDirectory& state() const { return state_; }
  bool is_bare() const { return is_bare_; }  // nobody supervises it

  // Records the end of an attempt that was run. Syncs after a test of a second or more, unless
  // somebody did within the last second.
  void finished(const base::AttemptResult& result);

 private:
  AttemptSession(journal::StateDirectory state, std::string attempt, journal::TestIdentity test)
      : state_(std::move(state)), attempt_(std::move(attempt)), test_(std::move(test)) {}

  void join(const AttemptRequest& request);
  void show_life();
  void decide();
  std::optional<base::AttemptResult> recorded_result(std::uint64_t offset,
                                                     std::uint32_t size) const;
  void refuse(std::string reason, journal::Origin origin);
  void record(const journal::Record& record);
  void degrade(const base::Error& error);

  journal::StateDirectory state_;
  std::string attempt_;
  journal::TestIdentity test_;
  std::optional<std::string> id_;
  bool is_bare_ = false;
  std::optional<sys::FileLock> live_;  // until the front and the keeper are gone
  std::optional<journal::JournalWriter> writer_;
  Admission admission_ = RunTest{};
  std::string warning_;
};

// Name, content of the spec, and command with the files that it names: size and time of each, and
// of its program, so that a rebuilt test is another test. Reads the spec, at most 64 MiB.
journal::TestIdentity identify(const AttemptRequest& request);

}  // namespace specguard::session
