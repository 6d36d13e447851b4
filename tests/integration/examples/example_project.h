// An example project, copied, configured against an installed SpecGuard, and asked through ctest.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness.h"

namespace specguard::testing {

class ExampleProject {
 public:
  // Installs SpecGuard and configures docs/examples/<name>, in a directory with spaces in its path.
  explicit ExampleProject(const std::string& name);

  // What went wrong in that; empty where nothing did. Ask before anything else.
  const std::string& problem() const { return problem_; }

  // ctest in the build directory, with these arguments.
  RunResult ctest(const std::vector<std::string>& arguments,
                  const std::map<std::string, std::string>& environment = {}) const;
  // cmake --build <build directory> --target <target>
  RunResult build(const std::string& target) const;
  // The names that `ctest -N` lists with these arguments.
  std::vector<std::string> list(const std::vector<std::string>& arguments) const;

  std::filesystem::path source() const { return directory_ / "my project"; }
  std::filesystem::path binary() const { return directory_ / "my build"; }

 private:
  void expect_success(const RunResult& result, const char* what);

  TempDir directory_;
  std::string problem_;
};

}  // namespace specguard::testing
