// What a program of the subset means.
#include <gmock/gmock.h>

#include "minispec_support.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPasses = "d\n  ✓ e\n\n1 example, 0 failures\n";

TEST(MinispecLanguageTest, ExpectationsThatHold) {
  for (const char* statement : {
           "expect 1 + 2 * 3 to equal 7",
           "expect 2 ** 3 ** 2 to equal 512",
           "expect -7 / 2 to equal -3",
           "expect 7 % 4 to equal 3",
           "expect 0.1 + 0.2 to be_close_to 0.3",
           "expect 1.0 to equal 1",
           "expect (1 + 2) * 3 == 9",
           "expect not false",
           "expect 1 < 2 and 2 <= 2 and 3 != 4",
           "expect nil ?? 5 to equal 5",
           "expect 2 in [1, 2] and 3 not in [1, 2]",
           "expect \"b\" in \"abc\"",
           "expect(1).to_equal(1)",
           "expect(1).to eq(1)",
           "expect(1).not_to_equal(2)",
           "expect(1).not.to_equal(2)",
           "expect 1 not to equal 2",
           "expect 1 to not equal 2",
           "expect true to be_true",
           "expect true to be true",
           "expect nil to be nil",
           "expect nil to be_nil",
           "expect [] to be_empty",
           "expect [] to be empty",
           "expect 3 to be_greater_than 2",
           "expect 3 to be greater_than 2",
           "expect 3 to be_at_most 3",
           "expect [1, 2] to contain 2",
           "expect \"shop\" to contain(\"ho\")",
           "expect \"shop\" to start_with \"sh\"",
           "expect \"shop\" to end_with \"op\"",
           "expect [1, 2] to have_length 2",
           "expect fn(): 1 / 0 to raise_error",
           "expect fn(): raise(\"no stock\") to raise_error \"stock\"",
           "expect fn(): 1 not to raise_error",
           "expect \"a{1 + 1}b\" to equal \"a2b\"",
           "expect \"{\"x\".upper()}\" to equal \"X\"",
           "expect \"\\{1\\}\" to equal '{1}'",
           "expect \"{}\" to equal '{}'",
           "expect {a: 1, \"b\": 2} to equal {b: 2, a: 1}",
           "expect {a: {b: [5]}}.a.b[0] to equal 5",
           "expect [1, 2, 3][-1] to equal 3",
           "expect \"héé\"[1] to equal \"é\"",
           "expect [3, 1, 2].sort().join(\"-\") to equal \"1-2-3\"",
           "expect [1, 2, 3].map(fn(x): x * x).filter(\\x: x > 1).sum() to equal 13",
           "expect \"a,b\".split(\",\").len() to equal 2",
           "expect \"42\".to_int() + 1 to equal 43",
           "expect type_of(\"x\") to equal \"text\"",
       }) {
    const RunResult result = run_example(statement);
    EXPECT_EQ(result.out, kPasses) << statement << "\n" << result.err;
    EXPECT_EQ(result.exit_code, 0) << statement;
  }
}

TEST(MinispecLanguageTest, ExpectationsThatFailSayWhatWasThere) {
  const std::pair<const char*, const char*> cases[] = {
      {"expect 1 + 1 to equal 3", "expected 2 to equal 3"},
      {"expect 1 + 1 == 3", "expected 2 to equal 3"},
      {"expect 1 not to equal 1", "expected 1 not to equal 1"},
      {"expect 3 < 2", "expected 3 < 2"},
      {"expect \"a\" to equal \"b\"", "expected \"a\" to equal \"b\""},
      {"expect [1, \"x\"] to contain 2", "expected [1, \"x\"] to contain 2"},
      {"val ready = false\nexpect ready", "expected ready (false) to be truthy"},
      {"expect fn(): 1 to raise_error", "expected an error, and nothing was raised"},
      {"assert 1 == 2, \"sums\"", "sums (line 3, column 9)"},
      {"unknown(1)", "variable 'unknown' not found (line 3, column 9)"},
      {"val x = 1 / 0", "division by zero"},
      {"val x = 9223372036854775807 + 1", "integer overflow"},
  };
  for (const auto& [statement, message] : cases) {
    const RunResult result = run_example(statement);
    EXPECT_THAT(result.out, HasSubstr(std::string("  ✗ e\n    ") + message)) << statement;
    EXPECT_THAT(result.out, HasSubstr("1 example, 1 failure\n")) << statement;
    EXPECT_EQ(result.exit_code, 1) << statement;
  }
}

