#include "base/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace specguard::base {
namespace {

constexpr auto kReplaceBadUtf8 = nlohmann::json::error_handler_t::replace;

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, std::string_view source) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return Error(
        fmt::format("{}: not valid JSON at byte {}: {}", source, error.byte, error.what()));
  }
}

std::string dump_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, kReplaceBadUtf8);
}

std::string dump_json_pretty(const nlohmann::json& value) {
  return value.dump(2, ' ', false, kReplaceBadUtf8) + "\n";
}

}  // namespace specguard::base
