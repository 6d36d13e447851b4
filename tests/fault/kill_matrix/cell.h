// One cell of the kill matrix: a test that ends in some way, has some bad habit, and something
// happens to it or to those who watch over it. The measure: how many of its processes live 2 s
// later.
#pragma once

#include <chrono>
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

struct Cell {
  std::string end;    // "0", "1" or "hang": misbehave's first argument
  std::string habit;  // misbehave's second
  Event event = Event::kNone;
  bool at_random = false;  // at a random moment rather than once the habit is under way
  bool in_group = false;   // with limits that need a control group of the test's own
};

struct CellResult {
  int after_two_seconds = 0;  // alive 2 s after the launcher's end
  int survivors = 0;          // alive when nobody of the launcher can be expected to act any more
  int after_sweep = 0;        // and after `test-launcher reap`, where there were any
  int kills = 0;              // SIGKILLs that hit a living process
  bool ended = true;          // the launcher, or ctest, came to an end by itself
  std::string survivors_are;  // command lines
};

const char* event_name(Event event);
bool needs_sweep(Event event);
const std::vector<std::string>& habits();
const std::vector<Event>& events();

// Front and keeper of a test that keeps forking are killed; then there is one sweep.
bool one_sweep_ends_chains();

// A random moment comes at most `latest` after the start.
CellResult run_cell(const Cell& cell, std::mt19937& random, std::chrono::milliseconds latest);

}  // namespace specguard::testing
