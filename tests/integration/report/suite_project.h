// A build tree of its own, whose tests are written as CMake would generate them, run by the real
// ctest.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness.h"

namespace specguard::testing {

class SuiteProject {
 public:
  // add_test(), with the launcher; `options` are exec's, before the command.
  void guarded(const std::string& name, const std::string& shell, const std::string& options = "");
  void plain(const std::string& name, const std::string& shell);
  void properties(const std::string& name, const std::string& words);
  void clear() { tests_.clear(); }
  // What was said so far becomes the suite.
  void write() const;

  RunOptions options() const;
  RunResult run_launcher(std::vector<std::string> words) const;
  std::vector<std::string> launcher_command(std::vector<std::string> words) const;
  RunResult ctest(const std::vector<std::string>& words) const;

  nlohmann::json status() const;
  nlohmann::json report() const;
  // "tests failures errors skipped" of the JUnit report, as a viewer counts; the trouble where it
  // is none.
  std::string junit() const;

  // Until status says that a living session runs this test.
  bool wait_until_runs(const std::string& test) const;
  std::filesystem::path path() const { return dir_.path(); }
  std::filesystem::path newest_journal() const;

 private:
  TempDir dir_;
  std::string tests_;
};

}  // namespace specguard::testing
