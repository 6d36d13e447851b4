// The script through which CTest registers specs.
//
// Design: ctest's set_tests_properties looks at every test loaded so far for each name and
// property, so labels set test by test make loading quadratic. Labels therefore come by directory:
// the specs of one set of labels stand in a generated directory of their own, whose labels
// set_directory_properties sets in one pass. What only some tests need (skip properties, a timeout,
// properties of the user) is set at once after the test is added, while the list is as short as it
// can be. Source locations, which every test has and only test explorers read, are set where ctest
// was asked for --show-only.
//
// Generated directories are named by a hash of their content: nothing that another ctest may be
// reading is ever changed, only added, and the script that names them is replaced in one step.
// Directories that no script has named for an hour are removed.
//
// Every value is a bracket argument longer than any bracket in it, so that no name is read as
// CMake.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "spec/spec.h"

namespace specguard::spec {

struct CMakeScriptOptions {
  std::string launcher;
  std::string settings_file;
  std::vector<std::string> interpreter;
  std::string working_directory;
  std::vector<std::string> labels;
  std::vector<std::pair<std::string, std::string>> properties;
  std::string skip_code = "77";
  bool every_test_may_skip = false;       // results other than `simple` tell it at run time only
  std::optional<double> timeout_s;        // the launcher's
  std::optional<double> ctest_timeout_s;  // CTest's: the launcher's with room to clean up
};

struct CMakeScriptDirectory {
  std::string name;     // a hash of the content
  std::string content;  // of its CTestTestfile.cmake
};

struct CMakeScript {
  std::vector<CMakeScriptDirectory> directories;
};

// Pure. Specs keep their order within a directory.
CMakeScript make_cmake_script(std::span<const Spec> specs, const CMakeScriptOptions& options);

// Whether OUTPUT and what it names are there as write_cmake_script() would leave them.
bool is_written(const CMakeScript& script, const std::filesystem::path& output);

// Writes OUTPUT and the directories below OUTPUT.d, each only where it is not there as it should
// be.
base::Result<void> write_cmake_script(const CMakeScript& script,
                                      const std::filesystem::path& output);

// `text` as one CMake argument, whatever bytes but newlines are in it.
std::string cmake_argument(std::string_view text);

}  // namespace specguard::spec
