// Which process, and no other: a pid together with what makes it unique.
#pragma once

#include <cstdint>
#include <string>

#include "sys/process.h"

namespace specguard::sys {

// The id of this boot, "" where the kernel does not tell.
std::string boot_id();

// Inode of the namespace that counts this process's pids; 0 where it is not known.
std::uint64_t pid_namespace();

}  // namespace specguard::sys
