// What `exec` was asked to do, from all the places that may say it: strongest first the command
// line, the environment (SPECGUARD_<OPTION>), the spec file (a timeout may be raised, nothing
// else), the settings file of the CMake call, defaults.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/isolation_choice.h"
#include "spec/read_spec.h"
#include "supervise/attempt.h"

namespace specguard::cli {

struct ExecOptions {
  std::string name;
  std::vector<std::string> command;
  supervise::Limits limits;
  supervise::LeakPolicy leaks = supervise::LeakPolicy::kWarn;
  supervise::ResultsFormat results = supervise::ResultsFormat::kExit;
  std::optional<int> skip_code;  // an exit code of the test that means skipped
  IsolationKind isolation = IsolationKind::kProcess;
  std::string image;
  std::string engine = "auto";
  std::string network;  // empty: what the isolation kind has by default
  bool scratch = false;
  bool verbose = false;
  std::filesystem::path spec;                  // empty: none
  spec::SpecDirectives directives;             // of the spec; its timeout is already applied
  std::filesystem::path working_directory;     // empty: where the launcher runs
  std::string program;                         // see exec_program.h; empty: PATH is searched
  std::filesystem::path build_dir;             // empty: none known
  std::filesystem::path settings;              // empty: none
  std::chrono::milliseconds ctest_timeout{0};  // ctest's own TIMEOUT of this test; 0: it has none
  std::string settled;  // "name=value\n" of all that a result may depend on, whoever said it
};

// A value and who said it: "--timeout", "SPECGUARD_TIMEOUT", "/build/x.json: timeout".
struct OptionValue {
  std::string text;
  std::string source;
};
using OptionValues = std::map<std::string, OptionValue, std::less<>>;

// The command line's own layer and the command after "--". nullopt: --help was asked for and
// printed.
struct ExecCommandLine {
  OptionValues values;
  std::vector<std::string> command;
};
base::Result<std::optional<ExecCommandLine>> parse_exec_command_line(std::span<char*> arguments);

// Merges the layers and checks every value; an Error names the source of the value that is wrong.
// `environment` looks a variable up.
base::Result<ExecOptions> resolve_exec_options(
    const ExecCommandLine& command_line,
    const std::function<std::optional<std::string>(const char*)>& environment);

}  // namespace specguard::cli
