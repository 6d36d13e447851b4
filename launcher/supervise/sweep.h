// Sweep: finds and clears what attempts left whose keeper is dead: processes and control groups.
//
// A leftover process is known by its lineage tag, which names a keeper that lives no more; or,
// where no tag could be put on it, by the cookie SPECGUARD_ATTEMPT in its environment together with
// init as the parent of its topmost relative of the same cookie. A leftover group is known by its
// name. Promises: never touches a process whose keeper lives, or whose keeper cannot be known
// (another pid namespace), nor one of the attempt that the caller is itself part of; each process
// is held by pidfd and looked at again before it is signalled. Works for an ordinary user, on that
// user's own. A leftover container is known by our label and by its name, which carries the owner;
// the engines that answer are asked.
#pragma once

#include <string>
#include <vector>

#include "sys/cgroup.h"
#include "sys/process.h"

namespace specguard::supervise {

enum class SweepMode { kFindOnly, kClear };

struct Leftover {
  enum class Kind { kProcess, kGroup, kContainer };
  Kind kind = Kind::kProcess;
  pid_t pid = 0;            // of a process
  std::string description;  // command line, path of the group, engine and name of the container
  // kFindOnly: whether it could be: this user may end the process, the container's engine answers.
  bool cleared = false;
};

// One pass finds, kills and looks again, until nothing new is found or five seconds have passed.
std::vector<Leftover> sweep(SweepMode mode);

// Containers, and what stands on this machine for them. Takes as long as the engines do.
std::vector<Leftover> sweep_containers(SweepMode mode);

// False where it lives, or where this process cannot know: it counts pids in another namespace.
bool is_dead_owner(const sys::CgroupOwner& owner);

// The living processes of an attempt that are in another PID namespace than the caller, its init
// excepted.
std::vector<pid_t> processes_of_attempt_in_container(const std::string& attempt_id);

}  // namespace specguard::supervise
