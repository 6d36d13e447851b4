#include "supervise/example_list.h"

#include <algorithm>

#include "supervise/results.h"

namespace specguard::supervise {

using Status = base::ExampleResult::Status;

// The longest prefix that both bounds allow, not cut inside a UTF-8 sequence.
std::string_view ExampleList::fit(std::string_view text, std::size_t max_bytes) {
  const std::size_t room = std::min(max_bytes, ResultsReader::kMaxTextBytes - text_bytes_);
  if (text.size() > room) {
    std::size_t end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  text_bytes_ += text.size();
  return text;
}

void ExampleList::add(std::string_view name, Status status, std::string_view message) {
  ++(status == Status::kPassed ? passed_ : status == Status::kFailed ? failed_ : skipped_);
  last_is_kept_ = examples_.size() < ResultsReader::kMaxExamples;
  if (!last_is_kept_) return;
  base::ExampleResult example;
  example.name = fit(name, ResultsReader::kMaxNameBytes);
  example.status = status;
  example.message = fit(message, ResultsReader::kMaxMessageBytes);
  examples_.push_back(std::move(example));
}

void ExampleList::add_to_message(std::string_view line) {
  if (!last_is_kept_) return;
  std::string& message = examples_.back().message;
  if (message.size() + 1 >= ResultsReader::kMaxMessageBytes) return;
  if (!message.empty()) message += fit("\n", 1);
  message += fit(line, ResultsReader::kMaxMessageBytes - message.size());
}

void ExampleList::set_duration(std::chrono::milliseconds duration) {
  if (last_is_kept_) examples_.back().duration = duration;
}

}  // namespace specguard::supervise
