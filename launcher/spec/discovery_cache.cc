#include "spec/discovery_cache.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>
#include <vector>

#include "sys/file.h"

namespace specguard::spec {
namespace {

// Raise it when what a spec file means changes: an older cache would answer with the old meaning.
constexpr int kVersion = 1;

constexpr std::uint64_t kMaxCacheBytes = 1u << 30;
constexpr char kFieldEnd = '\t';
constexpr char kListEnd = '\x1f';

// File times advance by ticks of up to 10 ms, or 2 s on FAT; within one tick two edits look alike.
constexpr std::int64_t kSettledNs = 2'500'000'000;

std::uint64_t checksum(std::string_view text) {  // FNV-1a over 8 bytes at a time: against damage
  std::uint64_t hash = 0xcbf29ce484222325;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    for (int i = 7; i >= 0; --i)
      word = word << 8 | static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string header(std::string_view lines) {
  return fmt::format("specguard discovery cache {} {:016x}\n", kVersion, checksum(lines));
}

// Text that has no newline, tab or list end in it.
void write_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case kFieldEnd:
        out += "\\t";
        break;
      case kListEnd:
        out += "\\u";
        break;
      default:
        out += c;
    }
  }
}

std::string read_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char code = text[++at];
    out += code == 'n' ? '\n' : code == 't' ? kFieldEnd : code == 'u' ? kListEnd : code;
  }
  return out;
}

std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(kFieldEnd), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

template <typename Number>
Number take_number(std::string_view& line) {
  const std::string_view field = take_field(line);
  Number number = 0;
  std::from_chars(field.data(), field.data() + field.size(), number);
  return number;
}

void write_list(std::string& out, const std::vector<std::string>& list) {
  for (const std::string& item : list) {
    write_text(out, item);
    out += kListEnd;
  }
  out += kFieldEnd;
}

std::vector<std::string> take_list(std::string_view& line) {
  std::vector<std::string> list;
  for (std::string_view field = take_field(line); !field.empty();) {
    const std::size_t end = std::min(field.find(kListEnd), field.size());
    list.push_back(read_text(field.substr(0, end)));
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return list;
}

// An absent reason is an empty field, a present one begins with '='.
void write_reason(std::string& out, const std::optional<std::string>& reason) {
  if (reason) out += '=', write_text(out, *reason);
  out += kFieldEnd;
}

std::optional<std::string> take_reason(std::string_view& line) {
  const std::string_view field = take_field(line);
  if (field.empty()) return std::nullopt;
  return read_text(field.substr(1));
}

std::string stamp_fields(const sys::FileStamp& stamp) {
  return fmt::format("{}\t{}\t{}\t{}\t", stamp.inode, stamp.size_bytes, stamp.modified_ns,
                     stamp.changed_ns);
}

std::string facts_fields(const SpecFacts& facts) {
  const ExampleCounts& examples = facts.examples;
  std::string out = fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t", facts.line, examples.plain,
                                examples.slow, examples.skipped, examples.pending, int{facts.slow},
                                int{facts.may_skip}, facts.timeout ? facts.timeout->count() : 0);
  write_list(out, facts.tags);
  write_list(out, facts.platforms);
  write_list(out, facts.warnings);
  write_reason(out, facts.skip);
  write_reason(out, facts.pending);
  return out;
}

SpecFacts parse_facts(std::string_view line) {
  SpecFacts facts;
  facts.line = take_number<int>(line);
  facts.examples.plain = take_number<int>(line);
  facts.examples.slow = take_number<int>(line);
  facts.examples.skipped = take_number<int>(line);
  facts.examples.pending = take_number<int>(line);
  facts.slow = take_number<int>(line) != 0;
  facts.may_skip = take_number<int>(line) != 0;
  if (const auto seconds = take_number<std::int64_t>(line); seconds > 0)
    facts.timeout = std::chrono::seconds(seconds);
  facts.tags = take_list(line);
  facts.platforms = take_list(line);
  facts.warnings = take_list(line);
  facts.skip = take_reason(line);
  facts.pending = take_reason(line);
  return facts;
}

}  // namespace

DiscoveryCache DiscoveryCache::load(const std::filesystem::path& file) {
  DiscoveryCache cache;
  auto content = sys::read_file(file, kMaxCacheBytes);
  if (!content) return cache;
  const std::size_t header_end = content->find('\n');
  if (header_end == std::string::npos) return cache;
  const std::string_view lines = std::string_view(*content).substr(header_end + 1);
  if (!content->starts_with(header(lines))) return cache;

  cache.loaded_ = std::move(*content);
  std::string_view rest = std::string_view(cache.loaded_).substr(header_end + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view path = take_field(line);
    cache.lines_.emplace(path, line);
  }
  return cache;
}

std::optional<SpecFacts> DiscoveryCache::find(std::string_view path, const sys::FileStamp& stamp) {
  std::string key;
  write_text(key, path);
  const auto line = lines_.find(key);
  const std::string fields = stamp_fields(stamp);
  if (line == lines_.end() || !line->second.starts_with(fields)) {
    changed_ = true;
    return std::nullopt;
  }
  ++found_;
  next_ += fmt::format("{}\t{}\n", key, line->second);
  return parse_facts(line->second.substr(fields.size()));
}

void DiscoveryCache::keep(std::string_view path, const sys::FileStamp& stamp,
                          const SpecFacts& facts, base::WallTime read_at) {
  const std::int64_t now_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(read_at.time_since_epoch()).count();
  if (now_ns - stamp.changed_ns < kSettledNs) return;
  write_text(next_, path);
  next_ += kFieldEnd;
  next_ += stamp_fields(stamp);
  next_ += facts_fields(facts);
  next_ += '\n';
}

base::Result<void> DiscoveryCache::save(const std::filesystem::path& file) const {
  if (!changed_ && found_ == lines_.size()) return {};
  return sys::replace_file(file, header(next_) + next_);
}

}  // namespace specguard::spec
