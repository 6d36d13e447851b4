// StopNotice: the file by which a session's processes learn that it has to stop.
//
// Whoever decides (the supervisor, or the launcher of a bare ctest whose sample tripped) writes it
// once into the session's directory; every launcher looks for it before it starts a test and once a
// second while one runs. The first notice stands.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace specguard::session {

struct StopNotice {
  std::string kind;     // "guard", "hangup", "interrupted", "terminated"
  std::string message;  // one sentence for people
};

// Durable when it returns. A notice that is there already is left as it is.
base::Result<void> post_stop(const std::filesystem::path& session_directory,
                             const StopNotice& notice);

// nullopt: the session goes on. A notice that cannot be read is a stop all the same, and says so.
std::optional<StopNotice> read_stop(const std::filesystem::path& session_directory);

}  // namespace specguard::session
