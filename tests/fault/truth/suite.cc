#include "suite.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "harness.h"

namespace specguard::testing {
namespace {

constexpr int kTests = 12;

std::string quoted(const std::string& text) {
  return "[==[" + text + "]==]";
}

}  // namespace

Suite::Suite(std::filesystem::path directory, std::mt19937& random)
    : directory_(std::move(directory)), random_(random) {
  for (int i = 0; i < kTests; ++i) tests_.push_back(make_test(""));
  register_all();
}

SuiteTest Suite::make_test(std::string name) {
  SuiteTest test{.name = std::move(name), .version = next_version_++};
  if (test.name.empty()) test.name = "test " + std::to_string(next_name_++) + " ä;$";
  switch (random_() % 8) {
    case 0:
      test.truth = Truth::kFail;
      break;
    case 1:
      test.truth = Truth::kSkip;
      break;
    case 2:
      test.truth = Truth::kCrash;
      break;
    default:
      break;
  }
  if (random_() % 3 == 0) test.milliseconds = static_cast<int>(20 + random_() % 200);
  write(test);
  return test;
}

void Suite::write(const SuiteTest& test) const {
  std::ostringstream text;
  text << "# version " << test.version << "\n";
  if (test.milliseconds > 0)
    text << "sleep 0." << (test.milliseconds < 100 ? "0" : "") << test.milliseconds << "\n";
  // One short write at the end of the file: whole or not at all.
  text << "echo \"" << test.version << ":${0##*/}\" >>'" << (directory_ / "completed.log").string()
       << "'\n";
  switch (test.truth) {
    case Truth::kPass:
      text << "exit 0\n";
      break;
    case Truth::kFail:
      text << "exit 3\n";
      break;
    case Truth::kSkip:
      text << "exit 77\n";
      break;
    case Truth::kCrash:
      text << "kill -ABRT $$\nsleep 60\n";
      break;
  }
  std::ofstream(directory_ / (test.name + ".spl")) << text.str();
}

void Suite::register_all() const {
  std::ofstream file(directory_ / "CTestTestfile.cmake");
  for (const SuiteTest& test : tests_) {
    const std::string spec = quoted((directory_ / (test.name + ".spl")).string());
    file << "add_test(" << quoted(test.name) << " " << quoted(launcher()) << " exec --name "
         << quoted(test.name) << " --build-dir " << quoted(directory_.string())
         << " --skip-code 77 --spec " << spec << " -- sh " << spec << ")\n"
         << "set_tests_properties(" << quoted(test.name) << " PROPERTIES SKIP_RETURN_CODE 77)\n";
  }
}

const SuiteTest* Suite::find(const std::string& name) const {
  const auto it = std::find_if(tests_.begin(), tests_.end(),
                               [&](const SuiteTest& test) { return test.name == name; });
  return it == tests_.end() ? nullptr : &*it;
}

bool Suite::has_failure() const {
  return std::any_of(tests_.begin(), tests_.end(), [](const SuiteTest& test) {
    return test.truth == Truth::kFail || test.truth == Truth::kCrash;
  });
}

std::string Suite::edit() {
  std::string done;
  for (int edits = static_cast<int>(random_() % 4); edits > 0; --edits) {
    const std::size_t at = random_() % tests_.size();
    switch (random_() % 5) {
      case 0:
        done += " edited:" + tests_[at].name;
        tests_[at] = make_test(tests_[at].name);
        break;
      case 1:
        tests_.insert(tests_.begin() + static_cast<std::ptrdiff_t>(at), make_test(""));
        done += " added:" + tests_[at].name;
        break;
      case 2:
        if (tests_.size() < 4) break;
        done += " removed:" + tests_[at].name;
        tests_.erase(tests_.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 3: {  // the content stays, and so do its version and truth
        done += " renamed:" + tests_[at].name;
        tests_[at].name = "renamed " + std::to_string(next_name_++);
        write(tests_[at]);
        break;
      }
      case 4:
        std::shuffle(tests_.begin(), tests_.end(), random_);
        done += " reordered";
        break;
    }
  }
  register_all();
  return done;
}

std::string Suite::key(const SuiteTest& test) {
  return std::to_string(test.version) + ":" + test.name;
}

std::map<std::string, int> Suite::completed() const {
  std::map<std::string, int> counts;
  std::ifstream log(directory_ / "completed.log");
  for (std::string line; std::getline(log, line);)
    ++counts[line.substr(0, line.size() - std::string(".spl").size())];
  return counts;
}

}  // namespace specguard::testing
