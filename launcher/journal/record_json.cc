#include "journal/record_json.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "journal/json_fields.h"

namespace specguard::journal {
namespace {

using nlohmann::json;
using Status = base::ExampleResult::Status;

constexpr std::array<std::pair<StopKind, std::string_view>, 6> kStopKinds = {{
    {StopKind::kGuard, "guard"},
    {StopKind::kHangup, "hangup"},
    {StopKind::kInterrupted, "interrupted"},
    {StopKind::kTerminated, "terminated"},
    {StopKind::kFailFast, "fail-fast"},
    {StopKind::kDied, "died"},
}};

constexpr std::array<std::pair<Status, std::string_view>, 3> kStatuses = {{
    {Status::kPassed, "passed"},
    {Status::kFailed, "failed"},
    {Status::kSkipped, "skipped"},
}};

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

bool from_hex(std::string_view hex, std::string& bytes) {
  if (hex.size() % 2 != 0) return false;
  bytes.clear();
  for (; !hex.empty(); hex.remove_prefix(2)) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + 2, value, 16);
    if (error != std::errc{} || end != hex.data() + 2) return false;
    bytes += static_cast<char>(value);
  }
  return true;
}

// Empty and absent values are left out: most records are three times shorter for it.
void add_text(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

template <typename Value>
void add_optional(json& object, const char* key, const std::optional<Value>& value) {
  if (value) object[key] = *value;
}

json evidence_to_json(const base::Evidence& evidence) {
  json object = json::object();
  add_text(object, "reason", evidence.reason);
  add_text(object, "limit", evidence.limit);
  add_text(object, "peak", evidence.peak);
  add_text(object, "mechanism", evidence.mechanism);
  for (const base::ProcessNote& note : evidence.killed)
    object["killed"].push_back({{"pid", note.pid}, {"command", note.command_line}});
  return object;
}

bool evidence_from_json(const json& object, base::Evidence& evidence) {
  if (!object.is_object()) return false;
  if (const auto killed = object.find("killed"); killed != object.end()) {
    if (!killed->is_array()) return false;
    for (const json& entry : *killed) {
      base::ProcessNote note;
      if (!entry.is_object() || !read_field(entry, "pid", note.pid) ||
          !read_field(entry, "command", note.command_line))
        return false;
      evidence.killed.push_back(std::move(note));
    }
  }
  return read_field(object, "reason", evidence.reason) &&
         read_field(object, "limit", evidence.limit) && read_field(object, "peak", evidence.peak) &&
         read_field(object, "mechanism", evidence.mechanism);
}

// Nanoseconds of 292 years is all that fits.
bool is_time_span(std::int64_t microseconds) {
  return microseconds >= 0 && microseconds <= std::numeric_limits<std::int64_t>::max() / 1000;
}

// Times in microseconds; the key says so.
json usage_to_json(const base::Usage& usage) {
  json object = json::object();
  object["wall_us"] = std::chrono::duration_cast<std::chrono::microseconds>(usage.wall).count();
  if (usage.user_cpu) object["user_us"] = usage.user_cpu->count();
  if (usage.system_cpu) object["system_us"] = usage.system_cpu->count();
  add_optional(object, "memory_bytes", usage.peak_memory_bytes);
  add_optional(object, "processes", usage.peak_processes);
  add_optional(object, "read_bytes", usage.read_bytes);
  add_optional(object, "written_bytes", usage.written_bytes);
  return object;
}

bool usage_from_json(const json& object, base::Usage& usage) {
  if (!object.is_object()) return false;
  std::int64_t wall_us = 0;
  std::optional<std::int64_t> user_us;
  std::optional<std::int64_t> system_us;
  if (!read_field(object, "wall_us", wall_us) || !read_field(object, "user_us", user_us) ||
      !read_field(object, "system_us", system_us))
    return false;
  if (!is_time_span(wall_us) || !is_time_span(user_us.value_or(0)) ||
      !is_time_span(system_us.value_or(0)))
    return false;
  usage.wall = std::chrono::microseconds(wall_us);
  if (user_us) usage.user_cpu = std::chrono::microseconds(*user_us);
  if (system_us) usage.system_cpu = std::chrono::microseconds(*system_us);
  return read_field(object, "memory_bytes", usage.peak_memory_bytes) &&
         read_field(object, "processes", usage.peak_processes) &&
         read_field(object, "read_bytes", usage.read_bytes) &&
         read_field(object, "written_bytes", usage.written_bytes);
}

json example_to_json(const base::ExampleResult& example) {
  json object = json::object();
  object["name"] = example.name;
  object["status"] = kStatuses[static_cast<std::size_t>(example.status)].second;
  add_text(object, "message", example.message);
  if (example.duration) object["ms"] = example.duration->count();
  return object;
}

bool example_from_json(const json& object, base::ExampleResult& example) {
  std::string status;
  std::optional<std::int64_t> ms;
  if (!object.is_object() || !read_field(object, "name", example.name) ||
      !read_field(object, "status", status) || !read_field(object, "message", example.message) ||
      !read_field(object, "ms", ms))
    return false;
  if (ms) example.duration = std::chrono::milliseconds(*ms);
  for (const auto& [value, name] : kStatuses) {
    if (name != status) continue;
    example.status = value;
    return true;
  }
  return false;
}

// Whole years that nanoseconds since 1970 reach.
constexpr std::chrono::year kFirstYear(1678);
constexpr std::chrono::year kLastYear(2261);

}  // namespace

