// BoundedChild: a real process under a real ResourceControl, watched as the keeper watches one, but
// without the keeper, so that a failing test points at the limits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "supervise/resource_control.h"

namespace specguard::testing {

struct BoundedEnd {
  supervise::Ending ending;
  std::optional<supervise::Breach> breach;  // seen by polling, or at the end
  base::Usage usage;
  bool survivors = false;  // something lived on after kill_all or the walk
};

// Forks, enters the limits, and exits with what `body` returns; polls until that process ends
// or a limit is met, then ends what is left and measures.
BoundedEnd run_bounded(const supervise::Limits& limits, const std::function<int()>& body);

// How this machine would hold one limit, by the option's name.
std::string mechanism_for(const supervise::Limits& limits, const std::string& name);

// Control groups of ours on this machine that this process owns.
std::vector<std::string> own_cgroups();

// What bodies do.
void* hold_memory(std::size_t bytes);                 // mapped and touched; null where refused
int start_process(const std::function<int()>& body);  // fork; pid or -1
void burn_cpu_for_ever();
int wait_for_child();  // its exit code, or 128 + signal

}  // namespace specguard::testing
