// SessionBook: the life of one supervised session in the state directory: begun, and stopped or
// finished, with its checkpoint.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/checkpoint.h"
#include "journal/record.h"
#include "journal/state_directory.h"

namespace specguard::session {

class SessionBook {
 public:
  // Makes the session's directory and the first records of its journal; one that resumes takes over
  // what `checkpoint` holds. That is the build tree's, and has to outlive the book.
  static base::Result<SessionBook> begin(const std::filesystem::path& build_dir,
                                         const std::string& selection, bool resumes,
                                         journal::CheckpointFile& checkpoint);

  // The checkpoint is up to date and durable when either returns.
  base::Result<journal::SuiteCounts> stopped(const journal::StopReason& reason);
  base::Result<journal::SuiteCounts> finished();

  const std::string& id() const { return id_; }
  std::filesystem::path directory() const { return state_.session(id_); }

 private:
  SessionBook(journal::StateDirectory state, std::string id, journal::CheckpointFile& checkpoint)
      : state_(std::move(state)), id_(std::move(id)), checkpoint_(&checkpoint) {}

  journal::StateDirectory state_;
  std::string id_;
  journal::CheckpointFile* checkpoint_;
};

}  // namespace specguard::session
