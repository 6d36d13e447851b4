// StopSequence: what the supervisor does, and when, from the moment a session has to stop.
//
// Everything from here to the exit fits in 7 s, the budget CI gives a cancelled job: TERM at once,
// KILL to whatever is left after kTermTime, an end after kKillTime more even where a process cannot
// be killed (uninterruptible sleep). A second Ctrl-C, or any later request to end, goes straight to
// KILL. Containers that an engine has yet to remove are waited for until kRemovalTime; then
// somebody else goes on with that (supervise/container_removal.h). Pure: the caller says what time
// it is and whether anything is left.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace specguard::session {

class StopSequence {
 public:
  static constexpr std::chrono::milliseconds kTermTime{4'000};
  static constexpr std::chrono::milliseconds kKillTime{1'500};
  static constexpr std::chrono::milliseconds kRemovalTime{6'500};
  // One Ctrl-C can arrive more than once: from the terminal, and from a wrapper that passes it on.
  static constexpr std::chrono::milliseconds kSameRequest{200};

  enum class Step {
    kNone,       // the session runs
    kTerminate,  // ask everything to end; come back soon
    kKill,       // SIGKILL to whatever is left; come back soon
    kDone,       // nothing is left, or nothing more can be done
  };

  bool active() const { return began_.has_value(); }

  // The first request begins the sequence; a later one shortens it.
  void request(base::MonotonicTime now);

  // Until when removals are waited for; only after a request.
  base::MonotonicTime removal_deadline() const { return *began_ + kRemovalTime; }

  // What is to be done now.
  Step next(base::MonotonicTime now, bool anything_left);

 private:
  std::optional<base::MonotonicTime> began_;
  std::optional<base::MonotonicTime> kill_from_;
};

}  // namespace specguard::session
