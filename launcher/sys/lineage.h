// The lineage tag: which keeper a process descends from, readable in /proc long after that keeper
// has died.
//
// A process can leave its session, process group, parent, environment, name, root directory and
// user behind. It does not leave its resource limits behind: the kernel copies them at fork and
// keeps them over exec and setuid (getrlimit(2)), and /proc/<pid>/limits shows them to everybody.
// RLIMIT_RTTIME bounds the CPU time, in microseconds, of a real-time process between two blocking
// calls. A soft limit of some 200 000 years is none, so its digits are free to carry the tag; the
// hard limit stays as it was, so that a launcher inside a launcher can put on its own.
//
//   bits 63..56  0x5B, so that the number cannot be mistaken for a limit that anybody meant
//   bits 55..34  pid of the keeper (22 bits: the kernel's PID_MAX_LIMIT)
//   bits 33..18  hash of the keeper's PID namespace: a number means something in its own namespace
//   only bits 17..0   low bits of the keeper's start time in ticks, against reuse of the pid
//
// A false "alive" (1 in 262 144 reuses of a pid) leaves a leftover unswept; a false "dead" does not
// exist within a namespace. docs/decisions/0003-lineage-tag.md tells what else was considered.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"

namespace specguard::sys {

class Lineage {
 public:
  // The tag that names the calling process as the keeper.
  static base::Result<Lineage> of_this_process();

  // nullopt for a number that is no tag.
  static std::optional<Lineage> decode(std::uint64_t tag);

  // What the process carries; nullopt where it carries none or is gone.
  static std::optional<Lineage> carried_by(pid_t pid);

  std::uint64_t encode() const;
  pid_t keeper() const { return keeper_; }

  // True where the keeper lives, or where this process cannot know: it counts pids in another
  // namespace.
  bool may_be_alive() const;

  // Living processes that carry the tag, the caller excepted.
  std::vector<pid_t> processes() const;

  friend bool operator==(const Lineage&, const Lineage&) = default;

 private:
  pid_t keeper_ = 0;
  std::uint32_t namespace_hash_ = 0;
  std::uint32_t start_low_bits_ = 0;
};

// Puts the tag on the calling process and thereby on all it will start. Async-signal-safe. False on
// failure (errno).
bool put_on_lineage(std::uint64_t tag);

}  // namespace specguard::sys
