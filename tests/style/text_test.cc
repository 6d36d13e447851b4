// Rules about the text of a file, whatever its language.
#include <gtest/gtest.h>

#include <regex>

#include "source_files.h"

namespace specguard::testing {
namespace {

std::vector<std::filesystem::path> all_sources() {
  std::vector<std::filesystem::path> files;
  for (const char* directory :
       {"launcher", "modules", "cmake", "tests", "docker", "docs/examples"}) {
    const auto found =
        files_below(directory, {".h", ".cc", ".cmake", ".txt", ".sh", ".py", ".spl", ".in"});
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

constexpr std::size_t kMaxLines = 400;
constexpr std::size_t kTop = 15;

// A longer file is split, or says in its first lines why not, with the words "400 lines".
TEST(TextTest, FilesAreShortEnoughToRead) {
  for (const auto& file : all_sources()) {
    const std::vector<Line> lines = lines_of(file);
    if (lines.size() <= kMaxLines) continue;
    bool explained = false;
    for (std::size_t i = 0; i < kTop; ++i)
      explained = explained || lines[i].text.find("400 lines") != std::string::npos;
    EXPECT_TRUE(explained) << place(file, static_cast<int>(lines.size()))
                           << ": longer than 400 lines; split it, or say at its top why not";
  }
}

// Work is done or written into an issue, never promised in a comment. The words themselves are
// legal elsewhere: TAP has a directive of that name.
TEST(TextTest, NoCommentPromisesWork) {
  const std::string words = std::string("TO") + "DO|FIX" + "ME|XX" + "X";
  const std::regex promise("(//|^\\s*#|/\\*)\\s*(" + words + ")\\b");
  for (const auto& file : all_sources())
    for (const Line& line : lines_of(file))
      EXPECT_FALSE(std::regex_search(line.text, promise))
          << place(file, line.number) << ": " << line.text;
}

TEST(TextTest, LinesEndCleanly) {
  for (const auto& file : all_sources()) {
    for (const Line& line : lines_of(file)) {
      EXPECT_FALSE(line.text.ends_with(' ') || line.text.ends_with('\t'))
          << place(file, line.number) << ": white space at the end";
      EXPECT_FALSE(line.text.ends_with('\r')) << place(file, line.number) << ": CR LF";
    }
  }
}

// ctest runs every test of a fixture in a process of its own, and several at once: a directory of a
// fixed name is theirs in common. mkdtemp gives each its own.
TEST(TextTest, NoTestSharesATemporaryDirectory) {
  const std::regex shared(std::string("testing::") + "TempDir\\(\\)");
  for (const auto& file : files_below("tests", {".cc", ".h"}))
    for (const Line& line : lines_of(file))
      EXPECT_FALSE(std::regex_search(line.text, shared))
          << place(file, line.number) << ": a directory of a fixed name; make one with mkdtemp";
}

}  // namespace
}  // namespace specguard::testing
