#include "example_project.h"

#include <gtest/gtest.h>

#include <sstream>

namespace specguard::testing {
namespace {

// What the suite itself runs under must not reach the project's own ctest.
RunOptions clean_options(std::map<std::string, std::string> environment) {
  RunOptions options;
  options.deadline = std::chrono::seconds(240);
  options.environment = std::move(environment);
  for (const char* name : {"CTEST_INTERACTIVE_DEBUG_MODE", "DASHBOARD_TEST_FROM_CTEST",
                           "DART_TEST_FROM_DART", "SPECGUARD_ATTEMPT", "SPECGUARD_SESSION"})
    options.environment.try_emplace(name, "");
  return options;
}

}  // namespace

void ExampleProject::expect_success(const RunResult& result, const char* what) {
  if (problem_.empty() && result.exit_code != 0)
    problem_ = std::string(what) + " failed:\n" + result.out + result.err;
}

ExampleProject::ExampleProject(const std::string& name) {
  namespace fs = std::filesystem;
  fs::copy(fs::path(SPECGUARD_SOURCE_DIR) / "docs/examples" / name, source(),
           fs::copy_options::recursive);
  const std::string installed = directory_ / "installed here";
  expect_success(run({SPECGUARD_CMAKE, "--install", SPECGUARD_BINARY_DIR, "--prefix", installed}),
                 "installing SpecGuard");
  expect_success(run({SPECGUARD_CMAKE, "-S", source(), "-B", binary(), "-G", "Ninja",
                      "-DCMAKE_PREFIX_PATH=" + installed,
                      "-DSPECGUARD_INTERPRETER=" SPECGUARD_MINISPEC ";run"},
                     clean_options({})),
                 "configuring the example");
}

RunResult ExampleProject::ctest(const std::vector<std::string>& arguments,
                                const std::map<std::string, std::string>& environment) const {
  std::vector<std::string> command = {SPECGUARD_CTEST, "--test-dir", binary(), "-j2"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, clean_options(environment));
}

RunResult ExampleProject::build(const std::string& target) const {
  return run({SPECGUARD_CMAKE, "--build", binary(), "--target", target}, clean_options({}));
}

std::vector<std::string> ExampleProject::list(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {"-N"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const RunResult listing = ctest(command);
  EXPECT_EQ(listing.exit_code, 0) << listing.out << listing.err;
  std::vector<std::string> names;
  std::istringstream lines(listing.out);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.find("Test ") != std::string::npos && line.find('#') < colon &&
        colon != std::string::npos)
      names.push_back(line.substr(colon + 2));
  }
  return names;
}

}  // namespace specguard::testing
