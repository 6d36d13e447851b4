// The steps that turn a freshly cloned process's view of the machine into the inside of a sandbox.
// They are written down before the fork, in memory; performing them makes system calls and nothing
// else.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sys/child.h"

namespace specguard::sys {

struct NamespaceStep {
  enum class Kind {
    kWriteFile,        // data into the file at path
    kHoldTree,         // a copy of the mounts at path, kept in a slot as they are now
    kRestrictSlot,     // the mount attributes `flags` on the tree in a slot
    kRestrictAll,      // the same on everything from the root down, and no propagation
    kMount,            // file system `source` at path with mount flags and options `data`
    kMakeDirectories,  // path and its parents; what is there stays
    kMakeFile,         // an empty file; what is there stays
    kAttachSlot,       // the tree of a slot at path
    kBindFile,         // the file at source over the one at path
    kMakeReadOnly,     // the tree at path, on top of itself
    kLoopbackUp,
    kChangeDirectory,
  };
  Kind kind;
  std::string what = {};  // for a failure: "mount a private /tmp"
  std::string path = {};
  std::string source = {};
  std::string data = {};
  unsigned long flags = 0;
  std::size_t slot = 0;
};

constexpr std::size_t kNamespaceSlots = 24;

// Performs them in order; stops at the first that fails. Async-signal-safe. The failure's text is
// the step's own.
StepFailure perform(const std::vector<NamespaceStep>& steps) noexcept;

}  // namespace specguard::sys