TEST(MinispecLanguageTest, StatementsFunctionsAndLoops) {
  const RunResult result = run_minispec(
      "fn fib(n: i64) -> i64:\n"
      "    if n < 2:\n"
      "        return n\n"
      "    fib(n - 1) + fib(n - 2)\n"
      "fn kind(n):\n"
      "    if n < 0: \"negative\"\n"
      "    elif n == 0: \"zero\"\n"
      "    else if n == 1: \"one\"\n"
      "    else: \"many\"\n"
      "var total = 0\n"
      "for i in 0..10:\n"
      "    if i == 3: continue\n"
      "    if i == 6: break\n"
      "    total += i\n"
      "var n = 3\n"
      "while n > 0:\n"
      "    n -= 1\n"
      "val stock = {apple: 2}\n"
      "stock.pear = 1\n"
      "stock[\"apple\"] += 5\n"
      "print total, n, fib(10), kind(-1), kind(0), kind(1), kind(9), stock\n");
  EXPECT_EQ(result.out, "12 0 55 negative zero one many {apple: 7, pear: 1}\n") << result.err;
  EXPECT_EQ(result.exit_code, 0);
}

TEST(MinispecLanguageTest, HooksRunAroundEveryExampleFromTheOutsideIn) {
  const RunResult result = run_minispec(
      "describe \"d\":\n"
      "    before_each:\n        print \"outer before\"\n"
      "    after_each:\n        print \"outer after\"\n"
      "    context \"c\":\n"
      "        before_each:\n            print \"inner before\"\n"
      "        it \"e\": print \"example\"\n");
  EXPECT_THAT(result.out, HasSubstr("outer before\ninner before\nexample\nouter after\n"));
}

TEST(MinispecLanguageTest, FilesTimeAndEnvironment) {
  const TempDir directory;
  const std::string path = directory / "note";
  const RunResult result =
      run_minispec("write_file(\"" + path + "\", \"a\")\nappend_file(\"" + path +
                       "\", \"b\")\nprint read_file(\"" + path +
                       "\"), env(\"SHOP\"), env(\"NOT_THERE\")\n"
                       "print file_exists(\"" +
                       path + "\"), remove_file(\"" + path + "\"), file_exists(\"" + path +
                       "\")\nsleep_ms(1)\nexit(7)\nprint \"never\"\n",
                   {{"SHOP", "open"}});
  EXPECT_EQ(result.out, "ab open nil\ntrue true false\n") << result.err;
  EXPECT_EQ(result.exit_code, 7);
}

TEST(MinispecLanguageTest, ModulesComeFromTheSourceDirectoryUpward) {
  const TempDir directory;
  directory.write("src/shop/money.spl", "fn twice(n): n * 2\n");
  directory.write("src/shop/cart.spl",
                  "use shop.money\nuse shop.cart\nfn total(n): twice(n) + 1\n");
  directory.write("src/shop/broken.spl", "fn fn\n");
  const auto spec = [&](const std::string& program) {
    return run({SPECGUARD_MINISPEC, "run", directory.write("test/unit/x_spec.spl", program)});
  };
  EXPECT_EQ(spec("use std.spec\nuse shop.cart.{total}\nprint total(3)\n").out, "7\n");
  EXPECT_EQ(spec("use shop.cart.total\nprint total(3)\n").out, "7\n");
  EXPECT_THAT(spec("use shop.broken\n").err, HasSubstr("src/shop/broken.spl:1:6: syntax error"));
}

TEST(MinispecLanguageTest, SurvivesWhatRealFilesHave) {
  const RunResult result = run_minispec(
      "\xEF\xBB\xBF#!/usr/bin/env simple\r\n"
      "#![allow(unused)]\r\n"
      "\"\"\"\r\nA docstring with \"quotes\" and @tag: smoke\r\n\"\"\"\r\n"
      "use std.spec\r\n"
      "/// documentation\r\n"
      "# @tag: smoke\r\n"
      "describe(\"d\"):\r\n"
      "\tit(\"e\"):\r\n"
      "\t\tval text = \"\"\"\r\nit \"is text\":\r\n\"\"\"\r\n"
      "\t\texpect text.contains(\"is text\")\r\n"
      "\r\n"
      "\tslow_it \"s\", tags: [\"slow\"], fn():\r\n"
      "\t\texpect [1,\r\n  2] to have_length 2");
  EXPECT_EQ(result.out, "d\n  ✓ e\n  ✓ s\n\n2 examples, 0 failures\n") << result.err;
}

}  // namespace
}  // namespace specguard::testing
