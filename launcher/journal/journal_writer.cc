#include "journal/journal_writer.h"

namespace specguard::journal {

base::Result<JournalWriter> JournalWriter::open(const std::filesystem::path& journal) {
  SPECGUARD_TRY(auto log, sys::AppendLog::open(journal));
  return JournalWriter(std::move(log));
}

base::Result<void> JournalWriter::append(const Record& record) {
  return log_.append(encode_record(record));
}

base::Result<void> JournalWriter::sync() {
  return log_.sync();
}

}  // namespace specguard::journal
