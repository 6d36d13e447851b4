// CtestProcess: starts ctest, and nothing else. The one file of this room that includes
// Boost.Process, which takes seconds to compile.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace specguard::session {

struct CtestCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // NAME=value, added to our own
};

// Starts it in a process group of its own, to die with us (sys/supervised_child.h). The caller
// waits for the pid; standard output goes to out_fd, or where ours goes (-1).
base::Result<int> start_ctest(boost::asio::io_context& io, const CtestCommand& command,
                              int out_fd = -1);

// Runs it to its end and returns what it wrote to standard output.
struct Captured {
  std::string output;
  int exit_code = -1;  // -1: died by a signal
};
base::Result<Captured> capture_ctest(const CtestCommand& command);

// The ctest of a build tree: SPECGUARD_CTEST, what CMake noted in its cache, or the one on PATH.
base::Result<std::filesystem::path> find_ctest(const std::filesystem::path& build_dir);

}  // namespace specguard::session
