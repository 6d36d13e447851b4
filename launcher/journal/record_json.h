// The parts that journal and checkpoint have in common, as JSON.
//
// Reading is strict in types and free in keys: an unknown key is ignored, a missing one is its
// default, and a key of the wrong type makes the reader return false. Never throws.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "journal/record.h"

namespace specguard::journal {

nlohmann::json to_json(const TestState& state);
bool from_json(const nlohmann::json& json, TestState& state);

// The members of identity and result go into the object itself.
void add_identity(nlohmann::json& object, const TestIdentity& test);
bool read_identity(const nlohmann::json& object, TestIdentity& test);
void add_result(nlohmann::json& object, const base::AttemptResult& result);
bool read_result(const nlohmann::json& object, base::AttemptResult& result);

nlohmann::json to_json(const StopReason& reason);
bool from_json(const nlohmann::json& json, StopReason& reason);

// ISO 8601 in UTC with milliseconds: "2026-11-24T22:00:00.123Z". The reverse is false for anything
// else, and for years that a clock of nanoseconds does not reach (before 1678, after 2261).
std::string format_time(base::WallTime time);
bool parse_time(std::string_view text, base::WallTime& time);

}  // namespace specguard::journal
