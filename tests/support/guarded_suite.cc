#include "guarded_suite.h"

#include <signal.h>

#include <fstream>

namespace specguard::testing {

void GuardedSuite::suite(const Tests& tests) const {
  std::string text;
  for (const auto& [name, shell] : tests) {
    text += "add_test(" + name + " \"" + launcher() + "\" exec --name " + name + " --build-dir \"" +
            dir_.path().string() + "\" --skip-code 77 -- sh -c [==[echo " + name + " >>'" +
            (dir_ / "begun.log").string() + "'; " + shell + "]==])\n" + "set_tests_properties(" +
            name + " PROPERTIES SKIP_RETURN_CODE 77)\n";
  }
  dir_.write("CTestTestfile.cmake", text);
}

std::map<std::string, int> GuardedSuite::begun() const {
  std::map<std::string, int> counts;
  std::ifstream log(dir_ / "begun.log");
  for (std::string name; std::getline(log, name);) ++counts[name];
  return counts;
}

RunOptions GuardedSuite::options(std::map<std::string, std::string> environment) const {
  RunOptions options;
  options.deadline = std::chrono::seconds(120);
  options.environment = std::move(environment);
  options.environment.insert({{"SPECGUARD_GUARDED_SUITE", dir_.path().string()},
                              {"SPECGUARD_SESSION", ""},
                              {"SPECGUARD_ATTEMPT", ""},
                              {"CTEST_INTERACTIVE_DEBUG_MODE", ""},
                              {"DASHBOARD_TEST_FROM_CTEST", ""}});
  return options;
}

std::vector<std::string> GuardedSuite::ctest_command(std::vector<std::string> words) const {
  words.insert(words.begin(), {SPECGUARD_CTEST, "--test-dir", dir_.path().string()});
  return words;
}

RunResult GuardedSuite::ctest(std::vector<std::string> words,
                              std::map<std::string, std::string> environment) const {
  return run(ctest_command(std::move(words)), options(std::move(environment)));
}

RunResult GuardedSuite::launch(std::vector<std::string> words) const {
  words.insert(words.begin(), launcher());
  words.insert(words.begin() + 2, {"--build-dir", dir_.path().string()});
  return run(words, options());
}

bool GuardedSuite::nothing_runs() const {
  return wait_until([&] { return processes_with_environment(mark_).empty(); });
}

void GuardedSuite::kill_ctest_in(const std::string& name) const {
  const int before = begun()[name];
  Background background(ctest_command({}), options());
  ASSERT_TRUE(wait_until([&] { return begun()[name] > before; }));
  background.signal(SIGKILL);
  background.wait();
  ASSERT_TRUE(nothing_runs());
}

}  // namespace specguard::testing
