#include "session/ctest_process.h"

#include <fmt/format.h>

#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cstdio>
#include <memory>

#include "sys/environment.h"
#include "sys/file.h"
#include "sys/process_control.h"
#include "sys/supervised_child.h"
#include "sys/wait.h"

namespace specguard::session {
namespace {

namespace process = boost::process::v2;
namespace fs = std::filesystem;
using base::Error;
using base::Result;
using boost::system::error_code;

// What Boost.Process's launcher does not do by itself: the environment, and the child's side.
class Supervised {
 public:
  Supervised(const char* const* environment, int out_fd)
      : environment_(environment), supervisor_(sys::own_pid()), out_fd_(out_fd) {}

  template <typename Launcher>
  error_code on_setup(Launcher& launcher, const process::filesystem::path&, const char* const*(&)) {
    launcher.env = environment_;
    return {};
  }

  template <typename Launcher>
  error_code on_exec_setup(Launcher&, const process::filesystem::path&, const char* const*(&)) {
    const int error = sys::begin_supervised_child(supervisor_, out_fd_);
    return {error, boost::system::system_category()};
  }

 private:
  const char* const* environment_;
  pid_t supervisor_;
  int out_fd_;
};

Result<fs::path> find_on_path(const std::string& name) {
  const std::string path = sys::environment_variable("PATH").value_or("/usr/bin:/bin");
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    const fs::path candidate = fs::path(path.substr(start, end - start)) / name;
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) return candidate;
    start = end + 1;
  }
  return Error(name + " is not on PATH: install CMake, or name the program in SPECGUARD_CTEST");
}

}  // namespace

Result<int> start_ctest(boost::asio::io_context& io, const CtestCommand& command, int out_fd) {
  const std::vector<std::string> environment = sys::environment_with(command.environment);
  std::vector<const char*> pointers;
  for (const std::string& entry : environment) pointers.push_back(entry.c_str());
  pointers.push_back(nullptr);
  try {
    process::posix::default_launcher launcher;
    error_code error;
    auto child =
        launcher(io.get_executor(), error, process::filesystem::path(command.program.string()),
                 command.arguments, Supervised(pointers.data(), out_fd));
    if (error)
      return Error::from_errno(fmt::format("start {}", command.program.string()), error.value());
    const int pid = child.id();
    child.detach();  // the supervisor waits for all its children in one place
    return pid;
  } catch (const std::exception& error) {
    return Error(fmt::format("start {}: {}", command.program.string(), error.what()));
  }
}

Result<Captured> capture_ctest(const CtestCommand& command) {
  // A file without a name, and not a pipe: nobody has to read while it runs.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  if (!file) return Error::from_errno("create a temporary file", errno);
  boost::asio::io_context io;
  SPECGUARD_TRY(const int pid, start_ctest(io, command, fileno(file.get())));
  int status = 0;
  if (!sys::wait_for(pid, status)) return Error("ctest was waited for by somebody else");
  Captured captured{.output = {}, .exit_code = sys::exited(status) ? sys::exit_code(status) : -1};
  std::rewind(file.get());
  std::string buffer(1 << 16, '\0');
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;)
    captured.output.append(buffer, 0, got);
  return captured;
}

Result<fs::path> find_ctest(const fs::path& build_dir) {
  if (const auto named = sys::environment_variable("SPECGUARD_CTEST")) return fs::path(*named);
  constexpr std::string_view kKey = "\nCMAKE_CTEST_COMMAND:INTERNAL=";
  if (const auto cache = sys::read_file(build_dir / "CMakeCache.txt", 64 << 20)) {
    const std::size_t at = cache->find(kKey);
    if (at != std::string::npos) {
      const std::size_t start = at + kKey.size();
      const fs::path program = cache->substr(start, cache->find('\n', start) - start);
      std::error_code error;
      if (fs::exists(program, error)) return program;
    }
  }
  return find_on_path("ctest");
}

}  // namespace specguard::session
