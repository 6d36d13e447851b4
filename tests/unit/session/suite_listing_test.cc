#include "session/suite_listing.h"

#include <gmock/gmock.h>

namespace specguard::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view kListing = R"(a line that a discovery script printed
{
  "backtraceGraph": {"commands": ["add_test"], "files": ["/p/CMakeLists.txt"],
                     "nodes": [{"file": 0}, {"command": 0, "file": 0, "line": 7, "parent": 0}]},
  "kind": "ctestInfo",
  "tests": [
    {"command": ["/b/test-launcher", "exec", "--name", "x"], "name": "unit/x_spec.spl",
     "properties": [{"name": "LABELS", "value": ["unit", "smoke"]},
                    {"name": "DEF_SOURCE_LINE", "value": "/p/x_spec.spl:3"}]},
    {"backtrace": 1, "command": ["/bin/true", "exec"], "name": "plain"},
    {"name": "not built", "properties": [{"name": "DISABLED", "value": true}]},
    {"backtrace": 99, "command": 5, "name": "odd; \"name\"", "properties": {"name": 1}}
  ],
  "version": {"major": 1, "minor": 0}
})";

TEST(SuiteListing, ReadsWhatCtestTells) {
  const auto listing = parse_listing(kListing);
  ASSERT_TRUE(listing.ok()) << listing.error().message();
  ASSERT_EQ(listing->tests.size(), 4U);
  const ListedTest& spec = listing->tests[0];
  EXPECT_EQ(spec.name, "unit/x_spec.spl");
  EXPECT_TRUE(spec.guarded);
  EXPECT_THAT(spec.labels, ElementsAre("unit", "smoke"));
  EXPECT_EQ(spec.file, "/p/x_spec.spl");
  EXPECT_EQ(spec.line, 3);
  EXPECT_FALSE(listing->tests[1].guarded);
  EXPECT_EQ(listing->tests[1].file, "/p/CMakeLists.txt");
  EXPECT_EQ(listing->tests[1].line, 7);
  EXPECT_TRUE(listing->tests[2].disabled);
  EXPECT_EQ(listing->tests[3].name, "odd; \"name\"");
  EXPECT_EQ(listing->guarded_count(), 1U);
  EXPECT_THAT(listing->label_counts(), ElementsAre(Pair("smoke", 1), Pair("unit", 1)));
}

TEST(SuiteListing, ComesBackFromItsOwnFile) {
  const auto listing = parse_listing(kListing);
  ASSERT_TRUE(listing.ok());
  const auto again = decode_listing(encode_listing(*listing), "suite.json");
  ASSERT_TRUE(again.ok()) << again.error().message();
  ASSERT_EQ(again->tests.size(), listing->tests.size());
  for (std::size_t i = 0; i < again->tests.size(); ++i) {
    EXPECT_EQ(again->tests[i].name, listing->tests[i].name);
    EXPECT_EQ(again->tests[i].labels, listing->tests[i].labels);
    EXPECT_EQ(again->tests[i].guarded, listing->tests[i].guarded);
    EXPECT_EQ(again->tests[i].disabled, listing->tests[i].disabled);
    EXPECT_EQ(again->tests[i].file, listing->tests[i].file);
    EXPECT_EQ(again->tests[i].line, listing->tests[i].line);
  }
}

TEST(SuiteListing, RefusesWhatIsNoListing) {
  for (const std::string_view text :
       {"", "CMake Error: no", "{\n", "{\n}", "{\n\"tests\": 5}", "[]"})
    EXPECT_FALSE(parse_listing(text).ok()) << text;
  const auto damaged = decode_listing("{\"tests\"", "suite.json");
  ASSERT_FALSE(damaged.ok());
  EXPECT_THAT(damaged.error().message(), HasSubstr("suite.json"));
}

TEST(NearestWords, GuessWhatWasMeant) {
  const std::vector<std::string> labels = {"database", "data", "smoke", "unit", "integration"};
  EXPECT_THAT(nearest_words("databse", labels, 3), ElementsAre("database", "data"));
  EXPECT_THAT(nearest_words("smok", labels, 3), ElementsAre("smoke"));
  EXPECT_THAT(nearest_words("integrations", labels, 3), ElementsAre("integration"));
  EXPECT_THAT(nearest_words("zzzzzzzz", labels, 3), IsEmpty());
  EXPECT_THAT(nearest_words("databse", labels, 1), ElementsAre("database"));
}

}  // namespace
}  // namespace specguard::session
