// Spawn: starts the first process of an attempt's tree. Boost.Process v2 launches; what it lacks is
// in a launcher of our own (a fork through the system-call table, with namespace flags) and in an
// initializer (everything between fork and exec). The only room file that includes Boost.Process
// for tests: it costs seconds to compile.
#pragma once

#include "base/result.h"
#include "supervise/backend.h"
#include "sys/child.h"
#include "sys/child_limits.h"

namespace specguard::supervise {

struct SpawnOptions {
  sys::ChildStart start;                     // directory comes from the plan
  const sys::ChildLimits* limits = nullptr;  // groups to enter and rlimits to set; may be null
  Backend* backend = nullptr;                // may be null
};

// Starts plan.command, looked for in the launcher's own PATH, and waits until it executes. The pid
// is a child of the caller, who waits for it. The Error says which step failed and why: "cannot run
// /x/y: Permission denied".
base::Result<pid_t> spawn(const LaunchPlan& plan, SpawnOptions options);

}  // namespace specguard::supervise
