// Diagnosis: what each process of a tree is doing, in words, before it is killed for taking too
// long. For the person who asks why a test hung.
//
// Bounded in time and size: a debugger that hangs is killed. Looks only, changes nothing; a
// debugger stops a process for as long as it reads its stack. Every word of a process is made
// printable.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "sys/bounded_command.h"
#include "sys/process.h"

namespace specguard::supervise {

struct DiagnosisLimits {
  std::chrono::milliseconds time{3000};  // all stacks together
  std::size_t bytes = 64 * 1024;
  std::size_t processes = 32;
  // A debugger can take seconds, which nobody waits for who kills or stops the launcher meanwhile.
  sys::Interruption interruption{};
};

// For each process: pid, command line, state, wait channel, CPU time, and its stacks where eu-stack
// or gdb is installed and may look. Lines end in newlines; empty where nothing of the tree lives.
std::string diagnose(std::span<const pid_t> tree, const DiagnosisLimits& limits = {});

}  // namespace specguard::supervise
