// What the fixture prints is what readers of results rely on: byte for byte the real forms.
#include <gmock/gmock.h>

#include "minispec_support.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kMixed =
    "describe \"Cart\":\n"
    "    it \"adds\": expect 1 to equal 1\n"
    "    context \"when empty\":\n"
    "        it \"has no total\": expect 1 to equal 2\n"
    "    slow_it \"imports\": print \"slow ran\"\n"
    "    skip_it \"prints\": print \"skipped ran\"\n"
    "    ignore_it \"mails\": print \"ignored ran\"\n"
    "    skip \"no printer\":\n        print \"skip ran\"\n"
    "    it \"needs a database\":\n        skip(\"no database\")\n"
    "    pending \"discounts\"\n"
    "    pending_skip \"refunds\", \"discounts\": print \"pending ran\"\n"
    "    pending_on \"totals\", \"adds\": print \"depends ran\"\n"
    "describe \"Stock\":\n"
    "    it \"counts\": pass\n";

TEST(MinispecOutputTest, InterpretedForm) {
  const RunResult result = run_minispec(kMixed);
  EXPECT_EQ(result.out,
            "Cart\n"
            "  ✓ adds\n"
            "  when empty\n"
            "    ✗ has no total\n"
            "      expected 1 to equal 2\n"
            "slow ran\n"
            "  ✓ imports\n"
            "  ○ prints (skipped)\n"
            "  ○ mails (skipped)\n"
            "  ○ no printer (skipped)\n"
            "  ○ needs a database (skipped)\n"
            "  ○ discounts (skipped)\n"
            "  ○ refunds (skipped)\n"
            "depends ran\n"
            "  ✓ totals\n"
            "\n"
            "10 examples, 1 failure\n"
            "Stock\n"
            "  ✓ counts\n"
            "\n"
            "1 example, 0 failures\n");
  EXPECT_EQ(result.err, "spec failure: 1 of 5 example(s) failed (exit 1)\n");
  EXPECT_EQ(result.exit_code, 1);
}

TEST(MinispecOutputTest, ColoursAreThoseOfTheRealOne) {
  const RunResult result = run_minispec(
      "describe \"d\":\n    it \"good\": pass\n    it \"bad\": expect false\n    skip_it \"s\": "
      "pass\n",
      {{"NO_COLOR", ""}});
  EXPECT_EQ(result.out,
            "d\n  \x1b[32m✓ good\x1b[0m\n  \x1b[31m✗ bad\x1b[0m\n    \x1b[31mexpected true, got "
            "false\x1b[0m\n  \x1b[33m○ s (skipped)\x1b[0m\n\n\x1b[31m3 examples, 1 "
            "failure\x1b[0m\n");
}

TEST(MinispecOutputTest, CompiledForm) {
  const RunResult result = run_minispec(
      "describe \"d\":\n    it \"good\": pass\n    it \"bad\": expect 1 == 2\n"
      "    skip \"no printer\": pass\n    pending \"later\"\n",
      {{"MINISPEC_OUTPUT", "compiled"}});
  EXPECT_EQ(result.out,
            "d\n    it good ... ok\n    it bad ... FAILED\n      Error: expected 1 to equal 2\n"
            "    it no printer ... skipped (no printer)\n    it later ... pending\n");
  EXPECT_EQ(result.exit_code, 1);
}

TEST(MinispecOutputTest, VerdictLineComesLastOnRequest) {
  const RunResult result = run_minispec(kMixed, {{"MINISPEC_VERDICT", "1"}});
  EXPECT_TRUE(result.out.ends_with(
      "SPEC FILE VERDICT: x_spec.spl outcome=ERROR declared>=6 executed=11 passed=4 failed=1 "
      "skipped=6 dropped=0\n"))
      << result.out;
  EXPECT_THAT(run_minispec("print 1\n", {{"MINISPEC_VERDICT", "1"}}).out, Not(HasSubstr("VERDICT")))
      << "a plain script has no verdict";
}

TEST(MinispecOutputTest, AnErrorOutsideExamplesEndsTheFileAndTheVerdictSaysSo) {
  const RunResult result =
      run_minispec("describe \"d\":\n    it \"a\": pass\n    nonsense()\n    it \"b\": pass\n",
                   {{"MINISPEC_VERDICT", "1"}});
  EXPECT_EQ(result.err, "x_spec.spl:3:5: error: variable 'nonsense' not found\n");
  EXPECT_THAT(result.out, HasSubstr("outcome=ERROR declared>=2 executed=1 passed=1 failed=0"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST(MinispecOutputTest, OnlySlowAndOnlySkipped) {
  const RunResult slow = run_minispec(kMixed, {{"SIMPLE_TEST_FILTER", "slow"}});
  EXPECT_EQ(slow.out,
            "Cart\n  when empty\nslow ran\n  ✓ imports\n\n1 example, 0 failures\n"
            "Stock\n\n0 examples, 0 failures\n");
  const RunResult skipped = run_minispec(kMixed, {{"SIMPLE_TEST_FILTER", "skipped"}});
  EXPECT_THAT(skipped.out, HasSubstr("skipped ran\n  ✓ prints\nignored ran\n  ✓ mails\n"));
  EXPECT_THAT(skipped.out, HasSubstr("3 examples, 0 failures\n"));
}

TEST(MinispecOutputTest, ExitCodes) {
  EXPECT_EQ(run_minispec("exit(0)\n").exit_code, 0);
  EXPECT_EQ(run_minispec("exit 3\n").exit_code, 3);
  EXPECT_EQ(run_minispec("describe \"d\":\n    it \"e\": exit(9)\n").exit_code, 9);
  EXPECT_EQ(
      run_minispec("describe \"d\":\n    it \"e\": expect false\n", {{"MINISPEC_EXIT", "legacy"}})
          .exit_code,
      0);
  EXPECT_EQ(run({SPECGUARD_MINISPEC, "run", "/nonexistent/x_spec.spl"}).exit_code, 1);
}

TEST(MinispecOutputTest, UsageAndHelpSayThatItIsAFixture) {
  const RunResult help = run({SPECGUARD_MINISPEC, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("test fixture"));
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"walk"},
                                                    {"run"},
                                                    {"run", "--nonsense", "x"},
                                                    {"run", "a", "b"}}) {
    std::vector<std::string> command{SPECGUARD_MINISPEC};
    command.insert(command.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(run(command).exit_code, 2);
  }
}

}  // namespace
}  // namespace specguard::testing
