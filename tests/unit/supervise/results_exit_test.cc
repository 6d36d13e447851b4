#include "results_reading.h"

namespace specguard::supervise {
namespace {

using base::Outcome;

TEST(ResultsFormatTest, NamesParseBack) {
  for (const auto format : {ResultsFormat::kExit, ResultsFormat::kSimple, ResultsFormat::kTap})
    EXPECT_EQ(parse_results_format(results_format_name(format)), format);
  EXPECT_EQ(parse_results_format("TAP"), std::nullopt);
  EXPECT_EQ(parse_results_format(""), std::nullopt);
}

TEST(ResultsExitTest, TheExitCodeAloneDecides) {
  const ResultsOptions options{.format = ResultsFormat::kExit, .declared_examples = 3};
  EXPECT_EQ(read_results(options, "✗ a\n1 example, 1 failure\nnot ok 1\n").outcome,
            Outcome::kPassed);
  EXPECT_EQ(read_results(options, "", 1).outcome, Outcome::kFailed);
  EXPECT_EQ(read_results(options, "", 255).reason, "");  // the exit code says it
}

TEST(ResultsExitTest, TheSkipCodeSkips) {
  const ResultsOptions options{.skip_code = 77};
  EXPECT_EQ(read_results(options, "", 77).outcome, Outcome::kSkipped);
  EXPECT_EQ(read_results(options, "", 78).outcome, Outcome::kFailed);
  EXPECT_EQ(read_results({.skip_code = 0}, "", 0).outcome, Outcome::kPassed);
}

}  // namespace
}  // namespace specguard::supervise
