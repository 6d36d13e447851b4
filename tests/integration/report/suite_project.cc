#include "suite_project.h"

#include <fstream>

namespace specguard::testing {

namespace fs = std::filesystem;

// What the suite itself runs under must not reach the project's own sessions.
RunOptions SuiteProject::options() const {
  RunOptions options;
  options.directory = dir_.path();
  for (const char* name :
       {"CTEST_INTERACTIVE_DEBUG_MODE", "DASHBOARD_TEST_FROM_CTEST", "DART_TEST_FROM_DART",
        "SPECGUARD_ATTEMPT", "SPECGUARD_SESSION", "SPECGUARD_RESUME"})
    options.environment[name] = "";
  return options;
}

void SuiteProject::guarded(const std::string& name, const std::string& shell,
                           const std::string& options) {
  tests_ += "add_test([==[" + name + "]==] \"" + launcher() + "\" exec --name [==[" + name +
            "]==] " + options + " -- sh -c [==[" + shell + "]==])\n";
}

void SuiteProject::plain(const std::string& name, const std::string& shell) {
  tests_ += "add_test([==[" + name + "]==] sh -c [==[" + shell + "]==])\n";
}

void SuiteProject::properties(const std::string& name, const std::string& words) {
  tests_ += "set_tests_properties([==[" + name + "]==] PROPERTIES " + words + ")\n";
}

void SuiteProject::write() const {
  dir_.write("CTestTestfile.cmake", tests_);
}

std::vector<std::string> SuiteProject::launcher_command(std::vector<std::string> words) const {
  words.insert(words.begin(), launcher());
  words.insert(words.begin() + 2, {"--build-dir", dir_.path().string()});
  return words;
}

RunResult SuiteProject::run_launcher(std::vector<std::string> words) const {
  return run(launcher_command(std::move(words)), options());
}

RunResult SuiteProject::ctest(const std::vector<std::string>& words) const {
  std::vector<std::string> command = {SPECGUARD_CTEST};
  command.insert(command.end(), words.begin(), words.end());
  return run(command, options());
}

nlohmann::json SuiteProject::status() const {
  const RunResult result = run_launcher({"status", "--json"});
  return nlohmann::json::parse(result.out, nullptr, false);
}

nlohmann::json SuiteProject::report() const {
  const RunResult result = run_launcher({"report", "--json", "-"});
  return nlohmann::json::parse(result.out, nullptr, false);
}

std::string SuiteProject::junit() const {
  const fs::path file = dir_ / "report.xml";
  const RunResult written = run_launcher({"report", "--junit", file.string()});
  if (written.exit_code != 0) return written.err;
  const RunResult read = run({"python3", SPECGUARD_READ_JUNIT, file.string()});
  return read.exit_code == 0 ? read.out.substr(0, read.out.find('\n')) : read.err;
}

fs::path SuiteProject::newest_journal() const {
  fs::path newest;
  std::error_code error;
  for (fs::directory_iterator it(dir_ / "Testing/SpecGuard/sessions", error), end;
       !error && it != end; it.increment(error)) {
    const fs::path journal = it->path() / "journal.jsonl";
    if (newest.empty() || fs::last_write_time(journal, error) > fs::last_write_time(newest, error))
      newest = journal;
  }
  return newest;
}

bool SuiteProject::wait_until_runs(const std::string& test) const {
  return wait_until([&] {
    const nlohmann::json now = status();
    if (!now.is_object() || now.value("state", "") != "running") return false;
    for (const nlohmann::json& running : now["running"])
      if (running["name"] == test) return true;
    return false;
  });
}

}  // namespace specguard::testing
