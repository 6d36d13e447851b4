// docs/examples/shop, as its README says.
#include <gmock/gmock.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "example_project.h"

namespace specguard::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kSpecs = 26;
constexpr std::size_t kScripts = 1;  // of them: no examples, only an exit code

// One project for the whole suite: installing and configuring takes longer than each test.
class ShopTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { project_ = std::make_unique<ExampleProject>("shop"); }
  void SetUp() override { ASSERT_EQ(project_->problem(), ""); }
  static void TearDownTestSuite() { project_.reset(); }

  static std::unique_ptr<ExampleProject> project_;
};

std::unique_ptr<ExampleProject> ShopTest::project_;

TEST_F(ShopTest, CheckRunsEverySpecAndPasses) {
  const RunResult result = project_->build("check");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out,
              HasSubstr("100% tests passed, 0 tests failed out of " + std::to_string(kSpecs)));
  for (const char* skipped :
       {"payment_spec.spl (Skipped)", "currency_spec.spl (Skipped)", "voucher_spec.spl (Skipped)"})
    EXPECT_THAT(result.out, HasSubstr(skipped));
}

TEST_F(ShopTest, LabelsSelectWhatTheySay) {
  EXPECT_THAT(project_->list({}), SizeIs(kSpecs));
  EXPECT_THAT(project_->list({"-L", "^unit$"}), SizeIs(13));
  EXPECT_THAT(project_->list({"-L", "^integration$"}), SizeIs(8));
  EXPECT_THAT(project_->list({"-L", "^system$"}), SizeIs(5));
  EXPECT_THAT(project_->list({"-L", "^unit$", "-L", "^smoke$"}),
              UnorderedElementsAre(EndsWith("cart_items_spec.spl"), EndsWith("cart_total_spec.spl"),
                                   EndsWith("reserve_spec.spl")));
  EXPECT_THAT(project_->list({"-L", "^tax-rules$"}), ElementsAre(EndsWith("vat_spec.spl")));
  EXPECT_THAT(project_->list({"-L", "^campaign$"}), ElementsAre(EndsWith("discount_spec.spl")));
  EXPECT_THAT(project_->list({"-LE", "^slow$"}), SizeIs(kSpecs - 3));
  EXPECT_THAT(project_->list({"-L", "^pending$"}), SizeIs(2));
  EXPECT_THAT(project_->list({"-L", "^platform:linux$"}),
              ElementsAre(EndsWith("daily_report_spec.spl")));
}

TEST_F(ShopTest, CheckTargetsSelectALevel) {
  const RunResult result = project_->build("check-system");
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 5")) << result.out;
}

TEST_F(ShopTest, ASkippedSpecGivesItsReasonAndRunsOnRequest) {
  const RunResult skipped = project_->ctest({"-R", "payment", "-V"});
  EXPECT_EQ(skipped.exit_code, 0);
  EXPECT_THAT(skipped.out,
              HasSubstr("test-launcher: skipped: the payment sandbox is closed until March"));
  const RunResult run_anyway = project_->ctest({"-R", "payment"}, {{"SPECGUARD_RUN_SKIPPED", "1"}});
  EXPECT_EQ(run_anyway.exit_code, 8) << run_anyway.out;
}

// The filter that the interpreter goes by left out every example of a file that is itself marked,
// and the file failed for it.
TEST_F(ShopTest, OnlySlowAndOnlySkippedRunFilesThatAreMarkedAsAWhole) {
  const auto run_only = [](const char* word) {
    return run({launcher(), "run", "--build-dir", project_->binary().string(), word, "--", "-V"});
  };
  const RunResult slow = run_only("--only-slow");
  EXPECT_EQ(slow.exit_code, 0) << slow.out;
  EXPECT_THAT(slow.out, HasSubstr("✓ reads two thousand goods"));
  EXPECT_THAT(slow.out, HasSubstr("✓ places five thousand"));
  EXPECT_THAT(slow.out, Not(HasSubstr("✓ numbers the first one"))) << "beside a slow_it";
  const RunResult skipped = run_only("--only-skipped");
  EXPECT_EQ(skipped.exit_code, 8);
  EXPECT_THAT(skipped.out, HasSubstr("✗ charges the card"));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

// What the specs print themselves is the truth: a report has a case for each mark.
TEST_F(ShopTest, TheReportHasACaseForEveryExample) {
  const RunResult truth = project_->ctest({"-V"});
  const std::size_t passed = count(truth.out, "✓ ");
  ASSERT_GT(passed, kSpecs);
  const std::string xml = (project_->binary() / "report.xml").string();
  const RunResult written =
      run({launcher(), "report", "--build-dir", project_->binary().string(), "--junit", xml});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  const RunResult read = run({"python3", SPECGUARD_READ_JUNIT, xml});
  ASSERT_EQ(read.exit_code, 0) << read.err;
  std::istringstream counts(read.out);
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  counts >> tests >> failures >> errors >> skipped;
  EXPECT_EQ(failures, 0U);
  EXPECT_EQ(errors, 0U);
  EXPECT_EQ(tests - skipped, passed + kScripts) << read.out;
  EXPECT_GE(skipped, 3U);  // the specs that are skipped as a whole
}

TEST_F(ShopTest, ASpecIsThereAsSoonAsItsFileIs) {
  const auto path = project_->source() / "test/01_unit/cart/new_spec.spl";
  std::ofstream(path) << "describe \"new\":\n    it \"fails\":\n        expect 1 to equal 2\n";
  EXPECT_THAT(project_->list({}), Contains(EndsWith("new_spec.spl")));
  const RunResult result = project_->ctest({"-R", "new_spec", "--output-on-failure"});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("expected 1 to equal 2"));
  std::filesystem::remove(path);
  EXPECT_THAT(project_->list({}), SizeIs(kSpecs));
}

}  // namespace
}  // namespace specguard::testing
