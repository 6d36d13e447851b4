// docs/outcomes.md shows, for every outcome, what ctest prints. This test makes each of them happen
// under the real ctest and compares; numbers, addresses and the mechanism differ by machine.
//
// SPECGUARD_WRITE_OUTCOMES=FILE writes the section as it is here and now.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "harness.h"

namespace specguard::testing {
namespace {

using Blocks = std::map<std::string, std::string>;  // by outcome

struct Row {
  std::string outcome;
  std::string options;
  std::string test;
  std::string properties;
};

std::vector<Row> rows() {
  const std::string misbehave = SPECGUARD_MISBEHAVE;
  return {
      {"passed", "", "echo fine", ""},
      {"failed", "", "sh -c [[echo 'cart is empty'; exit 3]]", ""},
      {"skipped", "--skip-code 77", "sh -c [[exit 77]]",
       "SKIP_RETURN_CODE 77 SKIP_REGULAR_EXPRESSION \"test-launcher: skipped: \""},
      {"crashed", "", "sh -c [[ulimit -c 0; kill -SEGV $$]]", ""},
      {"timeout", "--settings timer.json", "[[" + misbehave + "]] hang none", "TIMEOUT 4"},
      {"idle-timeout", "--idle-timeout 300ms", "[[" + misbehave + "]] hang none", ""},
      {"cpu-time", "--cpu-time 300ms", "[[" + misbehave + "]] hang burn-cpu", ""},
      {"out-of-memory", "--memory 48M", "[[" + misbehave + "]] hang eat-memory", ""},
      {"process-limit", "--pids 5",
       "sh -c [[for i in 1 2 3 4 5 6 7 8; do sleep 100 & done 2>/dev/null; wait]]", ""},
      {"output-limit", "--output-limit 100",
       "sh -c [[while echo 'and again and again'; do :; done]]", ""},
      {"leaked", "--leaks fail", "[[" + misbehave + "]] 0 leave-child", ""},
      // As Ctrl-C on ctest, or the end of a CI job, reaches the launcher.
      {"aborted", "", "sh -c [[kill -TERM $PPID; sleep 100]]", ""},
      {"launcher-error", "", "/no/such/program", ""},
      // The last but one ends the session as the guard does.
      {"not-run", "", "echo never", ""},
  };
}

std::string test_file() {
  std::string file;
  const auto add = [&](const Row& row) {
    if (row.outcome == "not-run")
      file +=
          "add_test(guard sh -c [[for s in Testing/SpecGuard/sessions/*/; do echo "
          "'{\"version\": 1, \"kind\": \"memory\", \"message\": \"available memory is below "
          "its limit\"}' >\"$s/stop.json\"; done]])\n";
    file += "add_test(" + row.outcome + " [[" + launcher() + "]] exec --name " + row.outcome +
            " --build-dir . --kill-after 100ms " + row.options + " -- " + row.test + ")\n";
    if (!row.properties.empty())
      file += "set_tests_properties(" + row.outcome + " PROPERTIES " + row.properties + ")\n";
  };
  for (const Row& row : rows()) add(row);
  return file;
}

// ctest's output, cut into what belongs to each test.
Blocks blocks_of(const std::string& output) {
  static const std::regex kStart(R"( +Start +\d+: (\S+))");
  Blocks blocks;
  std::string name;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kStart))
      name = match[1];
    else if (line.find("% tests passed") != std::string::npos)
      break;
    else if (!name.empty())
      blocks[name] += line + "\n";
  }
  blocks.erase("guard");
  return blocks;
}

// The blocks of the document: a heading with the outcome in backquotes, and a fenced text.
Blocks documented() {
  Blocks blocks;
  std::istringstream lines(read_text(std::string(SPECGUARD_DOCS) + "/outcomes.md"));
  std::string name;
  bool fenced = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### `")) name = line.substr(5, line.rfind('`') - 5);
    if (line.starts_with("```"))
      fenced = !fenced;
    else if (fenced && !name.empty())
      blocks[name] += line + "\n";
  }
  return blocks;
}

// What is the same on every machine.
std::string normalised(std::string text) {
  const auto replace = [&](const char* what, const char* with) {
    text = std::regex_replace(text, std::regex(what), with);
  };
  replace("[^\n]*#[0-9]+ +0x[^\n]*\n", "");  // frames of a stack
  replace(" +(TID|Thread) [^\n]*\n", "");
  replace("\\[?/[^ \n]*/misbehave\\]?", "misbehave");
  replace("held by (cgroup2|cgroup1|poll)", "held by GROUP");
  // Said by who holds the limit.
  replace(
      "the kernel killed it for exceeding its memory limit|its processes together held more memory "
      "than they may",
      "MEMORY");
  replace(
      "the kernel refused it [0-9]+ new process(es)? or threads?|had more processes and threads at "
      "once than it may",
      "PROCESSES");
  replace("sleeping( in [a-z_.0-9]+)?,", "sleeping,");
  replace(" *\\.\\.+ *", " .. ");
  replace("test-launcher:   killed pid [^\n]*\n", "");  // how many, varies
  replace("[0-9]+(\\.[0-9]+)? (us|ms|s|B|KiB|MiB)", "N");
  replace("[0-9]+(\\.[0-9]+)?", "N");
  replace("[ \n]+\n", "\n");
  replace("  +", " ");
  return text;
}

class Outcomes : public ::testing::Test {
 protected:
  Blocks run_all() const {
    tree_.write("CTestTestfile.cmake", test_file());
    tree_.write("timer.json", R"({"version": 1, "exec": {"timeout": "1", "ctest-timeout": "4"}})");
    RunOptions options;
    options.directory = tree_.path();
    options.environment = {{"SPECGUARD_ATTEMPT", ""}, {"SPECGUARD_SESSION", ""}};
    const RunResult result = run({SPECGUARD_CTEST, "--output-on-failure"}, options);
    EXPECT_EQ(result.exit_code, 8) << result.err;
    return blocks_of(result.out);
  }
  const TempDir tree_;
};

TEST_F(Outcomes, TheDocumentShowsWhatCtestShows) {
  const Blocks seen = run_all();
  if (const char* path = std::getenv("SPECGUARD_WRITE_OUTCOMES")) {
    std::ofstream file(path);
    for (const Row& row : rows())
      file << "### `" << row.outcome << "`\n\n```\n"
           << (seen.contains(row.outcome) ? seen.at(row.outcome) : "") << "```\n\n";
  }
  const Blocks shown = documented();
  for (const Row& row : rows()) {
    ASSERT_TRUE(seen.contains(row.outcome)) << row.outcome;
    ASSERT_TRUE(shown.contains(row.outcome)) << "docs/outcomes.md does not show " << row.outcome;
    EXPECT_EQ(normalised(seen.at(row.outcome)), normalised(shown.at(row.outcome))) << row.outcome;
  }
  EXPECT_EQ(shown.size(), rows().size());
}

}  // namespace
}  // namespace specguard::testing
