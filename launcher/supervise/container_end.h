// ContainerEnd: what the end of a container means, from what the init inside reported, how the
// engine's client ended, and what that client printed. Pure.
//
// The init's report decides: where it says how the test ended, the exit code of the client is not
// looked at, so a test's own 125, 126, 127 and 137 are what they are. Without one there was no
// test, or nobody knows how it ended: that is a launcher-error, with the engine's own words.
#pragma once

#include <optional>
#include <string>

#include "supervise/container_arguments.h"
#include "supervise/resource_control.h"
#include "sys/test_init.h"

namespace specguard::supervise {

struct ContainerEnd {
  EngineKind engine = EngineKind::kDocker;
  bool rootless = false;  // the engine
  std::string image;
  std::string program;  // the first word of the test's command
  ContainerBounds bounds;
  std::chrono::milliseconds cpu_limit{0};
  sys::TestReport report;
  Ending client;              // how the engine's client ended
  std::string client_errors;  // the last of what it printed
  bool was_created = false;   // the engine wrote an id
  bool stop_ordered = false;  // by the keeper
};

struct ContainerMeaning {
  Ending ending;                 // the test's own, where it is known; else the client's
  std::optional<Breach> breach;  // what it is, where it is not the test's own doing
};

ContainerMeaning understand(const ContainerEnd& end);

// What a person can do about what the client printed; empty where nothing special is known.
std::string engine_remedy(const ContainerEnd& end);

}  // namespace specguard::supervise
