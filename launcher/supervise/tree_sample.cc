#include "supervise/tree_sample.h"

#include <algorithm>

#include "sys/child_limits.h"
#include "sys/wait.h"

namespace specguard::supervise {

TreeSample sample_tree(std::span<const pid_t> tree) {
  TreeSample total;
  std::uint64_t largest_shared_bytes = 0;
  for (const pid_t pid : tree) {
    const auto sample = sys::sample_process(pid);
    if (!sample) continue;
    total.memory_bytes += sample->private_bytes;
    largest_shared_bytes = std::max(largest_shared_bytes, sample->shared_bytes);
    total.cpu_us += sample->cpu_us + sample->waited_cpu_us;
    if (sample->state == 'Z' || sample->state == 'X') continue;
    total.tasks += sample->threads;
  }
  total.memory_bytes += largest_shared_bytes;
  return total;
}

std::optional<std::uint64_t> exact_memory_bytes(std::span<const pid_t> tree) {
  std::uint64_t total = 0;
  for (const pid_t pid : tree) {
    const auto bytes = sys::proportional_bytes(pid);
    // One that has ended holds nothing; one that lives and hides makes the sum worthless.
    if (!bytes && sys::sample_process(pid)) return std::nullopt;
    total += bytes.value_or(0);
  }
  return total;
}

void set_usage_of_children(base::Usage& usage) {
  const sys::ChildrenUsage children = sys::children_usage();
  usage.user_cpu = std::chrono::microseconds(children.user_us);
  usage.system_cpu = std::chrono::microseconds(children.system_us);
  usage.peak_memory_bytes = children.max_rss_bytes;
  usage.read_bytes = children.read_bytes;
  usage.written_bytes = children.written_bytes;
}

bool can_sample_trees() {
  return sys::sample_process(sys::own_pid()).has_value();
}

}  // namespace specguard::supervise
