// SharedGuard: the guard of a bare ctest. Nobody runs there for as long as the session does, so its
// launchers keep the watch in turn.
//
// A launcher whose test has run for a second looks, and once a second from then on; whoever comes
// first in a second takes the sample, the others find it taken. What one has seen, the next goes on
// from: counters and the policy's state are handed on in a file. A trip is durable before anybody
// acts on it (stop.json): from then on each launcher ends its test, and starts none. While no test
// runs for as long as a second nobody looks, and the policy begins anew after such a gap.
//
// There is nobody to hold new starts: with OnPressure::kWait the session goes on until it has
// waited long enough, and stops then.
#pragma once

#include <optional>
#include <string>

#include "guard/policy.h"
#include "journal/state_directory.h"
#include "sys/machine_sample.h"

namespace specguard::session {

// What launchers hand on to each other.
struct GuardHandover {
  sys::MachineCounters counters;
  guard::PolicyState policy;
};
std::string encode_handover(const GuardHandover& handover);
// nullopt for whatever is none: the watch begins anew.
std::optional<GuardHandover> decode_handover(const std::string& text);

class SharedGuard {
 public:
  static constexpr std::chrono::seconds kLookEvery{1};

  SharedGuard(journal::StateDirectory state, std::string session, guard::Thresholds limits)
      : state_(std::move(state)), session_(std::move(session)), limits_(limits) {}

  // Call it every kLookEvery. The reason where the session has to end, whoever found out. A look
  // that fails decides nothing.
  std::optional<std::string> look();

 private:
  std::optional<std::string> take_turn();
  std::string stop(const guard::Decision& decision);

  journal::StateDirectory state_;
  std::string session_;
  guard::Thresholds limits_;
  std::optional<sys::MachineSampler> sampler_;  // opened at the first turn
};

}  // namespace specguard::session
