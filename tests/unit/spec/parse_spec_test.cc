#include "spec/parse_spec.h"

#include <gmock/gmock.h>

namespace specguard::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Counts {
  const char* story;
  const char* text;
  ExampleCounts expected;
};

const Counts kCounts[] = {
    {"the plain form", "describe \"X\":\n    it \"a\":\n        pass\n", {1, 0, 0, 0}},
    {"the call form", "describe(\"X\"):\n    it(\"a\"):\n        pass\n", {1, 0, 0, 0}},
    {"nested",
     "describe \"X\":\n  context \"Y\":\n    context \"Z\":\n      it \"a\":\n",
     {1, 0, 0, 0}},
    {"slow", "slow_it \"a\":\nslow_it \"b\", fn():\n", {0, 2, 0, 0}},
    {"skipped", "skip_it \"a\":\nignore_it \"b\":\nit \"c\":\n", {1, 0, 2, 0}},
    {"a skip block",
     "describe \"X\":\n  skip \"later\":\n    it \"a\":\n      pass\n    it \"b\":\n  it \"c\":\n",
     {1, 0, 2, 0}},
    {"a skip call is about its example",
     "it \"a\":\n    skip(\"no net\")\nit \"b\":\n    pass\n",
     {1, 0, 1, 0}},
    {"pending", "pending_on \"linux\":\n    pass\npending_skip \"x\":\nit \"c\":\n", {1, 0, 0, 2}},
    {"a pending call is about its example",
     "it \"a\":\n    pending_on(\"windows\")\n",
     {0, 0, 0, 1}},
    {"one line", "describe \"X\": it \"a\": it \"b\": pass\n", {2, 0, 0, 0}},
    {"no newline at the end", "it \"a\":", {1, 0, 0, 0}},
    {"CR LF", "describe \"X\":\r\n    it \"a\":\r\n        pass\r\n", {1, 0, 0, 0}},
    {"a byte-order mark", "\xef\xbb\xbfit \"a\":\n", {1, 0, 0, 0}},
    {"tabs", "describe \"X\":\n\tit \"a\":\n", {1, 0, 0, 0}},
    {"unicode", "it \"größer ✓\":\n", {1, 0, 0, 0}},
    {"prefixes", "it f\"a {x}\":\nit r\"b\\\":\n", {2, 0, 0, 0}},
    {"a shebang and an attribute",
     "#!/usr/bin/env simple\n#![allow(unused)]\nit \"a\":\n",
     {1, 0, 0, 0}},
    {"commented out whole", "# describe \"X\":\n#     it \"a\":\n", {0, 0, 0, 0}},
    {"documentation", "/// it \"a\":\nit \"b\":\n", {1, 0, 0, 0}},
    {"inside a docstring", "\"\"\"\nit \"a\":\n\"\"\"\nit \"b\":\n", {1, 0, 0, 0}},
    {"a docstring that begins on its line",
     "\"\"\"Text\nit \"a\":\n\"\"\"\nit \"b\":\n",
     {1, 0, 0, 0}},
    {"a docstring on one line", "\"\"\"it\"\"\"\nit \"b\":\n", {1, 0, 0, 0}},
    {"inside a value", "val x = \"\"\"\nit \"a\":\n\"\"\"\nit \"b\":\n", {1, 0, 0, 0}},
    {"a value that ends and opens again",
     "val x = \"\"\"\na\n\"\"\" + \"\"\"\nit \"a\":\n\"\"\"\nit \"b\":\n",
     {1, 0, 0, 0}},
    {"quotes in a comment open nothing", "x = 1  # \"\"\" not a block\nit \"a\":\n", {1, 0, 0, 0}},
    {"quotes in a string open nothing", "x = \"\\\"\\\"\\\"\"\nit \"a\":\n", {1, 0, 0, 0}},
    {"a quote as a character",
     "x = '\"'\ny = \"\"\"\nit \"a\":\n\"\"\"\nit \"b\":\n",
     {1, 0, 0, 0}},
    {"inside a string", "val s = \"it \\\"a\\\":\"\n", {0, 0, 0, 0}},
    {"words that begin alike",
     "item \"a\":\nitem(\"b\")\nlet it = \"c\"\nit = \"d\"\nit.x(\"e\")\n",
     {0, 0, 0, 0}},
    {"unbalanced brackets", "x = [(((\nit \"a\":\n}}}\nit \"b\":\n", {2, 0, 0, 0}},
    {"a string that never closes", "x = \"abc\nit \"a\":\n", {1, 0, 0, 0}},
    {"a plain script", "print \"hello\"\nexit(0)\n", {0, 0, 0, 0}},
    {"nothing", "", {0, 0, 0, 0}},
};

TEST(ParseSpecTest, CountsExamples) {
  for (const Counts& test : kCounts)
    EXPECT_EQ(parse_spec(test.text).examples, test.expected) << test.story;
}

