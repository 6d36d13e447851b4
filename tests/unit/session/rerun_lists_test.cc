// The lists that ctest reads must never make it leave out what is left.
#include "session/rerun_lists.h"

#include <gmock/gmock.h>

namespace specguard::session {
namespace {

using base::Outcome;
using Names = std::vector<std::string>;

journal::Checkpoint checkpoint(const Names& passed, const Names& failed, const Names& not_started) {
  journal::Checkpoint result;
  result.all_known = true;
  result.not_started = not_started;
  const auto add = [&](const std::string& name, Outcome outcome) {
    journal::TestState& state = result.tests.emplace_back();
    state.test.name = name;
    state.finished = true;
    state.result.outcome = outcome;
  };
  for (const std::string& name : passed) add(name, Outcome::kPassed);
  for (const std::string& name : failed) add(name, Outcome::kFailed);
  return result;
}

TEST(RerunListsTest, NamesWhatIsDoneAndWhatIsLeft) {
  const auto lists = make_rerun_lists(checkpoint({"a"}, {"b"}, {"c"}), std::nullopt);
  EXPECT_EQ(lists.done, "a\n");
  EXPECT_EQ(lists.tests, "c\nb\n");
  EXPECT_FALSE(lists.index);
}

TEST(RerunListsTest, NumbersWhatIsLeft) {
  const auto lists = make_rerun_lists(checkpoint({"a"}, {"b"}, {"c"}),
                                      NumberedTests{{1, "c"}, {2, "a"}, {7, "b"}});
  EXPECT_EQ(lists.index, "0,0,1,1,7\n");
}

TEST(RerunListsTest, ReadsTheListOfCtest) {
  const auto tests = parse_failed_tests("2:long\n13:with: colon\n");
  ASSERT_TRUE(tests);
  EXPECT_EQ(*tests, (NumberedTests{{2, "long"}, {13, "with: colon"}}));
  EXPECT_FALSE(parse_failed_tests("no number\n"));
  EXPECT_FALSE(parse_failed_tests("0:zero\n"));
}

TEST(RerunListsTest, WhereNothingIsLeftThereIsNoListThatWouldRunEverything) {
  const auto lists = make_rerun_lists(checkpoint({"a"}, {}, {}), NumberedTests{{1, "a"}});
  EXPECT_FALSE(lists.tests);
  EXPECT_FALSE(lists.index);
}

TEST(RerunListsTest, WhereATestMayBeMissingThereIsNoListOfWhatIsLeft) {
  auto unknown = checkpoint({"a"}, {"b"}, {});
  unknown.all_known = false;
  EXPECT_FALSE(make_rerun_lists(unknown, std::nullopt).tests);
  EXPECT_FALSE(make_rerun_lists(checkpoint({}, {"b", "#c"}, {}), std::nullopt).tests);
  EXPECT_FALSE(make_rerun_lists(checkpoint({}, {"b", "c "}, {}), std::nullopt).tests);
}

// " a" would be read as "a", which may be another test.
TEST(RerunListsTest, ANameThatWouldBeReadOtherwiseIsNotSaidToBeDone) {
  EXPECT_EQ(make_rerun_lists(checkpoint({" a", "#b", "c"}, {}, {}), std::nullopt).done, "c\n");
}

}  // namespace
}  // namespace specguard::session
