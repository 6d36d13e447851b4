// What becomes of the checkpoint when a session has ended, as one pure function.
//
//   session          selected                     the checkpoint
//   interrupted      all that it covers, or more  is replaced by what the session knows
//   interrupted      less                         keeps the rest, takes over what the session knows
//   came to its end  all that it covers, or more  goes
//   came to its end  less                         keeps the rest, takes over what the session
//   knows;
//                                                 goes where nothing is left
//
// So only what is selected counts, and the rest keeps its state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/checkpoint.h"
#include "journal/fold.h"

namespace specguard::session {

struct EndedSession {
  std::string id;
  const journal::SuiteState& state;         // has its first record
  std::optional<journal::StopReason> stop;  // nullopt: it came to its end
  bool degraded = false;
  std::uint64_t damaged = 0;                         // records
  std::optional<std::vector<std::string>> selected;  // names of all its tests, where known
};

// nullopt: there is none any more.
std::optional<journal::Checkpoint> update_checkpoint(
    const std::optional<journal::Checkpoint>& before, const EndedSession& session,
    base::WallTime now);

}  // namespace specguard::session
