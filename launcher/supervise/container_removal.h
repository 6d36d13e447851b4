// Removing containers whose keeper did not live to do it. Each is known by the directory that the
// keeper made for it (control_directory.h), which stays until its container is gone.
//
// An engine on a busy machine takes longer for that than a session that has to stop may last. So
// ContainerRemoval does it in a process of its own, which outlives whoever started it and hears no
// terminal; it is bounded in time. The starter may wait for it, and need not.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "supervise/container_engine.h"
#include "sys/fd.h"

namespace specguard::supervise {

// How patient to be with the engine.
struct RemovalPatience {
  std::chrono::milliseconds answer;  // for one answer of its client
  // A daemon may still be making the container that a killed client asked for. So long it is asked
  // again where the directory has no id of one.
  std::chrono::milliseconds still_making;
};

// Removes the container of a dead keeper, and the directory where it is gone. nullopt: both are;
// else why not. `fallback` is the engine where the directory does not name one.
std::optional<std::string> remove_container_and_directory(
    const std::string& name, const std::optional<ContainerEngine>& fallback,
    const RemovalPatience& patience);

class ContainerRemoval {
 public:
  enum class State {
    kRunning,  // still at it
    kDone,     // all are gone
    kFailed,   // an engine would not, or gave no answer; their directories are still there
  };

  // `names` are those of control directories whose keepers are dead.
  static base::Result<ContainerRemoval> start(const std::vector<std::string>& names);

  // Waits until then at most.
  State wait_until(std::chrono::steady_clock::time_point end);

  pid_t pid() const { return pid_; }
  std::size_t count() const { return count_; }

 private:
  ContainerRemoval(pid_t pid, std::size_t count, sys::UniqueFd ended)
      : pid_(pid), count_(count), ended_(std::move(ended)) {}

  pid_t pid_ = 0;
  std::size_t count_ = 0;
  sys::UniqueFd ended_;  // at its end when the process ends
};

}  // namespace specguard::supervise
