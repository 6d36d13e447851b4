// Named pipes between the keeper and an init that it cannot hand a descriptor to: one in a
// container. The names are private to both; who has opened them may take them away.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace specguard::sys {

// Made with owner-only permissions.
base::Result<void> make_fifo(const std::string& path);

enum class FifoEnd {
  kRead,   // reading never blocks; ends when the last writer is gone
  kWrite,  // fails where nobody reads
  kBoth,   // for the side that must be there first: opening it waits for nobody
};

base::Result<UniqueFd> open_fifo(const std::string& path, FifoEnd end);

}  // namespace specguard::sys
