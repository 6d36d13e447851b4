#include "cli/build_directory.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "cli/exit_codes.h"
#include "sys/file.h"

namespace specguard::cli {

namespace fs = std::filesystem;

void add_build_directory_option(CLI::App& app, std::string& start) {
  app.add_option("--build-dir", start, "default: the nearest with a CTestTestfile.cmake")
      ->type_name("DIR");
}

std::optional<int> parse_words(CLI::App& app, std::string_view command,
                               std::span<char*> arguments) {
  std::vector<std::string> words(arguments.begin(), arguments.end());
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return kExitSuccess;
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "test-launcher {0}: {1}\n'test-launcher {0} --help' lists the options.\n",
               command, error.what());
    return kExitUsage;
  }
  return std::nullopt;
}

base::Result<fs::path> find_build_directory(const std::string& start) {
  SPECGUARD_TRY(fs::path found, sys::find_build_directory(start.empty() ? "." : start));
  std::error_code error;
  if (fs::path real = fs::canonical(found, error); !error) return real;
  return found;
}

int print_whole(std::string_view text, std::string_view command) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written || errno == EPIPE) return kExitSuccess;
  fmt::print(stderr, "test-launcher {}: {}\n", command,
             base::Error::from_errno("write to standard output", errno).message());
  return kExitFailure;
}

}  // namespace specguard::cli
