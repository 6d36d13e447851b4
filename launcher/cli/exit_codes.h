// The exit codes of test-launcher itself; docs/exit-codes.md says them to users. `exec` passes a
// test's own code through.
#pragma once

namespace specguard::cli {

enum ExitCode : int {
  kExitSuccess = 0,
  kExitFailure = 1,          // a subcommand could not do its work; the message says why
  kExitUsage = 2,            // unknown option, ill-valued option, missing argument
  kExitTestsFailed = 8,      // ctest's own code for failed tests
  kExitStoppedByGuard = 42,  // the guard stopped the run; a checkpoint is saved
  kExitUnusableCheckpoint = 43,
  kExitSkipped = 77,         // the default of --skip-code
  kExitTimeout = 124,        // exec by hand: the test timed out, as timeout(1) says it
  kExitLauncherError = 125,  // exec: the launcher could not run the test as asked
  kExitHangup = 129,
  kExitInterrupted = 130,
  kExitTerminated = 143,
};

}  // namespace specguard::cli
