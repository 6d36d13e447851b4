// Sizes, durations and numbers as people write them ("512M", "1.5G", "90s", "5m"), and back.
// parse_ functions are pure; nonsense is an Error that quotes the text and says what would be
// right.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specguard::base {

// Bytes. A number, a fraction allowed, with one of the suffixes B K M G T, KB.. or KiB.. (all
// powers of 1024; any case); a bare number is bytes. Rejects negatives, empty text, overflow of 63
// bits, and unknown suffixes.
Result<std::uint64_t> parse_size_bytes(std::string_view text);

// A number, a fraction allowed, with one of ms s m h d; a bare number is seconds. Rejects
// negatives, infinities and anything above 10 years. "0" is legal: options say what zero means to
// them.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// A whole number between the bounds, both allowed.
Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max);

// A finite decimal number between the bounds, both allowed.
Result<double> parse_number(std::string_view text, double min, double max);

// "512.0 MiB", "1.5 GiB", "312 B".
std::string format_size(std::uint64_t bytes);

// "1.25 s", "310 ms", "2 m 05 s".
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace specguard::base
