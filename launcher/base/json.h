// JSON glue: nlohmann_json for every byte of JSON, without its exceptions leaving this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specguard::base {

// Parses one JSON document. The error names the source and the place: "settings.json: not valid
// JSON at byte 17: ...".
Result<nlohmann::json> parse_json(std::string_view text, std::string_view source);

// One line, keys sorted, every byte that is not valid UTF-8 replaced by U+FFFD, so that it never
// fails.
std::string dump_json(const nlohmann::json& value);

// The same over several indented lines, for files that people read.
std::string dump_json_pretty(const nlohmann::json& value);

}  // namespace specguard::base