std::string_view stop_kind_name(StopKind kind) {
  return kStopKinds[static_cast<std::size_t>(kind)].second;
}

std::optional<StopKind> parse_stop_kind(std::string_view name) {
  for (const auto& [kind, its_name] : kStopKinds)
    if (its_name == name) return kind;
  return std::nullopt;
}

void add_identity(json& object, const TestIdentity& test) {
  // JSON holds Unicode only; a name that is none is kept byte for byte all the same.
  if (base::is_valid_utf8(test.name))
    object["name"] = test.name;
  else
    object["name_hex"] = to_hex(test.name);
  if (test.content != 0) object["content"] = fmt::format("{:016x}", test.content);
  if (test.command != 0) object["command"] = fmt::format("{:016x}", test.command);
}

bool read_identity(const json& object, TestIdentity& test) {
  std::string hex;
  if (!read_field(object, "name", test.name) || !read_field(object, "name_hex", hex)) return false;
  if (!hex.empty() && !from_hex(hex, test.name)) return false;
  return !test.name.empty() && read_fingerprint(object, "content", test.content) &&
         read_fingerprint(object, "command", test.command);
}

void add_result(json& object, const base::AttemptResult& result) {
  object["outcome"] = base::outcome_name(result.outcome);
  if (result.exit_code != 0) object["exit"] = result.exit_code;
  if (result.signal != 0) object["signal"] = result.signal;
  if (json evidence = evidence_to_json(result.evidence); !evidence.empty())
    object["evidence"] = std::move(evidence);
  object["usage"] = usage_to_json(result.usage);
  for (const base::ExampleResult& example : result.examples)
    object["examples"].push_back(example_to_json(example));
  add_text(object, "output", result.output_tail);
}

bool read_result(const json& object, base::AttemptResult& result) {
  std::string outcome;
  if (!read_field(object, "outcome", outcome)) return false;
  const auto parsed = base::parse_outcome(outcome);
  if (!parsed) return false;
  result.outcome = *parsed;
  if (!read_field(object, "exit", result.exit_code) ||
      !read_field(object, "signal", result.signal) ||
      !read_field(object, "output", result.output_tail))
    return false;
  if (const auto it = object.find("evidence"); it != object.end())
    if (!evidence_from_json(*it, result.evidence)) return false;
  if (const auto it = object.find("usage"); it != object.end())
    if (!usage_from_json(*it, result.usage)) return false;
  const auto examples = object.find("examples");
  if (examples == object.end()) return true;
  if (!examples->is_array()) return false;
  for (const json& entry : *examples)
    if (!example_from_json(entry, result.examples.emplace_back())) return false;
  return true;
}

json to_json(const TestState& state) {
  json object = json::object();
  add_identity(object, state.test);
  if (state.in_flight) object["in_flight"] = true;
  if (state.finished) add_result(object, state.result);
  if (state.replayed) object["replayed"] = true;
  if (state.quarantined) object["quarantined"] = true;
  if (state.crashes_in_a_row != 0) object["crashes"] = state.crashes_in_a_row;
  if (state.attempts != 0) object["attempts"] = state.attempts;
  return object;
}

bool from_json(const json& object, TestState& state) {
  if (!object.is_object()) return false;
  state.finished = object.contains("outcome");
  if (state.finished && !read_result(object, state.result)) return false;
  return read_identity(object, state.test) && read_field(object, "in_flight", state.in_flight) &&
         read_field(object, "replayed", state.replayed) &&
         read_field(object, "quarantined", state.quarantined) &&
         read_field(object, "crashes", state.crashes_in_a_row) &&
         read_field(object, "attempts", state.attempts);
}

json to_json(const StopReason& reason) {
  json object = json::object();
  object["kind"] = stop_kind_name(reason.kind);
  object["message"] = reason.message;
  return object;
}

bool from_json(const json& object, StopReason& reason) {
  std::string kind;
  if (!object.is_object() || !read_field(object, "kind", kind) ||
      !read_field(object, "message", reason.message))
    return false;
  const auto parsed = parse_stop_kind(kind);
  if (parsed) reason.kind = *parsed;
  return parsed.has_value();
}

std::string format_time(base::WallTime time) {
  using namespace std::chrono;
  const auto whole = floor<milliseconds>(time);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

bool parse_time(std::string_view text, base::WallTime& time) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return false;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
    return value;
  };
  const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                            day(static_cast<unsigned>(number(8, 2)))};
  const hours hour(number(11, 2));
  const minutes minute(number(14, 2));
  const seconds second(number(17, 2));
  if (!date.ok() || date.year() < kFirstYear || date.year() > kLastYear) return false;
  if (hour >= days(1) || minute >= hours(1) || second > minutes(1)) return false;
  time = sys_days(date) + hour + minute + second + milliseconds(number(20, 3));
  return true;
}

}  // namespace specguard::journal
