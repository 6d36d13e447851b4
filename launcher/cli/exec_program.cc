#include "cli/exec_program.h"

#include <algorithm>
#include <system_error>

namespace specguard::cli {
namespace {

namespace fs = std::filesystem;

bool is_in_directory(const fs::path& path, const fs::path& directory) {
  const auto mismatch = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return !directory.empty() && mismatch.first == directory.end();
}

}  // namespace

std::string choose_program(const std::string& command, const std::string& program,
                           IsolationKind isolation, const fs::path& build_dir) {
  if (program.empty() || command.find('/') != std::string::npos) return command;
  std::error_code error;
  const fs::path here = fs::absolute(command, error);
  if (!error && fs::is_regular_file(here, error)) return here.string();
  if (isolation == IsolationKind::kContainer && !is_in_directory(program, build_dir))
    return command;
  return program;
}

}  // namespace specguard::cli
