// ExampleList: the examples a reader has seen, kept within the bounds of ResultsReader. Counts go
// on when the list is full.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/outcome.h"

namespace specguard::supervise {

class ExampleList {
 public:
  void add(std::string_view name, base::ExampleResult::Status status,
           std::string_view message = {});

  // Adds a line to the message of the example added last, if there is room.
  void add_to_message(std::string_view line);
  void set_duration(std::chrono::milliseconds duration);

  std::uint64_t passed() const { return passed_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t skipped() const { return skipped_; }
  std::uint64_t total() const { return passed_ + failed_ + skipped_; }

  std::vector<base::ExampleResult> take() { return std::move(examples_); }
  const std::vector<base::ExampleResult>& kept() const { return examples_; }

 private:
  std::string_view fit(std::string_view text, std::size_t max_bytes);

  std::vector<base::ExampleResult> examples_;
  std::uint64_t passed_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t skipped_ = 0;
  std::size_t text_bytes_ = 0;
  bool last_is_kept_ = false;
};

}  // namespace specguard::supervise
