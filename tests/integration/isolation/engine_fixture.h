// What the container tests share: the private engines that the CTest fixture started, a project in
// a directory of its own, and questions to the engine.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "harness.h"

namespace specguard::testing {

// One of tests/support/engines/engines.sh, started in `directory`.
class Engine {
 public:
  Engine(std::string name, std::filesystem::path directory)
      : name_(std::move(name)), directory_(std::move(directory)) {}

  // "docker", "podman", or with "rootless_" before it: that of an ordinary user.
  const std::string& name() const { return name_; }
  bool is_rootless() const { return name_.starts_with(kRootless); }
  std::string client() const { return is_rootless() ? name_.substr(kRootless.size()) : name_; }
  // The command as it runs where the engine is used from.
  std::vector<std::string> as_its_user(std::vector<std::string> command) const;
  bool is_ready() const { return std::filesystem::exists(directory_ / (name_ + ".ready")); }
  std::string reason() const { return read_text(directory_ / (name_ + ".reason")); }

  // Outside of ctest, whatever runs this test, and with this engine where clients look for one.
  RunOptions options() const;
  // The engine's own client.
  RunResult ask(const std::vector<std::string>& arguments) const;
  // Names of the containers of one test, in whatever state.
  std::vector<std::string> containers(const std::string& test_name) const;

 private:
  static constexpr std::string_view kRootless = "rootless_";

  std::filesystem::path programs() const;

  std::string name_;
  std::filesystem::path directory_;
};

// A test of every engine; the parameter is its name.
class ContainerTest : public ::testing::TestWithParam<std::string> {
 protected:
  ContainerTest();
  // Skips where the engine cannot be had on this machine; CI has it.
  void SetUp() override;
  // Nothing may be left, whatever the test was about.
  void TearDown() override;

  const Engine& engine() const { return engine_; }
  // A build directory of user 1234, in which the tests run.
  std::filesystem::path build() const { return directory_ / "build"; }
  const TempDir& directory() const { return directory_; }
  // What the attempts are called: nobody else's are.
  std::string name() const { return directory_.path().filename(); }
  std::vector<std::string> containers() const { return engine_.containers(name()); }
  // What launchers made for containers in the directory for temporary files, this test's own.
  std::vector<std::string> control_directories() const;

  // test-launcher exec --isolation container --engine E --image specguard-test --name NAME
  // OPTIONS... -- COMMAND..., by whoever uses the engine.
  std::vector<std::string> command(std::vector<std::string> options,
                                   const std::vector<std::string>& test) const {
    return engine_.as_its_user(plain_command(std::move(options), test));
  }
  std::vector<std::string> plain_command(std::vector<std::string> options,
                                         const std::vector<std::string>& test) const;
  RunResult exec(const std::vector<std::string>& options,
                 const std::vector<std::string>& test) const;
  RunResult exec_shell(const std::string& script, std::vector<std::string> options = {}) const;
  RunOptions run_options() const;

 private:
  TempDir directory_;
  Engine engine_;
};

// `reap` clears what is dead of any test. Those that run it to clear up have their turn together;
// one that looks at what it clears has it alone. Waits for its turn.
class ReapTurn {
 public:
  enum class With { kOthers, kNobody };
  explicit ReapTurn(With with);
  ~ReapTurn();
  ReapTurn(const ReapTurn&) = delete;
  ReapTurn& operator=(const ReapTurn&) = delete;

 private:
  int file_;
};

// To whom tests in containers belong, and engines without root.
inline constexpr unsigned kUser = 1234;

void give_to_ordinary_user(const std::filesystem::path& path);

}  // namespace specguard::testing
