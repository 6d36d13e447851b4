// The formatting of .clang-format. Versions format differently, so only the one that it was written
// for is asked: 14, which Debian 12 has.
#include <gtest/gtest.h>

#include "harness.h"
#include "source_files.h"

namespace specguard::testing {
namespace {

constexpr const char* kVersion = "version 14.";

std::string clang_format() {
  for (const char* name : {"clang-format-14", "clang-format"})
    if (run({name, "--version"}).out.find(kVersion) != std::string::npos) return name;
  return "";
}

TEST(FormatTest, SourcesAreFormatted) {
  const std::string program = clang_format();
  if (program.empty())
    GTEST_SKIP() << "no clang-format " << kVersion
                 << "*; on Debian 12: apt-get install clang-format";
  std::vector<std::string> command = {program, "--dry-run", "-Werror"};
  for (const char* directory : {"launcher", "tests"})
    for (const auto& file : files_below(directory, {".h", ".cc"})) command.push_back(file);
  const RunResult result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err.substr(0, 4000)
                                 << "\nclang-format -i <file> mends it";
}

}  // namespace
}  // namespace specguard::testing
