// Time: the two clocks that SpecGuard reads, behind a seam so that logic is tested without waiting.
#pragma once

#include <chrono>

namespace specguard::base {

using MonotonicTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;

  // Never jumps; the only one that durations are measured with.
  virtual MonotonicTime now() const = 0;

  // What a person's watch shows; may jump in either direction, so it is only ever written, never
  // subtracted.
  virtual WallTime wall_now() const = 0;
};

// The machine's clocks.
const Clock& system_clock();

// A clock that moves only when told; for tests.
class ManualClock final : public Clock {
 public:
  MonotonicTime now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }

  void advance(std::chrono::nanoseconds by) {
    now_ += std::chrono::duration_cast<MonotonicTime::duration>(by);
    wall_now_ += std::chrono::duration_cast<WallTime::duration>(by);
  }
  void jump_wall_to(WallTime to) { wall_now_ = to; }

 private:
  MonotonicTime now_{};
  WallTime wall_now_{};
};

}  // namespace specguard::base
