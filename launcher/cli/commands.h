// The table of subcommands. Each lives in the file of its name; arguments are those after the
// subcommand's name.
#pragma once

#include <span>
#include <string_view>

namespace specguard::cli {

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<char*> arguments);  // returns the exit code of the program
};

std::span<const Command> commands();

// Runs the program: looks the subcommand up, answers --help and --version, prints usage errors.
int run_command_line(std::span<char*> arguments);

}  // namespace specguard::cli
