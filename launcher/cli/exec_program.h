// What a bare command name of a guarded test is. ctest runs the file of that name in the test's
// working directory, else what it finds in its own PATH (cmCTestTestHandler::FindExecutable). The
// first only the launcher can see, the second only ctest: a test's ENVIRONMENT may change PATH. So
// ctest's scripts hand over what they found as --program.
#pragma once

#include <filesystem>
#include <string>

#include "cli/isolation_choice.h"

namespace specguard::cli {

// The path to run for `command`; `command` itself where that is to be searched for in PATH. Call it
// in the test's working directory. In a container only files of the build directory are what they
// are here: any other name is the image's.
std::string choose_program(const std::string& command, const std::string& program,
                           IsolationKind isolation, const std::filesystem::path& build_dir);

}  // namespace specguard::cli
