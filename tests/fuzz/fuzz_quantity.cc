// Sizes, durations and numbers as people write them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace specguard::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = parse_size_bytes(text))
    SPECGUARD_CHECK(*bytes <= INT64_MAX, "a size fits a signed number");
  if (const auto duration = parse_duration(text))
    SPECGUARD_CHECK(duration->count() >= 0, "no time is negative");
  if (const auto number = parse_integer(text, -5, 1000))
    SPECGUARD_CHECK(*number >= -5 && *number <= 1000, "bounds hold");
  if (const auto number = parse_number(text, 0, 10))
    SPECGUARD_CHECK(*number >= 0 && *number <= 10, "bounds hold");
  return 0;
}
