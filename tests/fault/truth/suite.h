// Suite: a generated test suite whose results are known, and which is edited between its runs.
//
// Each spec is a shell script. Just before its end it writes its name and version to a log, so that
// what really ran to its end is known without asking the launcher.
#pragma once

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace specguard::testing {

enum class Truth { kPass, kFail, kSkip, kCrash };

struct SuiteTest {
  std::string name;
  Truth truth = Truth::kPass;
  int version = 0;  // of the content; unique in the suite
  int milliseconds = 0;
};

class Suite {
 public:
  Suite(std::filesystem::path directory, std::mt19937& random);

  const std::vector<SuiteTest>& tests() const { return tests_; }
  const SuiteTest* find(const std::string& name) const;
  bool has_failure() const;

  // Edits specs, adds, removes, renames and reorders some; returns what was done, for people.
  std::string edit();

  // Names a test in one version of its content.
  static std::string key(const SuiteTest& test);

  // How often each of these has run to its end.
  std::map<std::string, int> completed() const;

 private:
  SuiteTest make_test(std::string name);
  void write(const SuiteTest& test) const;
  void register_all() const;

  std::filesystem::path directory_;
  std::mt19937& random_;
  std::vector<SuiteTest> tests_;
  int next_version_ = 1;
  int next_name_ = 1;
};

}  // namespace specguard::testing
