// What the journals of a build tree say, read by other code than the launcher's: the test must not
// believe the reader that it tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace specguard::testing {

struct ViewedTest {
  std::string outcome;  // of the last end; empty: none
  std::string origin;   // "", "replayed", "quarantined", "stopped"
  std::string content;  // fingerprint of the spec
  bool in_flight = false;
  bool began_here = false;  // in this session; else all is taken over
};

struct JournalView {
  std::filesystem::path path;
  std::uint64_t number = 0;
  bool resumes = false;
  std::size_t beginning_bytes = 0;  // of what was durable before the first test started
  std::map<std::string, ViewedTest> tests;
};

// The journal of the newest session; an empty path where there is none.
JournalView newest_journal(const std::filesystem::path& build_dir);

struct JUnitTest {
  std::string status;  // run, fail, notrun, disabled
  bool skipped = false;
};
std::map<std::string, JUnitTest> read_junit(const std::filesystem::path& file);

}  // namespace specguard::testing