TEST(ParseSpecTest, SixteenLevels) {
  std::string text;
  for (int level = 0; level < 16; ++level)
    text += std::string(static_cast<std::size_t>(level) * 4, ' ') + "context \"c\":\n";
  text += std::string(64, ' ') + "it \"deep\":\n";
  EXPECT_EQ(parse_spec(text).examples.plain, 1);
}

// The first implementation matched substrings: a spec that only mentions a marker vanished.
TEST(ParseSpecTest, AMarkerThatIsOnlyMentionedMarksNothing) {
  const char* mentions[] = {
      "it \"x\":\n    expect s to equal \"# @skip\"\n",
      "\"\"\"\n# @skip\n# @slow\n\"\"\"\n",
      "val x = \"\"\"\n# @skip\n\"\"\"\n",
      "# use # @skip to skip\n",
      "x = 1  # @skip - a comment after code\n",
      "it \"a\":\n    # @skip - about this example\n    pass\n",
  };
  for (const char* text : mentions) {
    EXPECT_FALSE(parse_spec(text).skip) << text;
    EXPECT_FALSE(parse_spec(text).slow) << text;
  }
}

TEST(ParseSpecTest, FileDirectives) {
  const SpecFacts facts = parse_spec(
      "# @skip - broken\n# @pending(soon)\n# @slow\n# @tag: Big_One, b\n# @platform: linux\n"
      "# @timeout_secs 600\nit \"a\":\n");
  EXPECT_EQ(facts.skip, "broken");
  EXPECT_EQ(facts.pending, "soon");
  EXPECT_TRUE(facts.slow);
  EXPECT_TRUE(facts.may_skip);
  EXPECT_THAT(facts.tags, ElementsAre("b", "big-one"));
  EXPECT_THAT(facts.platforms, ElementsAre("linux"));
  EXPECT_EQ(facts.timeout, std::chrono::seconds(600));
  EXPECT_EQ(facts.line, 7);
}

TEST(ParseSpecTest, OneSlowExampleMakesTheFileSlowAndHidesNothing) {
  const SpecFacts facts = parse_spec("it \"a\":\nslow_it \"b\":\nit \"c\":\n");
  EXPECT_TRUE(facts.slow);
  EXPECT_EQ(facts.examples, (ExampleCounts{2, 1, 0, 0}));
}

TEST(ParseSpecTest, TagsFromEveryPlaceThatMayHaveThem) {
  EXPECT_THAT(parse_spec("\"\"\"\nAbout.\n  @tag: a\n@tags: [\"b\", c]\n\"\"\"\nit \"x\":\n").tags,
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(parse_spec("\"\"\"@tag: a\"\"\"\nit \"x\":\n").tags, ElementsAre("a"));
  EXPECT_THAT(
      parse_spec("describe \"X\", tag: \"a\":\n  it \"b\", tags: [\"c d\", \"e_f\"]:\n").tags,
      ElementsAre("a", "c-d", "e-f"));
  EXPECT_THAT(parse_spec("it \"tag: \\\"no\\\"\":\n").tags, IsEmpty());
  EXPECT_THAT(parse_spec("val x = \"\"\"\n@tag: no\n\"\"\"\n").tags, IsEmpty());
  EXPECT_THAT(parse_spec("it \"x\":\n    \"\"\"\n    @tag: no\n    \"\"\"\n").tags, IsEmpty());
}

TEST(ParseSpecTest, WhatCannotBeUsedIsWarnedOf) {
  EXPECT_THAT(parse_spec("# @timeout_secs soon\n").warnings, SizeIs(1));
  EXPECT_THAT(parse_spec("# @timeout_secs 0\n").warnings, SizeIs(1));
  EXPECT_THAT(parse_spec("# @tag: a;b\n").warnings, SizeIs(1));
  EXPECT_THAT(parse_spec("x = \"\"\"\nit \"a\":\n").warnings, SizeIs(1));
}

TEST(ParseSpecTest, AnExampleThatSkipsItselfOnAConditionMaySkip) {
  EXPECT_TRUE(parse_spec("it \"a\":\n    if windows: skip(\"no\")\n").may_skip);
  EXPECT_FALSE(parse_spec("it \"a\":\n    pass\n").may_skip);
}

TEST(ParseSpecTest, BoundedWhateverItHolds) {
  std::string many_tags = "# @tag: ";
  for (int i = 0; i < 100'000; ++i) many_tags += "t" + std::to_string(i) + ",\n# @tag: ";
  EXPECT_LE(parse_spec(many_tags).tags.size(), kMaxTags);
  EXPECT_LE(parse_spec(std::string(100'000, '"')).warnings.size(), kMaxWarnings);
  std::string noise;
  for (int i = 0; i < 200'000; ++i) noise += static_cast<char>((i * 7919) >> 3);
  parse_spec(noise);
}

}  // namespace
}  // namespace specguard::spec
