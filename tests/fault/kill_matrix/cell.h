// One cell of the kill matrix: a test that ends in some way, has some bad habit, and something
// happens to it or to those who watch over it. The measure: how many of its processes live 2 s
// later.
#pragma once

#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace specguard::testing {

enum class Event {
  kNone,  // the launcher lives
  kKillFront,
  kKillKeeper,
  kKillBoth,
  kKillCtest,
  kKillShell,          // the shell above ctest
  kCtestTimeout,       // ctest's own timer, of which the launcher knows nothing
  kStopBothKillCtest,  // ctest dies in the middle of that
  kInterrupt,          // SIGINT to the process group, as Ctrl-C does
  kInterruptTwice,
  kHangup,
  kTerminate,
};

// How the test would end if nothing else happened.
enum class End { kPasses, kFails, kHangs, kTimesOut, kIsCancelled };

enum class Moment {
  kUnderWay,    // once the habit is under way
  kSinceStart,  // at random, counted from the launcher's start
  kAtItsEnd,    // at random, while the launcher ends what timed out or was cancelled
};

// Where the test runs: nothing of it for a plain process.
struct Place {
  std::vector<std::string> options;  // of `exec`, but for --build-dir
  std::map<std::string, std::string> environment;
  unsigned user = 0;  // whose the directory of the test is
  bool is_pid_namespace() const { return !options.empty(); }
};

struct Cell {
  End end = End::kHangs;
  std::string habit;  // misbehave's second argument
  Event event = Event::kNone;
  Moment moment = Moment::kUnderWay;
  bool in_group = false;  // with limits that need a control group of the test's own
  Place place{};
  std::string name = "cell";  // of the test
};

struct CellResult {
  int after_two_seconds = 0;  // alive 2 s after the launcher's end
  int survivors = 0;          // alive when nobody of the launcher can be expected to act any more
  int after_sweep = 0;        // and after `test-launcher reap`, where there were any
  std::chrono::milliseconds alive_for{0};  // after the launcher's end, in steps of some 10 ms
  int kills = 0;                           // SIGKILLs that hit a living process
  bool ended = true;                       // the launcher, or ctest, came to an end by itself
  std::string survivors_are;               // command lines
};

const char* event_name(Event event);
const char* end_name(End end);
bool needs_sweep(const Cell& cell);
const std::vector<std::string>& habits();
const std::vector<Event>& events();

// Front and keeper of a test that keeps forking are killed; then there is one sweep.
bool one_sweep_ends_chains();

// A random moment comes at most `latest` after the start.
CellResult run_cell(const Cell& cell, std::mt19937& random, std::chrono::milliseconds latest);

}  // namespace specguard::testing
