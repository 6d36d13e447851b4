#include "journal/checkpoint.h"

#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "journal/checksum.h"
#include "journal/json_fields.h"
#include "journal/record_json.h"
#include "sys/append_log.h"
#include "sys/file.h"

namespace specguard::journal {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxCheckpointBytes = std::uint64_t{1} << 30;

json counts_to_json(const SuiteCounts& counts) {
  json object = {{"total", counts.total}, {"unfinished", counts.in_flight}};
  for (std::size_t i = 0; i < counts.by_outcome.size(); ++i)
    if (counts.by_outcome[i] != 0)
      object[std::string(base::outcome_name(static_cast<base::Outcome>(i)))] = counts.by_outcome[i];
  return object;
}

// Over the compact text with sorted keys: layout does not matter, content does. The document has no
// member "sum" yet, or no more.
std::string sum_of(const json& document) {
  return fmt::format("{:08x}", crc32c(base::dump_json(document)));
}

bool read_names(const json& document, const char* key, std::vector<std::string>& names) {
  const auto array = document.find(key);
  if (array == document.end()) return true;
  if (!array->is_array()) return false;
  for (const json& name : *array) {
    if (!name.is_string()) return false;
    names.push_back(name.get<std::string>());
  }
  return true;
}

bool read_members(const json& document, Checkpoint& checkpoint) {
  std::string saved;
  const auto stop = document.find("stop");
  const auto tests = document.find("tests");
  if (!read_field(document, "saved", saved) || !parse_time(saved, checkpoint.saved) ||
      !read_field(document, "session", checkpoint.session) ||
      !read_field(document, "number", checkpoint.number) ||
      !read_field(document, "selection", checkpoint.selection) ||
      !read_field(document, "degraded", checkpoint.degraded) ||
      !read_field(document, "damaged", checkpoint.damaged) ||
      !read_field(document, "all_known", checkpoint.all_known) ||
      !read_names(document, "not_started", checkpoint.not_started) || stop == document.end() ||
      !from_json(*stop, checkpoint.stop) || tests == document.end() || !tests->is_array())
    return false;
  checkpoint.tests.reserve(tests->size());
  for (const json& entry : *tests)
    if (!from_json(entry, checkpoint.tests.emplace_back())) return false;
  return true;
}

}  // namespace

SuiteCounts Checkpoint::counts() const {
  SuiteCounts counts;
  counts.total = tests.size();
  for (const TestState& test : tests) {
    if (test.finished)
      ++counts.by_outcome[static_cast<std::size_t>(test.result.outcome)];
    else
      ++counts.in_flight;
  }
  return counts;
}

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  json document = {{"version", kFormatVersion},
                   {"saved", format_time(checkpoint.saved)},
                   {"session", checkpoint.session},
                   {"number", checkpoint.number},
                   {"selection", checkpoint.selection},
                   {"stop", to_json(checkpoint.stop)},
                   {"degraded", checkpoint.degraded},
                   {"damaged", checkpoint.damaged},
                   {"all_known", checkpoint.all_known},
                   {"not_started", checkpoint.not_started},
                   {"counts", counts_to_json(checkpoint.counts())},
                   {"tests", json::array()}};
  for (const TestState& test : checkpoint.tests) document["tests"].push_back(to_json(test));
  // Both texts have bytes that are no UTF-8 replaced alike, so that a reader sums what it parses.
  document["sum"] = sum_of(document);
  return base::dump_json_pretty(document);
}

base::Result<Checkpoint> parse_checkpoint(std::string_view text, std::string_view source) {
  SPECGUARD_TRY(json document, base::parse_json(text, source));
  std::int64_t version = 0;
  if (!document.is_object() || !read_field(document, "version", version) || version < 1)
    return base::Error(fmt::format("{}: not a checkpoint", source));
  if (version > kFormatVersion)
    return base::Error(fmt::format(
        "{}: written by a newer test-launcher (format {}, this one reads up to {}); use that "
        "launcher, or remove the file to start anew",
        source, version, kFormatVersion));
  std::string sum;
  const bool has_sum = read_field(document, "sum", sum) && document.erase("sum") != 0;
  if (!has_sum || sum != sum_of(document))
    return base::Error(fmt::format(
        "{}: damaged or edited, its checksum does not match; remove it to start anew", source));
  Checkpoint checkpoint;
  if (!read_members(document, checkpoint))
    return base::Error(fmt::format("{}: a member is missing or of the wrong type", source));
  return checkpoint;
}

base::Result<void> write_checkpoint(const std::filesystem::path& path,
                                    const Checkpoint& checkpoint) {
  return sys::replace_file(path, encode_checkpoint(checkpoint), sys::Durability::kDurable);
}

base::Result<std::optional<Checkpoint>> read_checkpoint(const std::filesystem::path& path) {
  const auto text = sys::read_file(path, kMaxCheckpointBytes);
  if (!text && text.error().errno_value() == ENOENT) return std::optional<Checkpoint>{};
  if (!text) return text.error();
  SPECGUARD_TRY(auto checkpoint, parse_checkpoint(*text, path.native()));
  return std::optional<Checkpoint>(std::move(checkpoint));
}

base::Result<const std::optional<Checkpoint>*> CheckpointFile::read() {
  // Before the content: one that is replaced in between is read again the next time.
  const std::string mark = sys::file_mark(path_);
  if (mark.empty() || mark != mark_) {
    mark_.clear();
    SPECGUARD_TRY(content_, read_checkpoint(path_));
    mark_ = mark;
  }
  return &content_;
}

}  // namespace specguard::journal
