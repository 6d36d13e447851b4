// TreeSample: what all processes of an attempt hold at one moment, added up from /proc. The means
// of last resort where no control group bounds them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/outcome.h"
#include "sys/process_sample.h"

namespace specguard::supervise {

struct TreeSample {
  // Anonymous memory of each process, swap included, and the largest mapping of shared memory once.
  // Never too small for private memory; too large where forked processes still share pages.
  std::uint64_t memory_bytes = 0;
  std::uint64_t tasks = 0;   // threads count
  std::uint64_t cpu_us = 0;  // of the living, and of what they have waited for
};

// Processes that have ended meanwhile are left out.
TreeSample sample_tree(std::span<const pid_t> tree);

// The memory again, page by page, so that no shared page counts twice. nullopt where some process
// may not be looked into that closely. Slow; meant for the moment before somebody is killed.
std::optional<std::uint64_t> exact_memory_bytes(std::span<const pid_t> tree);

// CPU time, memory of the largest, and I/O of all processes that the caller has waited for, and of
// theirs.
void set_usage_of_children(base::Usage& usage);

// False where /proc is not there.
bool can_sample_trees();

}  // namespace specguard::supervise
