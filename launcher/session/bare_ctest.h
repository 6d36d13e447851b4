// Finding the ctest that a launcher runs under, and what it was asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/record.h"

namespace specguard::session {

struct BareCtest {
  journal::ProcessKey process;
  std::vector<std::string> arguments;

  // The session of all its launchers: "ctest-<pid>-<start>-<boot>".
  std::string session_id() const;
};

// The nearest ancestor that is a ctest. nullopt where there is none, or where another launcher
// stands between: that one's attempt is recorded already.
std::optional<BareCtest> find_ctest();

// What its options say, pure. The first word is the program. A dashboard script, a preset and -F
// choose in ways that are not looked into: they count as a choice.
struct CtestRequest {
  std::string selection;  // the words that choose tests, in order; empty: the whole suite
  bool picks_up = false;  // --rerun-failed, or a list of what an interrupted session left
};
CtestRequest read_ctest_arguments(const std::vector<std::string>& arguments);

// Of a selection: ctest ends at the first failure, and leaves the rest.
bool stops_on_failure(std::string_view selection);

// True where its options make it write Test.xml, in which measurements are kept. A `ctest -T test`,
// as VS Code starts it, does not tell its tests so in the environment; a dashboard script does.
bool writes_test_xml(const std::vector<std::string>& arguments);

}  // namespace specguard::session
