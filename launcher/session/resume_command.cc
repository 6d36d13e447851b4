#include "session/resume_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "session/run_options.h"
#include "sys/environment.h"
#include "sys/file.h"

namespace specguard::session {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "resume-command";
constexpr std::uint64_t kMaxCommandBytes = 1 << 20;

}  // namespace

std::string launcher_word() {
  constexpr const char* kName = "test-launcher";
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return kName;
  const std::string path = sys::environment_variable("PATH").value_or("");
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    const fs::path candidate = fs::path(path.substr(start, end - start)) / kName;
    if (fs::exists(candidate, error))
      return fs::equivalent(candidate, self, error) ? kName : self.string();
    start = end + 1;
  }
  return self.string();
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_quote(word);
  return line;
}

base::Result<void> save_resume_command(const fs::path& session_directory,
                                       const std::string& command) {
  return sys::replace_file(session_directory / kFileName, command + "\n");
}

std::string resume_command(const journal::SessionStarted& session,
                           const fs::path& session_directory, const fs::path& build_dir) {
  if (session.kind == journal::SessionKind::kSupervised) {
    const auto saved = sys::read_file(session_directory / kFileName, kMaxCommandBytes);
    const std::string line = saved ? saved->substr(0, saved->find('\n')) : std::string();
    if (!line.empty()) return line;
    return shell_words({launcher_word(), "resume", "--build-dir", build_dir.string()});
  }
  std::string line =
      "SPECGUARD_RESUME=1 " + shell_words({"ctest", "--test-dir", build_dir.string()});
  std::istringstream words(session.selection);
  for (std::string word; words >> word;) line += " " + shell_quote(word);
  return line;
}

std::string rerun_failed_command(const fs::path& build_dir) {
  return shell_words(
      {"ctest", "--test-dir", build_dir.string(), "--rerun-failed", "--output-on-failure"});
}

}  // namespace specguard::session
