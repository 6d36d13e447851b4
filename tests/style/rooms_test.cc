// The one-way order of the rooms, read from their includes. Linking enforces it for calls; this
// test also sees a header that is only included for its types.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "source_files.h"

namespace specguard::testing {
namespace {

using Rooms = std::set<std::string>;

// What each room may include besides itself.
const std::map<std::string, Rooms> kAllowed = {
    {"base", {}},
    {"sys", {"base"}},
    {"spec", {"base", "sys"}},
    {"guard", {"base", "sys"}},
    {"journal", {"base", "sys"}},
    {"supervise", {"base", "sys"}},
    {"session", {"base", "sys", "spec", "guard", "journal", "supervise"}},
    {"cli", {"base", "sys", "spec", "guard", "journal", "supervise", "session"}},
};

const std::vector<std::string> kSources = {".h", ".cc"};

// The text between the quotes or brackets; empty where the line includes nothing of that form.
std::string included(const std::string& line, const char* form) {
  std::smatch match;
  return std::regex_search(line, match, std::regex(form)) ? match[1].str() : "";
}

TEST(RoomsTest, EveryRoomIsInTheTable) {
  for (const auto& entry : std::filesystem::directory_iterator(source_directory() / "launcher"))
    if (entry.is_directory()) {
      EXPECT_TRUE(kAllowed.contains(entry.path().filename())) << entry.path();
    }
}

TEST(RoomsTest, IncludesGoDownwardOnly) {
  for (const auto& [room, allowed] : kAllowed) {
    for (const auto& file : files_below("launcher/" + room, kSources)) {
      for (const Line& line : lines_of(file)) {
        const std::string header = included(line.text, "^#include \"([^\"]+)\"");
        if (header.empty()) continue;
        const std::string target = header.substr(0, header.find('/'));
        EXPECT_TRUE(target == room || allowed.contains(target))
            << place(file, line.number) << ": " << room << " may not include \"" << header << "\"";
      }
    }
  }
}

// Every C++ library of ours has headers that end in .hpp or nothing, save fmt's; what is left with
// .h is the system's, or a C library around it.
TEST(RoomsTest, SystemHeadersStayInSys) {
  for (const auto& [room, allowed] : kAllowed) {
    if (room == "sys") continue;
    for (const auto& file : files_below("launcher/" + room, kSources)) {
      for (const Line& line : lines_of(file)) {
        const std::string header = included(line.text, "^#include <([^>]+)>");
        EXPECT_TRUE(!header.ends_with(".h") || header.starts_with("fmt/"))
            << place(file, line.number) << ": <" << header << "> belongs into sys";
      }
    }
  }
}

TEST(RoomsTest, APlatformIsAFileSuffixAndNoConditionInABody) {
  const std::regex condition(
      "^\\s*#\\s*(if|ifdef|ifndef|elif)\\b.*(__linux__|__APPLE__|_WIN32|__unix__)");
  for (const auto& file : files_below("launcher", kSources))
    for (const Line& line : lines_of(file))
      EXPECT_FALSE(std::regex_search(line.text, condition)) << place(file, line.number);
}

TEST(RoomsTest, HeadersBeginWithWhatTheyAreFor) {
  for (const auto& file : files_below("launcher", {".h"})) {
    const std::vector<Line> lines = lines_of(file);
    ASSERT_FALSE(lines.empty()) << file;
    EXPECT_TRUE(lines.front().text.starts_with("// ")) << place(file, 1);
  }
}

}  // namespace
}  // namespace specguard::testing
