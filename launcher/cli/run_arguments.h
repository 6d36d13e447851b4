// The command line of `run` and `resume`, read and checked; nothing is started.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "base/result.h"
#include "guard/thresholds.h"
#include "session/run_options.h"

namespace specguard::cli {

struct RunArguments {
  session::RunOptions options;
  std::optional<guard::Thresholds> limits;  // absent: the guard is off
  std::filesystem::path build_dir;          // empty: look for it
  std::vector<std::string> guard_words;     // as given, for the resume command
};

// nullopt: --help was asked for and printed. An Error is a usage error.
base::Result<std::optional<RunArguments>> parse_run_arguments(std::string_view command,
                                                              std::span<char*> arguments);

}  // namespace specguard::cli
