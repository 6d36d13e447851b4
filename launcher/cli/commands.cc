#include "cli/commands.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cli/container_init.h"
#include "cli/discover.h"
#include "cli/docker_client.h"
#include "cli/doctor.h"
#include "cli/exec.h"
#include "cli/exit_codes.h"
#include "cli/reap.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/status.h"
#include "supervise/container_init.h"
#include "supervise/docker_client.h"
#include "sys/fd.h"

namespace specguard::cli {
namespace {

const std::vector<Command> kCommands = {
    {"exec", "run one test, bounded, isolated and reaped", run_exec},
    {"discover", "list the spec files of a project, for people, programs or CTest", run_discover},
    {"run", "a supervised ctest session", run_run},
    {"resume", "run, from the checkpoint", run_resume},
    {"status", "what the last session did, what is left, and why it stopped", run_status},
    {"report", "write HTML, JUnit, a trace or JSON about the whole suite", run_report},
    {"reap", "clear processes, groups and containers that dead sessions left", run_reap},
    {"doctor", "say what this machine can enforce, and the remedies", run_doctor},
};

void print_usage(std::FILE* to) {
  fmt::print(to, "test-launcher {}: runs tests under CTest, bounded, isolated and reaped\n\n",
             SPECGUARD_VERSION);
  fmt::print(to, "usage: test-launcher COMMAND [OPTION...]\n\n");
  for (const Command& command : kCommands)
    fmt::print(to, "  {:<10} {}\n", command.name, command.summary);
  fmt::print(to, "\n'test-launcher COMMAND --help' lists a command's options.\n");
}

// An answer that did not reach its reader is no success: a full disk would make half a list of
// tests look like all of them.
int code_of_written(int code, std::string_view command) {
  errno = 0;
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (written || code != kExitSuccess) return code;
  const char* const why = errno == 0 ? "a write failed" : std::strerror(errno);
  fmt::print(stderr, "test-launcher {}: the output is not complete: {}\n", command, why);
  return kExitFailure;
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

int run_command_line(std::span<char*> arguments) {
  sys::open_missing_streams();
  if (arguments.empty()) {
    print_usage(stderr);
    return kExitUsage;
  }
  const std::string_view name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(stdout);
    return kExitSuccess;
  }
  if (name == "--version") {
    fmt::print("test-launcher {}\n", SPECGUARD_VERSION);
    return kExitSuccess;
  }
  for (const Command& command : kCommands)
    if (command.name == name) return code_of_written(command.run(arguments.subspan(1)), name);
  if (name == supervise::kContainerInit) return run_container_init(arguments.subspan(1));
  if (name == supervise::kDockerClient) return run_docker_client(arguments.subspan(1));
  fmt::print(stderr, "test-launcher: unknown command '{}'; 'test-launcher --help' lists them\n",
             name);
  return kExitUsage;
}

}  // namespace specguard::cli
