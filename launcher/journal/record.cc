#include "journal/record.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "journal/checksum.h"
#include "journal/json_fields.h"
#include "journal/record_json.h"

namespace specguard::journal {
namespace {

using nlohmann::json;

constexpr std::size_t kSumDigits = 8;
constexpr std::size_t kShortMessageBytes = 400;
// {"sum":"XXXXXXXX",
constexpr std::size_t kPrefixBytes = kRecordStart.size() + kSumDigits + 2;

constexpr std::array<std::pair<Origin, std::string_view>, 4> kOrigins = {{
    {Origin::kRun, "run"},
    {Origin::kReplayed, "replayed"},
    {Origin::kQuarantined, "quarantined"},
    {Origin::kStopped, "stopped"},
}};

json record_to_json(const SessionStarted& record) {
  json object = {{"kind", "session"},
                 {"at", format_time(record.at)},
                 {"session", record.session},
                 {"number", record.number},
                 {"bare", record.kind == SessionKind::kBare},
                 {"resumes", record.resumes},
                 {"pid", record.owner.pid},
                 {"pid_start", record.owner.start_ticks},
                 {"boot", record.owner.boot},
                 {"pid_ns", record.owner.pid_namespace}};
  if (!record.continues.empty()) object["continues"] = record.continues;
  if (!record.selection.empty()) object["selection"] = record.selection;
  if (!record.ctest_end_mark.empty()) object["end_mark"] = record.ctest_end_mark;
  if (!record.launcher.empty()) object["launcher"] = record.launcher;
  return object;
}

json record_to_json(const TestState& record) {
  json object = to_json(record);
  object["kind"] = "carried";
  return object;
}

json record_to_json(const AttemptStarted& record) {
  json object = {{"kind", "started"}, {"at", format_time(record.at)}, {"attempt", record.attempt}};
  add_identity(object, record.test);
  return object;
}

json record_to_json(const AttemptFinished& record) {
  json object = {{"kind", "finished"}, {"at", format_time(record.at)}, {"attempt", record.attempt}};
  if (record.origin != Origin::kRun)
    object["origin"] = kOrigins[static_cast<std::size_t>(record.origin)].second;
  add_identity(object, record.test);
  add_result(object, record.result);
  return object;
}

json record_to_json(const SessionStopped& record) {
  return {{"kind", "stopped"}, {"at", format_time(record.at)}, {"reason", to_json(record.reason)}};
}

json record_to_json(const SessionFinished& record) {
  return {{"kind", "end"}, {"at", format_time(record.at)}};
}

bool read_time(const json& object, base::WallTime& time) {
  std::string text;
  return read_field(object, "at", text) && parse_time(text, time);
}

bool read_record(const json& object, SessionStarted& record) {
  bool bare = true;
  const bool ok = read_time(object, record.at) && read_field(object, "session", record.session) &&
                  read_field(object, "number", record.number) && read_field(object, "bare", bare) &&
                  read_field(object, "resumes", record.resumes) &&
                  read_field(object, "pid", record.owner.pid) &&
                  read_field(object, "pid_start", record.owner.start_ticks) &&
                  read_field(object, "boot", record.owner.boot) &&
                  read_field(object, "pid_ns", record.owner.pid_namespace) &&
                  read_field(object, "continues", record.continues) &&
                  read_field(object, "selection", record.selection) &&
                  read_field(object, "end_mark", record.ctest_end_mark) &&
                  read_field(object, "launcher", record.launcher);
  record.kind = bare ? SessionKind::kBare : SessionKind::kSupervised;
  return ok;
}

bool read_record(const json& object, TestState& record) {
  return from_json(object, record);
}

bool read_record(const json& object, AttemptStarted& record) {
  return read_time(object, record.at) && read_field(object, "attempt", record.attempt) &&
         read_identity(object, record.test);
}

bool read_record(const json& object, AttemptFinished& record) {
  std::string origin = "run";
  if (!read_time(object, record.at) || !read_field(object, "attempt", record.attempt) ||
      !read_field(object, "origin", origin) || !read_identity(object, record.test) ||
      !read_result(object, record.result))
    return false;
  for (const auto& [value, name] : kOrigins) {
    if (name != origin) continue;
    record.origin = value;
    return true;
  }
  return false;
}

bool read_record(const json& object, SessionStopped& record) {
  const auto reason = object.find("reason");
  return read_time(object, record.at) && reason != object.end() &&
         from_json(*reason, record.reason);
}

bool read_record(const json& object, SessionFinished& record) {
  return read_time(object, record.at);
}

template <typename Kind>
std::variant<Record, DecodeFailure> read_as(const json& object) {
  Kind record;
  if (!read_record(object, record)) return DecodeFailure::kDamaged;
  return Record(std::move(record));
}

std::variant<Record, DecodeFailure> read_by_kind(const json& object) {
  std::string kind;
  if (!read_field(object, "kind", kind)) return DecodeFailure::kDamaged;
  if (kind == "started") return read_as<AttemptStarted>(object);
  if (kind == "finished") return read_as<AttemptFinished>(object);
  if (kind == "carried") return read_as<TestState>(object);
  if (kind == "session") return read_as<SessionStarted>(object);
  if (kind == "stopped") return read_as<SessionStopped>(object);
  if (kind == "end") return read_as<SessionFinished>(object);
  return DecodeFailure::kDamaged;
}

// The object with its opening brace replaced by the checksum of the rest.
std::string seal(json object) {
  object["v"] = kFormatVersion;
  const std::string text = base::dump_json(object);
  const std::string_view rest = std::string_view(text).substr(1);
  return fmt::format("{}{:08x}\",{}\n", kRecordStart, crc32c(rest), rest);
}

// What a person needs least goes first: the length of the examples' messages, the messages, then
// the examples, then the evidence's list of processes. Names and reasons are bounded where they
// arise.
std::string seal_bounded(json object) {
  std::string line = seal(object);
  if (line.size() <= kMaxRecordBytes) return line;
  if (const auto examples = object.find("examples"); examples != object.end()) {
    for (json& example : *examples)
      if (const auto message = example.find("message"); message != example.end())
        *message = message->get_ref<const std::string&>().substr(0, kShortMessageBytes);
    if (line = seal(object); line.size() <= kMaxRecordBytes) return line;
    for (json& example : *examples) example.erase("message");
    if (line = seal(object); line.size() <= kMaxRecordBytes) return line;
    object.erase("examples");
    if (line = seal(object); line.size() <= kMaxRecordBytes) return line;
  }
  object.erase("evidence");
  return seal(object);
}

}  // namespace

std::string encode_record(const Record& record) {
  return seal_bounded(std::visit([](const auto& kind) { return record_to_json(kind); }, record));
}

std::variant<Record, DecodeFailure> decode_record(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.size() <= kPrefixBytes || !line.starts_with(kRecordStart))
    return DecodeFailure::kDamaged;
  const std::string_view digits = line.substr(kRecordStart.size(), kSumDigits);
  std::uint32_t sum = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + kSumDigits, sum, 16);
  if (error != std::errc{} || end != digits.data() + kSumDigits) return DecodeFailure::kDamaged;
  if (line.substr(kPrefixBytes - 2, 2) != "\",") return DecodeFailure::kDamaged;
  if (crc32c(line.substr(kPrefixBytes)) != sum) return DecodeFailure::kDamaged;

  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return DecodeFailure::kDamaged;
  std::int64_t version = 0;
  if (!read_field(object, "v", version) || version < 1) return DecodeFailure::kDamaged;
  if (version > kFormatVersion) return DecodeFailure::kFutureVersion;
  return read_by_kind(object);
}

}  // namespace specguard::journal
