// ProcessSample: what /proc says about one process now. For polling a tree, for the words printed
// before a hung test is killed, and for telling one process from another that got the same pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace specguard::sys {

// The cheap part: two reads of /proc, some 20 microseconds.
struct ProcessSample {
  char state = '?';  // R, S, D, T, Z, ... as proc(5) has them
  pid_t parent = 0;
  std::uint64_t start_ticks = 0;  // since boot; with the pid, the identity of a process
  std::uint64_t threads = 0;
  std::uint64_t cpu_us = 0;         // user and system, of its own
  std::uint64_t waited_cpu_us = 0;  // of its children that have ended and were waited for
  std::uint64_t private_bytes = 0;  // anonymous memory in RAM and in swap; pages that forked
                                    // processes still share are counted in each
  std::uint64_t shared_bytes = 0;   // file pages and shared memory that it has mapped
};

// nullopt: no such process (any more). A zombie has a sample, without memory.
std::optional<ProcessSample> sample_process(pid_t pid);

// Anonymous and shared memory, in RAM and in swap, every page divided by its sharers. Exact over a
// tree, but slow (the kernel walks the page tables), and only for processes we may trace.
std::optional<std::uint64_t> proportional_bytes(pid_t pid);

// The kernel function it sleeps in; empty where it runs, or the kernel does not say.
std::string wait_channel_of(pid_t pid);

// The system call it is in, by number, "running", or empty where we may not know.
std::string system_call_of(pid_t pid);

}  // namespace specguard::sys
