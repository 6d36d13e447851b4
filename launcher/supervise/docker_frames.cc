#include "supervise/docker_frames.h"

#include <algorithm>

namespace specguard::supervise {
namespace {

constexpr std::size_t kHeadBytes = 8;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

bool DockerFrames::take(std::string_view bytes, const Listener& tell) {
  while (!bytes.empty()) {
    if (left_ == 0) {
      const std::size_t missing = std::min(kHeadBytes - head_.size(), bytes.size());
      head_ += bytes.substr(0, missing);
      bytes.remove_prefix(missing);
      if (head_.size() < kHeadBytes) return true;
      stream_ = head_[0];
      if (stream_ != 1 && stream_ != 2) return false;
      left_ = big_endian(std::string_view(head_).substr(4));
      head_.clear();
      continue;
    }
    const std::string_view text = bytes.substr(0, left_);
    tell(stream_, text);
    left_ -= static_cast<std::uint32_t>(text.size());
    bytes.remove_prefix(text.size());
  }
  return true;
}

}  // namespace specguard::supervise
