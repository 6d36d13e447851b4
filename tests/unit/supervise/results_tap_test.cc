#include "results_reading.h"

namespace specguard::supervise {
namespace {

using base::Outcome;
using Status = base::ExampleResult::Status;

struct TapCase {
  const char* story;
  const char* output;
  int exit_code;
  Outcome outcome;
  const char* reason = nullptr;
};

const TapCase kTapCases[] = {
    {"leading plan", "1..2\nok 1 - a\nok 2 - b\n", 0, Outcome::kPassed},
    {"trailing plan", "ok 1\nok 2\n1..2\n", 0, Outcome::kPassed},
    {"version line", "TAP version 14\n1..1\nok 1\n", 0, Outcome::kPassed},
    {"no numbers", "1..2\nok\nok a name\n", 0, Outcome::kPassed},
    {"any order", "1..3\nok 3\nok 1\nok 2\n", 0, Outcome::kPassed},
    {"CR LF", "1..1\r\nok 1\r\n", 0, Outcome::kPassed},
    {"colours", "1..1\n\x1b[31mnot ok 1 a\x1b[0m\n", 0, Outcome::kFailed},
    {"a failure", "1..2\nok 1\nnot ok 2 - it breaks\n", 0, Outcome::kFailed,
     "1 of 2 tests failed, first: it breaks"},
    {"exit code", "1..1\nok 1\n", 1, Outcome::kFailed, "exit code 1"},
    {"a missing test", "1..3\nok 1\nok 3\n", 0, Outcome::kFailed,
     "TAP: 2 of 3 planned tests ran, test 2 is missing"},
    {"ended early", "1..3\nok 1\n", 0, Outcome::kFailed},
    {"more than planned", "1..1\nok 1\nok 2\n", 0, Outcome::kFailed,
     "TAP: test 2 is outside the plan 1..1"},
    {"one number twice", "1..2\nok 1\nok 1\n", 0, Outcome::kFailed, "TAP: test 1 is there twice"},
    {"no plan", "ok 1\nok 2\n", 0, Outcome::kFailed,
     "TAP: there is no plan, so it may have ended early"},
    {"two plans", "1..1\nok 1\n1..1\n", 0, Outcome::kFailed, "TAP: there are two plans"},
    {"a plan in the middle", "ok 1\n1..2\nok 2\n", 0, Outcome::kFailed},
    {"nothing", "", 0, Outcome::kFailed, "TAP: nothing of it on standard output"},
    {"all skipped by the plan", "1..0 # SKIP no database\n", 0, Outcome::kSkipped, "no database"},
    {"all skipped, in small letters", "1..0 # skipped: no database\n", 0, Outcome::kSkipped},
    {"an empty plan", "1..0\n", 0, Outcome::kSkipped, "it planned no tests"},
    {"an empty plan, and it fails", "1..0 # SKIP\n", 2, Outcome::kFailed},
    {"each point skipped", "1..2\nok 1 # SKIP why\nok 2 a # skip\n", 0, Outcome::kSkipped, "why"},
    {"one point skipped", "1..2\nok 1 # SKIP why\nok 2\n", 0, Outcome::kPassed},
    {"skip of a failure is a failure", "1..1\nnot ok 1 # SKIP\n", 0, Outcome::kFailed},
    {"todo may fail", "1..2\nok 1\nnot ok 2 # TODO later\n", 0, Outcome::kPassed},
    {"todo that passes", "1..1\nok 1 # todo\n", 0, Outcome::kPassed},
    {"an escaped hash is no directive", "1..1\nnot ok 1 a \\# TODO b\n", 0, Outcome::kFailed},
    {"a hash in a word is no directive", "1..1\nnot ok 1 issue#todo\n", 0, Outcome::kFailed},
    {"another comment is no directive", "1..1\nnot ok 1 a # later\n", 0, Outcome::kFailed},
    {"bail out", "1..2\nok 1\nBail out! no disk\nok 2\n", 0, Outcome::kFailed, "Bail out! no disk"},
    {"bail out in any letters", "bail OUT!\n", 0, Outcome::kFailed},
    {"bail out of a subtest", "1..1\n    1..1\n    Bail out! inner\nok 1\n", 0, Outcome::kFailed},
    {"a subtest's failure is its parent's to tell",
     "1..1\n# Subtest: inner\n    1..2\n    not ok 1\n    ok 2\nok 1 - inner\n", 0,
     Outcome::kPassed},
    {"a subtest's failure, told", "1..1\n    1..1\n    not ok 1\nnot ok 1 - inner\n", 0,
     Outcome::kFailed},
    {"a YAML block is no TAP", "1..2\nok 1\n  ---\n  message: |\nnot\n  ...\nok 2\n", 0,
     Outcome::kPassed},
    {"a YAML block that looks like TAP",
     "1..1\nok 1\n  ---\n  not ok 2\n    Bail out! no\n  1..7\n  ...\n", 0, Outcome::kPassed},
    {"a YAML block that is never closed", "1..2\nok 1\n  ---\n  a: b\nnot ok 2\n", 0,
     Outcome::kFailed},
    {"prose", "hello\n1..1\nokay\nnot okay\nok_2\nnot\nok 1\n", 0, Outcome::kPassed},
    {"an absurd plan", "1..99999999999999999999999\nok 1\n", 0, Outcome::kFailed},
    {"an absurd number", "1..1\nok 99999999999999999999999\n", 0, Outcome::kFailed},
    {"test zero", "1..1\nok 0\n", 0, Outcome::kFailed},
};

const ResultsOptions kTapOptions{.format = ResultsFormat::kTap};

TEST(ResultsTapTest, Table) {
  for (const TapCase& test : kTapCases) {
    const auto verdict = read_results(kTapOptions, test.output, test.exit_code);
    EXPECT_EQ(verdict.outcome, test.outcome) << test.story << ": " << verdict.reason;
    if (test.reason != nullptr) {
      EXPECT_EQ(verdict.reason, test.reason) << test.story;
    }
  }
}

TEST(ResultsTapTest, StandardErrorIsNoTap) {
  const auto reader = make_results_reader(kTapOptions);
  reader->read(OutputStream::kStdout, "1..1\nok 1\n");
  reader->read(OutputStream::kStderr, "not ok 2\nBail out!\n");
  EXPECT_EQ(reader->finish(0).outcome, Outcome::kPassed);
}

TEST(ResultsTapTest, ExamplesCarryNameReasonMessageAndDuration) {
  const auto verdict = read_results(kTapOptions,
                                    "1..5\n"
                                    "ok 1 - a \\# b \\\\ c\n"
                                    "  ---\n  duration_ms: 12.7\n  ...\n"
                                    "ok 2 # SKIP no net\n"
                                    "not ok 3 compares\n"
                                    "# got 1\n"
                                    "  # indented, so no comment of ours\n"
                                    "# want 2\n"
                                    "ok 4 from bats in 34ms\n"
                                    "not ok 5 with yaml\n  ---\n  got: 1\n  want: 2\n  ...\n",
                                    1);
  ASSERT_EQ(verdict.examples.size(), 5u);
  EXPECT_EQ(verdict.examples[0].name, "a # b \\ c");
  EXPECT_EQ(verdict.examples[0].duration, std::chrono::milliseconds(12));
  EXPECT_EQ(verdict.examples[1].status, Status::kSkipped);
  EXPECT_EQ(verdict.examples[1].message, "no net");
  EXPECT_EQ(verdict.examples[2].message, "got 1\nwant 2");
  EXPECT_EQ(verdict.examples[3].name, "from bats");
  EXPECT_EQ(verdict.examples[3].duration, std::chrono::milliseconds(34));
  EXPECT_EQ(verdict.examples[4].message, "got: 1\nwant: 2");
}

TEST(ResultsTapTest, AMillionPointsAreCountedInBoundedMemory) {
  const auto reader = make_results_reader(kTapOptions);
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "ok - p\n";
  for (int i = 0; i < 1000; ++i) reader->read(lines);
  reader->read("1..1000000\n");
  const auto verdict = reader->finish(0);
  EXPECT_EQ(verdict.outcome, Outcome::kPassed) << verdict.reason;
  EXPECT_EQ(verdict.examples.size(), ResultsReader::kMaxExamples);
}

}  // namespace
}  // namespace specguard::supervise
