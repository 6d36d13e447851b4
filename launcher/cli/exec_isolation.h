// Where an attempt runs: from the options of `exec` to a backend.
#pragma once

#include "base/result.h"
#include "cli/exec_options.h"
#include "supervise/attempt.h"

namespace specguard::cli {

// Gives the attempt its backend, and takes from it the limits that the backend enforces itself. An
// Error where the options do not go together.
base::Result<void> isolate(const ExecOptions& options, supervise::Attempt& attempt);

}  // namespace specguard::cli
