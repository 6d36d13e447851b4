// The script for CTest, read back by the real cmake: what goes in comes out, for names that grow
// out of awkward ones by chance.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "harness.h"
#include "mutation.h"
#include "spec/cmake_script.h"

namespace specguard::testing {
namespace {

std::string hexadecimal(std::string_view text) {
  std::string digits;
  for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return digits;
}

// A name of a file has no NUL, and one with a newline is refused before it gets here.
std::string as_name(std::string text) {
  std::erase_if(text, [](char byte) { return byte == '\0' || byte == '\n'; });
  return text;
}

TEST(CMakeRoundTripTest, WhatGoesInComesOut) {
  const char* names_wanted = std::getenv("SPECGUARD_FUZZ_NAMES");
  const std::size_t count = names_wanted ? std::strtoull(names_wanted, nullptr, 10) : 2'000;
  fuzz::Mutation mutation(fuzz::read_corpus(SPECGUARD_CMAKE_CORPUS), 1);
  std::string script;
  std::vector<std::string> names;
  std::string expected;
  while (names.size() < count) {
    names.push_back(as_name(mutation.next()));
    script += "set(name " + spec::cmake_argument(names.back()) +
              ")\nstring(HEX \"${name}\" digits)\nmessage(\"${digits}.\")\n";
    expected += hexadecimal(names.back()) + ".\n";
  }
  TempDir directory;
  const RunResult read =
      run({SPECGUARD_CMAKE, "-P", directory.write("names.cmake", script).string()});
  ASSERT_EQ(read.exit_code, 0) << read.err.substr(0, 2'000);
  EXPECT_TRUE(read.err == expected) << "cmake read another name than was written";
}

}  // namespace
}  // namespace specguard::testing
