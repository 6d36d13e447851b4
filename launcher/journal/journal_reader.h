// Reading a journal back: all whole records in order, and an account of what was lost.
//
// A torn tail (the last line, unfinished: a crash while it was written) is cut and is no damage. A
// damaged line loses that record and no other, even where the damage made or swallowed a newline. A
// record of a newer format makes the whole journal an Error: half an understanding is worse than
// none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "journal/record.h"

namespace specguard::journal {

struct JournalAccount {
  std::uint64_t records = 0;
  std::vector<std::uint64_t> damaged_at;  // byte offsets; the first hundred
  std::uint64_t damaged = 0;              // how many in all
  bool torn_tail = false;
};

// `offset` is where the record begins in the text, `size` its bytes without the newline.
using RecordVisitor =
    std::function<void(Record&& record, std::uint64_t offset, std::uint64_t size)>;

// Pure. `source` names the text in errors.
base::Result<JournalAccount> read_records(std::string_view text, std::string_view source,
                                          const RecordVisitor& visit);

// The same for a file, at most 4 GiB.
base::Result<JournalAccount> read_journal(const std::filesystem::path& path,
                                          const RecordVisitor& visit);

// The first record alone, which says whose session it is: for whoever has to choose among journals
// before reading one. nullopt where it is damaged or not there.
std::optional<SessionStarted> read_session_started(const std::filesystem::path& path);

}  // namespace specguard::journal
