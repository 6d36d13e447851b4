// The child's side of a start: everything between fork and exec.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "sys/signals.h"

namespace specguard::sys {

// Which step failed and why. The text is static, so that the pointer means the same in parent and
// child.
struct StepFailure {
  int errno_value = 0;
  const char* step = nullptr;  // "change directory"; nullptr: nothing failed

  explicit operator bool() const { return step != nullptr; }
};

struct ChildStart {
  pid_t keeper = 0;                 // the parent, with which the child dies
  std::uint64_t lineage_tag = 0;    // 0: none
  const char* directory = nullptr;  // nullptr: stay
  int out_fd = 1;                   // what becomes its standard output
  int err_fd = 2;                   // and its standard error
  bool close_other_fds = false;     // everything from 3 up; ctest leaks its log into tests
  const InheritedSignals* signals = nullptr;
};

// A process group of its own, the parent-death signal (and a look whether the parent is still
// there: it may have died before the signal was asked for), the lineage tag, the first place in the
// kernel's choice for an OOM kill, standard streams, directory. Async-signal-safe.
StepFailure begin_child(const ChildStart& start) noexcept;

// What is left to do in the process that becomes the test, for a step that makes another process of
// it: run(argument) executes, or reports why not and exits. It needs no more than the stack given,
// and does with the caller's memory, so that no copy of it has to be made.
struct ChildRest {
  void (*run)(void* argument) = nullptr;
  void* argument = nullptr;
  std::span<std::byte> stack;
};

// The last step before exec: signals as the launcher found them, other descriptors closed at exec.
void finish_child(const ChildStart& start) noexcept;

}  // namespace specguard::sys
