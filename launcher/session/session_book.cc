#include "session/session_book.h"

#include "journal/fold.h"
#include "session/session_store.h"
#include "sys/random.h"
#include "sys/wait.h"

namespace specguard::session {
namespace {

using base::Result;
namespace fs = std::filesystem;

}  // namespace

Result<SessionBook> SessionBook::begin(const fs::path& build_dir, const std::string& selection,
                                       bool resumes, journal::CheckpointFile& checkpoint) {
  SessionBook book(journal::StateDirectory(build_dir), "run-" + sys::random_hex(8), checkpoint);
  const auto owner = process_key(sys::own_pid());
  SPECGUARD_TRY_VOID(start_session(book.state_,
                                   {.id = book.id_,
                                    .kind = journal::SessionKind::kSupervised,
                                    .owner = owner.value_or(journal::ProcessKey{}),
                                    .resumes = resumes,
                                    .selection = selection},
                                   checkpoint));
  return book;
}

Result<journal::SuiteCounts> SessionBook::stopped(const journal::StopReason& reason) {
  return end_session(state_, id_, reason, *checkpoint_);
}

Result<journal::SuiteCounts> SessionBook::finished() {
  return end_session(state_, id_, std::nullopt, *checkpoint_);
}

}  // namespace specguard::session
