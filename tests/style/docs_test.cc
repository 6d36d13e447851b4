// Documents say what is: the numbers they repeat and the files they point to.
#include <gtest/gtest.h>

#include <regex>

#include "harness.h"
#include "source_files.h"

namespace specguard::testing {
namespace {

TEST(DocsTest, ExitCodesAreThoseOfTheProgram) {
  const std::string page = read_text(source_directory() / "docs/exit-codes.md");
  const std::regex constant("^\\s*kExit\\w+ = (\\d+),");
  int found = 0;
  for (const Line& line : lines_of(source_directory() / "launcher/cli/exit_codes.h")) {
    std::smatch match;
    if (!std::regex_search(line.text, match, constant)) continue;
    ++found;
    EXPECT_TRUE(std::regex_search(page, std::regex("\\b" + match[1].str() + "\\b")))
        << line.text << " is not in docs/exit-codes.md";
  }
  EXPECT_GE(found, 10);
}

TEST(DocsTest, LinksPointToWhatIsThere) {
  const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  for (const auto& file : files_below("", {".md"})) {
    for (const Line& line : lines_of(file)) {
      for (std::sregex_iterator match(line.text.begin(), line.text.end(), link), end; match != end;
           ++match)
        EXPECT_TRUE(std::filesystem::exists(file.parent_path() / (*match)[1].str()))
            << place(file, line.number) << ": " << (*match)[1];
    }
  }
}

}  // namespace
}  // namespace specguard::testing
