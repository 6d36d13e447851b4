// The journal's reader: whatever lies between two whole records, both are read; what is accepted
// says the same when it is written again.
//
// Random bytes never have the right checksum. So each input is read three times: as a journal, as
// damage between two records, and, with its checksum made right, as the content of a record.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/check.h"
#include "journal/checksum.h"
#include "journal/journal_reader.h"
#include "journal/record.h"

namespace {

using namespace specguard::journal;

// The records of a journal, as lines; nothing where a newer launcher wrote it.
std::vector<std::string> read_lines(std::string_view text) {
  std::vector<std::string> lines;
  const auto account =
      read_records(text, "input", [&](Record&& record, std::uint64_t offset, std::uint64_t size) {
        SPECGUARD_CHECK(offset + size <= text.size(), "a record lies in its journal");
        lines.push_back(encode_record(record));
      });
  if (!account.ok()) return {};
  SPECGUARD_CHECK(account->records == lines.size(), "every record is counted");
  return lines;
}

std::string sealed(std::string_view content) {
  return fmt::format("{}{:08x}\",{}", kRecordStart, crc32c(content), content);
}

void check_lasting(const std::string& line) {
  SPECGUARD_CHECK(line.size() <= kMaxRecordBytes, "a record is bounded");
  const auto again = decode_record(line);
  SPECGUARD_CHECK(std::holds_alternative<Record>(again), "what was written can be read");
  SPECGUARD_CHECK(encode_record(std::get<Record>(again)) == line, "and says the same");
}

bool is_from_the_future(std::string_view text) {
  return !read_records(text, "input", [](Record&&, std::uint64_t, std::uint64_t) {}).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string& line : read_lines(text)) check_lasting(line);
  for (const std::string& line : read_lines(sealed(text))) check_lasting(line);

  AttemptStarted before;
  before.test.name = "test";
  before.attempt = "before";
  AttemptStarted after;
  after.test.name = "test";
  after.attempt = "after";
  const std::string first = encode_record(before);
  const std::string last = encode_record(after);
  const std::string damaged = first + std::string(text) + "\n" + last;
  if (is_from_the_future(damaged)) return 0;
  const auto lines = read_lines(damaged);
  SPECGUARD_CHECK(lines.size() >= 2 && lines.front() == first && lines.back() == last,
                  "damage costs no other record");
  return 0;
}
