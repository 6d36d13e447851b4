// Supervisor: one ctest under supervision, from its start until nothing of it is left.
//
// The calling process becomes a child subreaper: whatever a test leaves behind becomes its child,
// and is ended. ctest runs in a process group of its own, so that a terminal's Ctrl-C arrives here
// alone and there is one order in which things end:
//
//   1. stop.json is durable: no launcher starts a test any more.
//   2. ctest gets SIGTERM and dies at once; the launchers and every other process get SIGTERM; the
//      launchers end their tests and record them as aborted.
//   3. What is left after 4 s, or at a second Ctrl-C, gets SIGKILL, until nothing is left.
//   4. Containers that killed launchers left are removed, by a process that outlives the caller.
//
// With OnPressure::kWait a hold stops ctest itself (SIGSTOP): tests that run go on, none starts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/outcome.h"
#include "guard/thresholds.h"
#include "journal/record.h"
#include "session/ctest_process.h"
#include "supervise/container_removal.h"

namespace specguard::session {

struct SupervisedRun {
  CtestCommand ctest;
  std::filesystem::path build_dir;          // its disk is watched
  std::filesystem::path session_directory;  // stop.json goes here
  std::optional<guard::Thresholds> limits;  // absent: no guard
};

struct SupervisedEnd {
  int ctest_exit_code = -1;                  // -1: ctest died by a signal
  int ctest_signal = 0;                      // that signal
  std::optional<journal::StopReason> stop;   // why it was stopped; absent: ctest ended by itself
  std::vector<base::ProcessNote> leftovers;  // what unguarded tests left, and was ended
  std::vector<base::ProcessNote> survivors;  // what could not be ended
  std::optional<supervise::ContainerRemoval> removal;  // of containers that were left; under way
  base::MonotonicTime removal_deadline{};              // it is not worth waiting longer
};

base::Result<SupervisedEnd> supervise_ctest(const SupervisedRun& run);

}  // namespace specguard::session
