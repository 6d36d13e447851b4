#include "cli/commands.h"

int main(int argc, char** argv) {
  return specguard::cli::run_command_line(
      {argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)});
}
