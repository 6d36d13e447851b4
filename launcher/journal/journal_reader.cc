#include "journal/journal_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "sys/file.h"

namespace specguard::journal {
namespace {

constexpr std::uint64_t kMaxJournalBytes = std::uint64_t{4} << 30;
constexpr std::size_t kMaxPlacesOfDamage = 100;

class Reading {
 public:
  Reading(std::string_view text, std::string_view source, const RecordVisitor& visit)
      : text_(text), source_(source), visit_(visit) {}

  base::Result<JournalAccount> run() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t newline = text_.find('\n', at);
      const bool whole_line = newline != std::string_view::npos;
      const std::size_t end = whole_line ? newline : text_.size();
      SPECGUARD_TRY_VOID(read_line(at, end, whole_line));
      at = end + 1;
    }
    return account_;
  }

 private:
  // One line holds one record, but where damage ate a newline: then it holds the start of another.
  base::Result<void> read_line(std::size_t begin, std::size_t end, bool whole_line) {
    while (begin < end) {
      const std::size_t next = std::min(end, text_.substr(0, end).find(kRecordStart, begin + 1));
      SPECGUARD_TRY(const bool good, read_piece(begin, next));
      if (!good && next == end && !whole_line)
        account_.torn_tail = true;
      else if (!good)
        note_damage(begin);
      begin = next;
    }
    return {};
  }

  base::Result<bool> read_piece(std::size_t begin, std::size_t end) {
    const std::string_view piece = text_.substr(begin, end - begin);
    auto decoded = decode_record(piece);
    // The damaged byte may be the newline itself.
    if (std::holds_alternative<DecodeFailure>(decoded) && end < text_.size() && text_[end] != '\n')
      decoded = decode_record(piece.substr(0, piece.size() - 1));
    if (auto* record = std::get_if<Record>(&decoded)) {
      ++account_.records;
      visit_(std::move(*record), begin, piece.size());
      return true;
    }
    if (std::get<DecodeFailure>(decoded) == DecodeFailure::kFutureVersion)
      return base::Error(fmt::format(
          "{}: written by a newer test-launcher than this one, which reads formats up to {}; use "
          "that launcher, or remove the file",
          source_, kFormatVersion));
    return false;
  }

  void note_damage(std::size_t at) {
    ++account_.damaged;
    if (account_.damaged_at.size() < kMaxPlacesOfDamage) account_.damaged_at.push_back(at);
  }

  std::string_view text_;
  std::string_view source_;
  const RecordVisitor& visit_;
  JournalAccount account_;
};

}  // namespace

base::Result<JournalAccount> read_records(std::string_view text, std::string_view source,
                                          const RecordVisitor& visit) {
  return Reading(text, source, visit).run();
}

base::Result<JournalAccount> read_journal(const std::filesystem::path& path,
                                          const RecordVisitor& visit) {
  SPECGUARD_TRY(const std::string text, sys::read_file(path, kMaxJournalBytes));
  return read_records(text, path.native(), visit);
}

std::optional<SessionStarted> read_session_started(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  // A few hundred bytes, unless the selection is a list of names.
  for (char c = 0; line.size() < kMaxRecordBytes && file.get(c) && c != '\n';) line += c;
  auto decoded = decode_record(line);
  auto* record = std::get_if<Record>(&decoded);
  auto* started = record != nullptr ? std::get_if<SessionStarted>(record) : nullptr;
  return started != nullptr ? std::optional(std::move(*started)) : std::nullopt;
}

}  // namespace specguard::journal
