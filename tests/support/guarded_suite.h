// A fixture with a small suite of guarded tests in a build tree of its own, for the tests of
// sessions.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "harness.h"

namespace specguard::testing {

class GuardedSuite : public ::testing::Test {
 protected:
  using Tests = std::vector<std::pair<std::string, std::string>>;  // name, shell text

  // Each test writes its name to a log when it begins.
  void suite(const Tests& tests) const;
  // How often each test has begun.
  std::map<std::string, int> begun() const;

  // Waits until the test begins, and then until `go()`; passes.
  std::string waits() const {
    return "until test -e '" + (dir_ / "go").string() + "'; do sleep 0.05; done";
  }
  void go() const { dir_.write("go", ""); }

  RunOptions options(std::map<std::string, std::string> environment = {}) const;
  std::vector<std::string> ctest_command(std::vector<std::string> words) const;
  RunResult ctest(std::vector<std::string> words = {},
                  std::map<std::string, std::string> environment = {}) const;
  RunResult launch(std::vector<std::string> words) const;  // a subcommand of the launcher

  // Runs until `name` has begun, and kills it with SIGKILL; returns when nothing of it is left.
  void kill_ctest_in(const std::string& name) const;
  bool nothing_runs() const;

  std::filesystem::path state() const { return dir_ / "Testing/SpecGuard"; }
  std::string checkpoint() const { return read_text(state() / "checkpoint.json"); }

  TempDir dir_;
  std::string mark_ = "SPECGUARD_GUARDED_SUITE=" + dir_.path().string();
};

}  // namespace specguard::testing
