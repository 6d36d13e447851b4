#include "session/stop_sequence.h"

namespace specguard::session {

void StopSequence::request(base::MonotonicTime now) {
  if (!began_) {
    began_ = now;
    kill_from_ = now + kTermTime;
  } else if (now - *began_ > kSameRequest && now < *kill_from_) {
    kill_from_ = now;
  }
}

StopSequence::Step StopSequence::next(base::MonotonicTime now, bool anything_left) {
  if (!began_) return Step::kNone;
  if (!anything_left) return Step::kDone;
  if (now < *kill_from_) return Step::kTerminate;
  return now - *kill_from_ < kKillTime ? Step::kKill : Step::kDone;
}

}  // namespace specguard::session
