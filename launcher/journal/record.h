// Record: one line of a session's journal, and its encoding.
//
// The journal of a session is what `resume`, `status` and `report` know about it. What it has to
// stand, and what it must not cost:
//
//   1. Many launchers append to one journal at the same time, each for one test, and any of them
//   may
//      be killed at any moment.
//   2. Recording a test takes microseconds, for CTest itself spends 2 ms on one.
//   3. A journal that was cut, or damaged in places, gives back all records that are whole.
//   4. A person with a pager, `jq` and no manual can read it.
//   5. A launcher that meets a newer format says so, and never guesses.
//
// So a record is one JSON object on one line, written by one write() at the end of the file, with
// its checksum and its format version:
//
//   {"sum":"9a0c3f21","at":"2026-11-24T22:00:00.123Z","attempt":"...","kind":"finished",...,"v":1}
//
// `sum` is the CRC-32C, in eight hexadecimal digits, of all bytes after its comma up to the
// newline. The 8 bytes {"sum":" begin every record and stand nowhere else in one (inside a string
// the quotes are escaped; no nested object has a key `sum`): the reader finds the next record
// behind any damage. Times are wall-clock, for people; nothing is ever subtracted from them, and
// order is the order of the lines.
//
// Also considered, and why not:
//   - SQLite: safe, but a transaction costs an fsync or gives up what it promises, 20 000 processes
//     queue for its lock, and no pager reads it.
//   - Binary records, as ninja's .ninja_deps: smaller, but no pager reads them.
//   - One file a test: no lock, but 20 000 files a session, and no order between them.
//   - Rewriting one state file after every test: quadratic, and each rewrite risks all earlier
//   results.
//   - A daemon that collects over a socket: dies with the machine it should survive, and a bare
//     `ctest` has nobody to start it.
//   - CTest's own CTestCheckpoint.txt and LastTestsFailed.log: they go by number, forget failures,
//     and a killed ctest writes none (docs/resume.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/outcome.h"
#include "base/result.h"
#include "journal/test_identity.h"

namespace specguard::journal {

// Raised whenever a record's meaning changes; old journals stay readable, and stay test fixtures.
inline constexpr int kFormatVersion = 1;

// A record never becomes longer than this: examples lose their messages first, then go altogether.
inline constexpr std::size_t kMaxRecordBytes = 1 << 20;

// Who started the session's tests.
enum class SessionKind {
  kBare,        // a `ctest` that knows nothing of us: keyed by its process
  kSupervised,  // `test-launcher run` or `resume`
};

// A process, so named that no other one can be meant: a pid alone is given again.
struct ProcessKey {
  int pid = 0;
  std::uint64_t start_ticks = 0;    // since the boot
  std::string boot;                 // the boot's id; another one means the process is gone
  std::uint64_t pid_namespace = 0;  // inode of the namespace that counts the pid

  friend bool operator==(const ProcessKey&, const ProcessKey&) = default;
};

// The first record of every journal.
struct SessionStarted {
  base::WallTime at{};
  std::string session;
  std::uint64_t number =
      0;  // grows by one a session of a build tree: their order, whatever clocks do
  SessionKind kind = SessionKind::kBare;
  ProcessKey owner;       // the ctest, or the supervising launcher, whose death ends the session
  bool resumes = false;   // it replays what is recorded
  std::string continues;  // the session whose results it took over; empty where none
  std::string selection;  // the ctest options that choose tests; empty: the whole suite
  std::string
      ctest_end_mark;    // what tells later whether ctest came to its end (session/bare_end.h)
  std::string launcher;  // version of the launcher
};

// How far a test has come. Also a record: what a resuming session took over from earlier ones.
struct TestState {
  TestIdentity test;
  bool in_flight = false;         // started and not finished
  bool finished = false;          // there is a result
  base::AttemptResult result;     // of the last finished attempt
  bool replayed = false;          // that result was carried over, not earned in this session
  bool quarantined = false;       // not run, because it was in flight at two crashes in a row
  unsigned crashes_in_a_row = 0;  // sessions that died while it was in flight, the last ones
  unsigned attempts = 0;          // finished ones, where ctest repeats tests
};

struct AttemptStarted {
  base::WallTime at{};
  std::string attempt;  // SPECGUARD_ATTEMPT of the test
  TestIdentity test;
};

// How the result came about.
enum class Origin {
  kRun,
  kReplayed,     // recorded earlier, returned again
  kQuarantined,  // not run
  kStopped,      // not run: the session had stopped
};

struct AttemptFinished {
  base::WallTime at{};
  std::string attempt;
  TestIdentity test;
  Origin origin = Origin::kRun;
  base::AttemptResult result;
};

// Why a session ended before its tests did.
enum class StopKind {
  kGuard,        // a threshold was exceeded
  kHangup,       // SIGHUP
  kInterrupted,  // SIGINT
  kTerminated,   // SIGTERM
  kFailFast,     // a test failed, and that was to be the end
  kDied,         // killed, or the machine went down: found out later
};

struct StopReason {
  StopKind kind = StopKind::kDied;
  std::string message;  // one sentence for people
};

struct SessionStopped {
  base::WallTime at{};
  StopReason reason;
};

// All tests that were selected have a result.
struct SessionFinished {
  base::WallTime at{};
};

using Record = std::variant<SessionStarted, TestState, AttemptStarted, AttemptFinished,
                            SessionStopped, SessionFinished>;

// "guard", "interrupted", ...; nullopt for a word that is no kind.
std::string_view stop_kind_name(StopKind kind);
std::optional<StopKind> parse_stop_kind(std::string_view name);

// The bytes that begin every record.
inline constexpr std::string_view kRecordStart = "{\"sum\":\"";

// One line with its newline, at most kMaxRecordBytes.
std::string encode_record(const Record& record);

enum class DecodeFailure {
  kDamaged,        // the checksum does not match, or what it covers is no record
  kFutureVersion,  // whole, but written by a newer launcher
};

// Reads a line, with or without its newline. The checksum is judged first, the version next.
std::variant<Record, DecodeFailure> decode_record(std::string_view line);

}  // namespace specguard::journal
