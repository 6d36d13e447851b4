// ResumeCommand: the command line that goes on from a session, exactly as a person can paste it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/record.h"

namespace specguard::session {

// "test-launcher" where that is what PATH finds, else the absolute path of this program.
std::string launcher_word();

// Words for a shell, quoted where that is needed.
std::string shell_words(const std::vector<std::string>& words);

// A supervised session keeps its own in its directory, from its start on: only `run` knows the
// options it was given.
base::Result<void> save_resume_command(const std::filesystem::path& session_directory,
                                       const std::string& command);

// Of a supervised session what it saved, of a bare one its ctest with the same selection.
std::string resume_command(const journal::SessionStarted& session,
                           const std::filesystem::path& session_directory,
                           const std::filesystem::path& build_dir);

// The one that runs what failed in a session that came to its end.
std::string rerun_failed_command(const std::filesystem::path& build_dir);

}  // namespace specguard::session
