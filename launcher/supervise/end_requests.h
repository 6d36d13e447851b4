// EndRequests: tells one request to end that arrives twice from two requests.
//
// A Ctrl-C reaches a launcher as the terminal's SIGINT, and again as the death of the ctest that
// got it, too. Only a second request is a reason to lose patience. Pure: the caller says what time
// it is.
#pragma once

#include <chrono>
#include <optional>

namespace specguard::supervise {

class EndRequests {
 public:
  static constexpr std::chrono::milliseconds kSameRequest{200};

  // Notes a request; true where it is the first one once more.
  bool is_same(std::chrono::steady_clock::time_point now) {
    if (first_) return now - *first_ < kSameRequest;
    first_ = now;
    return false;
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> first_;
};

}  // namespace specguard::supervise
