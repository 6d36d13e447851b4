// JournalWriter: appends records to a session's journal.
//
// Durability, in the order of what it costs:
//   - append() returned: the record survives the death of every process, whatever killed it.
//   - sync() returned: it survives a power loss. Asked for at most once a second, before a trip is
//     acted on, and at the end of a session; never on the path of a test shorter than that.
// It refuses nothing and repairs nothing: an Error means that this record is not in the journal,
// and the caller marks the session degraded.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "journal/record.h"
#include "sys/append_log.h"

namespace specguard::journal {

class JournalWriter {
 public:
  static base::Result<JournalWriter> open(const std::filesystem::path& journal);

  base::Result<void> append(const Record& record);
  base::Result<void> sync();

 private:
  explicit JournalWriter(sys::AppendLog log) : log_(std::move(log)) {}
  sys::AppendLog log_;
};

}  // namespace specguard::journal
