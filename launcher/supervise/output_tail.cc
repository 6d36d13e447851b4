#include "supervise/output_tail.h"

#include "supervise/output_lines.h"

namespace specguard::supervise {

void OutputTail::add(std::string_view chunk) {
  if (chunk.size() > kMaxBytes) {
    chunk.remove_prefix(chunk.size() - kMaxBytes);
    kept_.clear();
    cut_ = true;
  }
  kept_ += chunk;
  if (kept_.size() <= 2 * kMaxBytes) return;
  kept_.erase(0, kept_.size() - kMaxBytes);
  cut_ = true;
}

std::string OutputTail::text() const {
  std::string_view tail = kept_;
  if (cut_ || tail.size() > kMaxBytes) {
    if (tail.size() > kMaxBytes) tail.remove_prefix(tail.size() - kMaxBytes);
    const std::size_t newline = tail.find('\n');
    if (newline != std::string_view::npos && newline + 1 < tail.size())
      tail.remove_prefix(newline + 1);
  }
  std::string text = strip_escapes(tail);
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

}  // namespace specguard::supervise
