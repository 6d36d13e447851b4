#include "base/quantity.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace specguard::base {
namespace {

constexpr double kMaxSizeBytes = 9.2e18;                     // stays inside a signed 64-bit number
constexpr double kMaxDurationMs = 10.0 * 365 * 24 * 3600e3;  // ten years

struct NumberAndSuffix {
  double number;
  std::string suffix;  // lower case
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Splits "1.5G" into 1.5 and "g". No sign, no exponent, no hexadecimal: nobody writes a limit so.
std::optional<NumberAndSuffix> split_number(std::string_view text) {
  const std::size_t digits_end = text.find_first_not_of("0123456789.");
  const std::string_view digits = text.substr(0, digits_end);
  if (digits.empty() || digits == ".") return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                            std::chars_format::fixed);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view suffix =
      digits_end == std::string_view::npos ? std::string_view{} : text.substr(digits_end);
  while (!suffix.empty() && suffix.front() == ' ') suffix.remove_prefix(1);
  return NumberAndSuffix{number, lower(suffix)};
}

std::optional<double> size_factor(std::string_view suffix) {
  if (suffix.empty() || suffix == "b") return 1;
  constexpr std::string_view kPrefixes = "kmgt";
  const std::size_t power = kPrefixes.find(suffix.front());
  const std::string_view rest = suffix.substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib"))
    return std::nullopt;
  return std::pow(1024.0, static_cast<double>(power + 1));
}

std::optional<double> duration_factor_ms(std::string_view suffix) {
  if (suffix.empty() || suffix == "s") return 1e3;
  if (suffix == "ms") return 1;
  if (suffix == "m" || suffix == "min") return 60e3;
  if (suffix == "h") return 3600e3;
  if (suffix == "d") return 24 * 3600e3;
  return std::nullopt;
}

}  // namespace

Result<std::uint64_t> parse_size_bytes(std::string_view text) {
  const auto parts = split_number(text);
  const auto factor = parts ? size_factor(parts->suffix) : std::nullopt;
  if (!factor)
    return Error(fmt::format(
        "'{}' is not a size; write bytes or use K, M, G or T, as in 512M or 1.5G", text));
  const double bytes = parts->number * *factor;
  if (bytes > kMaxSizeBytes) return Error(fmt::format("size '{}' is too large", text));
  return static_cast<std::uint64_t>(bytes);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto parts = split_number(text);
  const auto factor = parts ? duration_factor_ms(parts->suffix) : std::nullopt;
  if (!factor)
    return Error(fmt::format(
        "'{}' is not a duration; write seconds or use ms, s, m, h or d, as in 90s or 5m", text));
  const double ms = parts->number * *factor;
  if (ms > kMaxDurationMs)
    return Error(fmt::format("duration '{}' is longer than ten years", text));
  return std::chrono::milliseconds(std::llround(ms));
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < min || number > max)
    return Error(fmt::format("'{}' is not a whole number from {} to {}", text, min, max));
  return number;
}

Result<double> parse_number(std::string_view text, double min, double max) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number) ||
      number < min || number > max)
    return Error(fmt::format("'{}' is not a number from {:g} to {:g}", text, min, max));
  return number;
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double scaled = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (scaled >= 1024 && unit + 1 < kUnits.size()) {
    scaled /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 0.001) return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.2f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} m {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} m", whole / 3600, whole % 3600 / 60);
}

}  // namespace specguard::base
