#include "results_reading.h"

namespace specguard::supervise {
namespace {

using base::Outcome;
using Status = base::ExampleResult::Status;

struct SimpleCase {
  const char* story;
  const char* output;
  int exit_code;
  int declared;
  Outcome outcome;
  const char* reason = nullptr;  // where it matters
};

constexpr char kTwoGroups[] =
    "Cart\n  ✓ adds\n  ✗ totals\n    expected 3 to equal 4\n\n2 examples, 1 failure\n"
    "Order\n  ✓ ships\n\n1 example, 0 failures\n";

const SimpleCase kSimpleCases[] = {
    {"all pass", "  ✓ adds\n1 example, 0 failures\n", 0, 1, Outcome::kPassed},
    {"a plain script says nothing", "hello\n", 0, 0, Outcome::kPassed},
    {"a plain script fails", "hello\n", 3, 0, Outcome::kFailed, "exit code 3"},
    {"summaries add up", kTwoGroups, 1, 3, Outcome::kFailed, "1 of 3 examples failed"},
    {"exit 0 with a failure counted has failed", kTwoGroups, 0, 3, Outcome::kFailed,
     "1 of 3 examples failed, though its exit code is 0"},
    {"the last summary does not hide the first", kTwoGroups, 0, 3, Outcome::kFailed},
    {"one failure is singular", "1 example, 1 failure\n", 0, 1, Outcome::kFailed},
    {"no newline at the end", "2 examples, 2 failures", 0, 2, Outcome::kFailed},
    {"CR LF", "  ✗ a\r\n1 example, 1 failure\r\n", 0, 1, Outcome::kFailed},
    {"colours", "\x1b[32m  ✓ a\x1b[0m\n\x1b[1;31m1 example, 1 failure\x1b[0m\n", 0, 1,
     Outcome::kFailed},
    {"more words after a comma", "3 examples, 1 failure, 1 pending\n", 0, 3, Outcome::kFailed},
    {"other words are no summary", "3 examples, 1 failure was seen yesterday\n✓ a\n", 0, 1,
     Outcome::kPassed},
    {"exit code wins over a clean count", "1 example, 0 failures\n", 1, 1, Outcome::kFailed,
     "exit code 1"},
    {"a spec that ends itself in mid-file: no summary, but a mark", "  ✓ a\n  ✗ b\n", 0, 2,
     Outcome::kFailed},
    {"a mark that the spec printed itself, and the summary knows better",
     "✗ is how a failure looks\n  ✓ prints marks\n1 example, 0 failures\n", 0, 1, Outcome::kPassed},
    {"declared, none ran", "loading\n", 0, 3, Outcome::kFailed,
     "3 examples are declared, none was executed"},
    {"declared, zero counted", "0 examples, 0 failures\n", 0, 3, Outcome::kFailed},
    {"silence where examples were declared", "", 0, 1, Outcome::kFailed},
    {"all skipped", "  ○ a (skipped)\n  ○ b (skipped)\n2 examples, 0 failures\n", 0, 2,
     Outcome::kSkipped, "all 2 examples are skipped"},
    {"all skipped, and the interpreter counts none of them",
     "  ○ a (skipped: no network)\n0 examples, 0 failures\n", 0, 1, Outcome::kSkipped,
     "no network"},
    {"one of two skipped", "  ○ a (pending)\n  ✓ b\n2 examples, 0 failures\n", 0, 2,
     Outcome::kPassed},
    {"compiled", "it adds ... ok\nit totals ... FAILED\n", 0, 2, Outcome::kFailed,
     "1 of 2 examples failed, though its exit code is 0"},
    {"compiled, skipped", "it adds ... skipped (no disk)\nit b ... pending\n", 0, 2,
     Outcome::kSkipped, "no disk"},
    {"prose that begins with it", "it was late ... and dark\n", 0, 0, Outcome::kPassed},
    {"an absurd count does not overflow",
     "99999999999999999999 examples, 1 failure\n18446744073709551615 examples, 1 failure\n", 0, 1,
     Outcome::kFailed},
};

ResultsOptions simple(int declared) {
  return {.format = ResultsFormat::kSimple, .declared_examples = declared};
}

TEST(ResultsSimpleTest, Table) {
  for (const SimpleCase& test : kSimpleCases) {
    const auto verdict = read_results(simple(test.declared), test.output, test.exit_code);
    EXPECT_EQ(verdict.outcome, test.outcome) << test.story << ": " << verdict.reason;
    if (test.reason != nullptr) {
      EXPECT_EQ(verdict.reason, test.reason) << test.story;
    }
  }
}

std::string verdict_line(const char* words) {
  return std::string("SPEC FILE VERDICT: test/a b_spec.spl ") + words + "\n";
}

TEST(ResultsSimpleTest, TheVerdictLineDecides) {
  const std::tuple<const char*, int, Outcome> cases[] = {
      {"outcome=OK declared>=2 executed=2 passed=2 failed=0 skipped=0 dropped=0", 0,
       Outcome::kPassed},
      {"outcome=OK declared>=2 executed=2 passed=2 failed=0 skipped=0 dropped=0", 1,
       Outcome::kPassed},
      {"outcome=ERROR declared>=2 executed=2 passed=1 failed=1 skipped=0 dropped=0", 0,
       Outcome::kFailed},
      {"outcome=ERROR declared>=2 executed=2 passed=2 failed=0 skipped=0 dropped=0", 0,
       Outcome::kFailed},
      {"outcome=OK declared>=3 executed=3 passed=0 failed=3 skipped=0 dropped=0", 0,
       Outcome::kFailed},
      {"outcome=OK declared>=3 executed=1 passed=1 failed=0 skipped=0 dropped=2", 0,
       Outcome::kFailed},
      {"outcome=OK declared>=3 executed=0 passed=0 failed=0 skipped=0 dropped=0", 0,
       Outcome::kFailed},
      {"outcome=OK declared>=2 executed=2 passed=0 failed=0 skipped=2 dropped=0", 0,
       Outcome::kSkipped},
      {"outcome=NOT_RUN declared>=0 executed=0 passed=0 failed=0 dropped=0", 0, Outcome::kSkipped},
      {"declared>=6 executed=6 passed=6 failed=0 dropped=0", 0, Outcome::kPassed},
      {"declared>=6 executed=6 passed=5 failed=1 dropped=0", 0, Outcome::kFailed},
  };
  for (const auto& [words, exit_code, outcome] : cases) {
    const std::string output = "6 examples, 0 failures\n" + verdict_line(words);
    const auto verdict = read_results(simple(6), output, exit_code);
    EXPECT_EQ(verdict.outcome, outcome) << words << ": " << verdict.reason;
  }
}

TEST(ResultsSimpleTest, AnIncompleteVerdictLineDecidesNothing) {
  for (const char* words : {"outcome=OK", "outcome=OK executed=x failed=0",
                            "declared>=1 executed=1", "quotes outcome=OK in prose"})
    EXPECT_EQ(read_results(simple(1), verdict_line(words), 1).outcome, Outcome::kFailed) << words;
}

// A spec that tests a test runner prints the verdicts of others.
TEST(ResultsSimpleTest, AnotherFilesVerdictIsNotBelieved) {
  const std::string output =
      "SPEC FILE VERDICT: /tmp/x/inner_spec.spl outcome=OK declared>=1 executed=1 passed=1 "
      "failed=0 "
      "dropped=0\n";
  ResultsOptions options = simple(1);
  options.spec_path = "/src/runner_spec.spl";
  EXPECT_EQ(read_results(options, output, 1).outcome, Outcome::kFailed);
  options.spec_path = "/src/inner_spec.spl";
  EXPECT_EQ(read_results(options, output, 1).outcome, Outcome::kPassed);
}

TEST(ResultsSimpleTest, AFailingVerdictIsNotPaintedOver) {
  const std::string failed = verdict_line("outcome=ERROR declared>=1 executed=1 passed=0 failed=1");
  const std::string passed = verdict_line("outcome=OK declared>=1 executed=1 passed=1 failed=0");
  EXPECT_EQ(read_results(simple(1), failed + passed).outcome, Outcome::kFailed);
  EXPECT_EQ(read_results(simple(1), passed + failed).outcome, Outcome::kFailed);
}

TEST(ResultsSimpleTest, ConditionalExamplesThatDidNotRunAreASkip) {
  ResultsOptions options = simple(0);
  options.conditional_examples = 2;
  EXPECT_EQ(read_results(options, "0 examples, 0 failures\n").outcome, Outcome::kSkipped);
  EXPECT_EQ(read_results(options, "  ✓ slow one\n1 example, 0 failures\n").outcome,
            Outcome::kPassed);
}

TEST(ResultsSimpleTest, BothStreamsAreHeardAndDoNotMixLines) {
  const auto reader = make_results_reader(simple(1));
  reader->read(OutputStream::kStdout, "1 example, ");
  reader->read(OutputStream::kStderr, "✗ on std");
  reader->read(OutputStream::kStdout, "0 failures\n");
  reader->read(OutputStream::kStderr, "err\n");
  const auto verdict = reader->finish(0);
  EXPECT_EQ(verdict.outcome, Outcome::kFailed);
  ASSERT_EQ(verdict.examples.size(), 1u);
  EXPECT_EQ(verdict.examples[0].name, "on stderr");
}

TEST(ResultsSimpleTest, ExamplesCarryNameMessageAndDuration) {
  const auto verdict = read_results(simple(4),
                                    "Cart\n  ✓ adds (12ms)\n  ✗ totals (of everything)\n"
                                    "    expected 3\n    to equal 4\n\n  not part of it\n"
                                    "  ○ ships (skipped: no truck)\n  ✓ ends (well)\n"
                                    "4 examples, 1 failure\n",
                                    1);
  ASSERT_EQ(verdict.examples.size(), 4u);
  EXPECT_EQ(verdict.examples[0].name, "adds");
  EXPECT_EQ(verdict.examples[0].duration, std::chrono::milliseconds(12));
  EXPECT_EQ(verdict.examples[1].name, "totals (of everything)");
  EXPECT_EQ(verdict.examples[1].status, Status::kFailed);
  EXPECT_EQ(verdict.examples[1].message, "expected 3\nto equal 4");
  EXPECT_EQ(verdict.examples[2].name, "ships");
  EXPECT_EQ(verdict.examples[2].message, "no truck");
  EXPECT_EQ(verdict.examples[3].name, "ends (well)");
}

TEST(ResultsSimpleTest, MemoryIsBoundedAndCountingGoesOn) {
  const auto reader = make_results_reader(simple(1));
  const std::string long_name(3000, 'n');
  for (int i = 0; i < 20'000; ++i) reader->read("✓ " + long_name + "\n✗ " + long_name + "\n");
  const std::string endless(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) reader->read(endless);
  const auto verdict = reader->finish(0);
  EXPECT_EQ(verdict.reason, "20000 of 40000 examples failed, though its exit code is 0");
  EXPECT_EQ(verdict.examples.size(), ResultsReader::kMaxExamples);
  std::size_t bytes = 0;
  for (const auto& example : verdict.examples)
    bytes += example.name.size() + example.message.size();
  EXPECT_LE(bytes, ResultsReader::kMaxTextBytes);
}

TEST(ResultsSimpleTest, BinaryOutputIsSurvived) {
  std::string binary;
  for (int i = 0; i < 4096; ++i) binary += static_cast<char>(i * 7);
  EXPECT_EQ(read_results(simple(0), binary).outcome, Outcome::kPassed);
  EXPECT_EQ(read_results(simple(0), std::string("\x1b") + "\n\x1b[\n\x1b]0;t\n").outcome,
            Outcome::kPassed);
}

}  // namespace
}  // namespace specguard::supervise
