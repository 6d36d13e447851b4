// OutputTail: the last of what a test printed, for the record of one that did not pass.
#pragma once

#include <string>
#include <string_view>

namespace specguard::supervise {

class OutputTail {
 public:
  static constexpr std::size_t kMaxBytes = 8u << 10;

  void add(std::string_view chunk);

  // At most kMaxBytes, from the start of a line where that leaves anything, without terminal
  // escapes and without blank ends.
  std::string text() const;

 private:
  std::string kept_;  // at most twice kMaxBytes
  bool cut_ = false;  // it begins somewhere in what was printed
};

}  // namespace specguard::supervise
