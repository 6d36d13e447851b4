// Which tests a resume must run even though they passed: CTest needs more of them than a result.
//
// A fixture's setup has to set up, or the tests behind it find nothing; its cleanup has to clean
// up. A test that CTest judges by its output (PASS_REGULAR_EXPRESSION, FAIL_REGULAR_EXPRESSION) has
// to print it, and the journal keeps no output. CTest tells a test none of this, and a `ctest -N`
// inside a running ctest would spoil that one's LastTest.log; so the generated CTestTestfile.cmake
// files are scanned for these properties, with all that they include, conditions ignored save
// if(EXISTS): a test too many is run once more, none is forgotten.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace specguard::journal {

// One command of a CMake script, its arguments unquoted and unescaped.
struct ScriptCommand {
  std::string name;  // lower case
  std::vector<std::string> arguments;
};

// Pure. What is no command is skipped; bad nesting ends the scan of that command.
std::vector<ScriptCommand> scan_script(std::string_view text);

// Empty where nothing can be read.
std::unordered_set<std::string> tests_that_must_run(const std::filesystem::path& build_dir);

// One test, as far as the files say.
struct ScannedTest {
  std::string name;
  std::vector<std::string> labels;
  std::string file;  // where it is defined, with the line; empty where nothing says
  int line = 0;
  bool will_fail = false;
  bool judged_by_output = false;  // by CTest, with a regular expression
  bool disabled = false;
};

// All tests that the files name, in order, each name once. Discovered specs are as they were when
// ctest last started.
struct ScannedSuite {
  std::vector<ScannedTest> tests;
  bool complete = true;  // false: some names or files are only known to a running ctest
};
ScannedSuite scan_suite(const std::filesystem::path& build_dir);

}  // namespace specguard::journal
