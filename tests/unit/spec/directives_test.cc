#include "spec/directives.h"

#include <gmock/gmock.h>

namespace specguard::spec {
namespace {

using Kind = Directive::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DirectiveTest, ACommentThatIsOne) {
  const std::tuple<const char*, Kind, const char*> cases[] = {
      {"# @skip", Kind::kSkip, ""},
      {"#@skip", Kind::kSkip, ""},
      {"## @skip  ", Kind::kSkip, ""},
      {"# @skip - needs a network", Kind::kSkip, "needs a network"},
      {"# @skip — needs a network", Kind::kSkip, "needs a network"},
      {"# @skip: later", Kind::kSkip, "later"},
      {"# @skip(bug 12)", Kind::kSkip, "bug 12"},
      {"# @skip (bug 12)", Kind::kSkip, "bug 12"},
      {"# @pending - soon", Kind::kPending, "soon"},
      {"# @pending(soon)", Kind::kPending, "soon"},
      {"# @slow", Kind::kSlow, ""},
      {"# @tag:x", Kind::kTag, "x"},
      {"# @tag: a, b", Kind::kTag, "a, b"},
      {"# @tags: [a]", Kind::kTag, "[a]"},
      {"# @platform: linux", Kind::kPlatform, "linux"},
      {"# @timeout_secs 600", Kind::kTimeoutSecs, "600"},
      {"# @timeout_secs: 600", Kind::kTimeoutSecs, "600"},
  };
  for (const auto& [comment, kind, value] : cases) {
    const auto directive = parse_directive(comment);
    ASSERT_TRUE(directive) << comment;
    EXPECT_EQ(directive->kind, kind) << comment;
    EXPECT_EQ(directive->value, value) << comment;
  }
}

TEST(DirectiveTest, ACommentThatMentionsOne) {
  for (const char* comment :
       {"# see @skip", "# @skip is not used here", "# @skipped", "# @skip_if windows",
        "# @skip-windows", "# @slow_it", "# # @skip", "# @session: x", "# @mode: jit", "# @cover a",
        "# @req R-1", "# @manual", "# skip", "# @", "#", "# @tag", "# @timeout_secs"})
    EXPECT_FALSE(parse_directive(comment)) << comment;
}

std::vector<std::string> tags(const char* list) {
  std::vector<std::string> result, refused;
  split_tags(list, result, refused);
  return result;
}

TEST(TagTest, ListsAsPeopleWriteThem) {
  EXPECT_THAT(tags("a"), ElementsAre("a"));
  EXPECT_THAT(tags("a, b"), ElementsAre("a", "b"));
  EXPECT_THAT(tags("a b,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(tags("[a, \"B_c\", 'two words']"), ElementsAre("a", "b-c", "two-words"));
  EXPECT_THAT(tags("\"a, b\""), ElementsAre("a", "b"));
  EXPECT_THAT(tags("a # quick"), ElementsAre("a"));
  EXPECT_THAT(tags("\"never closed"), ElementsAre("never-closed"));
  EXPECT_THAT(tags("größe"), ElementsAre("größe"));
}

TEST(TagTest, WhatNoLabelCanCarryIsRefused) {
  for (const char* tag : {"a;b", "a[b", "a]b", "a\\b", "a\xff", "a\x01"}) {
    std::vector<std::string> good, refused;
    split_tags(tag, good, refused);
    EXPECT_THAT(good, IsEmpty()) << tag;
    EXPECT_EQ(refused.size(), 1u) << tag;
  }
  EXPECT_THAT(tags(std::string(101, 'x').c_str()), IsEmpty());
}

TEST(TagTest, DocstringLines) {
  EXPECT_EQ(parse_docstring_tags("  @tag: a"), "a");
  EXPECT_EQ(parse_docstring_tags("@tags: [a, b]"), "[a, b]");
  EXPECT_FALSE(parse_docstring_tags("uses @tag: a"));
  EXPECT_FALSE(parse_docstring_tags("@skip"));
}

}  // namespace
}  // namespace specguard::spec
