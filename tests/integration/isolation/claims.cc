#include "claims.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "harness.h"

namespace specguard::testing {
namespace {

// The cells of a line "| a | b |".
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found;
  if (!line.starts_with("| ")) return found;
  for (std::size_t begin = 2; begin < line.size();) {
    const std::size_t end = line.find(" |", begin);
    if (end == std::string::npos) break;
    found.push_back(line.substr(begin, end - begin));
    begin = end + 3;
  }
  return found;
}

}  // namespace

Claims::Claims(const std::string& column, const std::string& proof) {
  std::istringstream page(read_text(SPECGUARD_SOURCE_DIR "/docs/isolation.md"));
  std::size_t at = 0;
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> row = cells(line);
    if (row.size() != 5) continue;
    for (std::size_t i = 2; i < row.size() && row[0] == "claim"; ++i)
      if (row[i] == column) at = i;
    const bool claimed = at != 0 && row[0] != "claim" && row[at] != "no" &&
                         row[0].find_first_not_of("- ") != std::string::npos;
    if (claimed && row[1].starts_with(proof)) claims_.insert(row[0]);
  }
  EXPECT_FALSE(claims_.empty()) << "no table with the column " << column;
}

void Claims::show(const std::string& claim) {
  EXPECT_EQ(claims_.erase(claim), 1u) << "docs/isolation.md does not claim: " << claim;
}

}  // namespace specguard::testing
