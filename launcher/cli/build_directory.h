// What the subcommands that read a build tree's sessions have in common: options, the directory,
// and output that is whole or an error.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specguard::cli {

void add_build_directory_option(CLI::App& app, std::string& start);

// Parses; an exit code where that was all (help, usage error), which has been said.
std::optional<int> parse_words(CLI::App& app, std::string_view command, std::span<char*> arguments);

// The nearest one upward, with its symbolic links resolved; empty `start`: from here.
base::Result<std::filesystem::path> find_build_directory(const std::string& start);

// To standard output; the exit code. A reader that went away (a pager) is no failure of ours, a
// full disk is.
int print_whole(std::string_view text, std::string_view command);

}  // namespace specguard::cli
