// Reading members of a JSON object without exceptions: absent leaves the target alone, a wrong type
// is false.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace specguard::journal {

inline bool read_field(const nlohmann::json& object, const char* key, std::string& target) {
  const auto it = object.find(key);
  if (it == object.end()) return true;
  if (!it->is_string()) return false;
  target = it->get_ref<const std::string&>();
  return true;
}

inline bool read_field(const nlohmann::json& object, const char* key, bool& target) {
  const auto it = object.find(key);
  if (it == object.end()) return true;
  if (!it->is_boolean()) return false;
  target = it->get<bool>();
  return true;
}

// A whole number that fits; a fraction, or one out of range, is a wrong type.
template <std::integral Number>
bool read_field(const nlohmann::json& object, const char* key, Number& target) {
  const auto it = object.find(key);
  if (it == object.end()) return true;
  if (it->is_number_unsigned()) {
    const auto number = it->get<std::uint64_t>();
    if (!std::in_range<Number>(number)) return false;
    target = static_cast<Number>(number);
    return true;
  }
  if (!it->is_number_integer()) return false;
  const auto number = it->get<std::int64_t>();
  if (!std::in_range<Number>(number)) return false;
  target = static_cast<Number>(number);
  return true;
}

template <typename Value>
bool read_field(const nlohmann::json& object, const char* key, std::optional<Value>& target) {
  if (!object.contains(key)) return true;
  Value value{};
  if (!read_field(object, key, value)) return false;
  target = std::move(value);
  return true;
}

// Fingerprints are text: JSON's readers elsewhere keep only 53 bits of a number.
inline bool read_fingerprint(const nlohmann::json& object, const char* key, std::uint64_t& target) {
  std::string text;
  if (!read_field(object, key, text)) return false;
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target, 16);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace specguard::journal
