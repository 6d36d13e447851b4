// The writers of reports, over hostile text. That real parsers accept the files is tested with real
// ones in tests/integration/report.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report_samples.h"
#include "session/report_github.h"
#include "session/report_html.h"
#include "session/report_json.h"
#include "session/report_junit.h"
#include "session/report_trace.h"
#include "session/status.h"
#include "session/xml_text.h"

namespace specguard::session {
namespace {

using base::Outcome;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(XmlText, LeavesNothingThatXmlHasNoRoomFor) {
  EXPECT_EQ(xml_text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(xml_text("]]>"), "]]&gt;");
  EXPECT_EQ(xml_text("\x01\xff"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(xml_text("\xEF\xBF\xBE \xED\xA0\x80"),
            "\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(xml_text("\xC3\xA4\n\t"), "\xC3\xA4\n\t");
  EXPECT_EQ(xml_attribute("a\nb\tc"), "a&#10;b&#9;c");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string escaped = xml_text(std::string(3, static_cast<char>(byte)));
    EXPECT_TRUE(base::is_valid_utf8(escaped)) << byte;
    EXPECT_EQ(escaped.find('<'), std::string::npos);
  }
}

TEST(ReportJunit, CountsEveryCaseAndHidesNothing) {
  const std::string xml = report_junit(hostile_report());
  // good, three examples, killed, skipped, never started.
  EXPECT_THAT(xml, HasSubstr(R"(tests="7" failures="1" errors="2" skipped="2")"));
  EXPECT_THAT(xml, HasSubstr("type=\"out-of-memory\""));
  EXPECT_THAT(xml, HasSubstr("killed: pid 7: sleep &lt;9&gt;"));
  EXPECT_THAT(xml, HasSubstr("<error message=\"not started\" type=\"left\">"));
  EXPECT_THAT(xml, HasSubstr("name=\"adds ]]&gt; (2)\""));
  EXPECT_THAT(xml, HasSubstr("time=\"0.012\""));
  EXPECT_THAT(xml, HasSubstr("expected 1\nto be &lt;2&gt; \xEF\xBF\xBD \xEF\xBF\xBD</failure>"));
  EXPECT_TRUE(base::is_valid_utf8(xml));
}

// All examples passed, yet the test died: the examples alone would be green.
TEST(ReportJunit, ATestThatIsWorseThanItsExamplesHasACaseOfItsOwn) {
  auto result = sample_result("t", Outcome::kCrashed);
  result.result.signal = 11;
  result.result.examples = {{"fine", base::ExampleResult::Status::kPassed, "", {}}};
  SuiteSources sources;
  sources.listing = SuiteListing{{listed("t")}};
  const SuiteReport report =
      make_suite_report(sample_history({sample_start("s", 1), result}), sources, at_second(9));
  EXPECT_THAT(report_junit(report), HasSubstr(R"(tests="2" failures="0" errors="1" skipped="0")"));
}

TEST(ReportJunit, QuarantinedIsAnError) {
  auto result = sample_result("t", Outcome::kNotRun);
  result.origin = journal::Origin::kQuarantined;
  result.result.evidence.reason = "quarantined: in flight at two crashes in a row";
  SuiteSources sources;
  sources.listing = SuiteListing{{listed("t")}};
  const SuiteReport report =
      make_suite_report(sample_history({sample_start("s", 1), result}), sources, at_second(9));
  EXPECT_THAT(report_junit(report), HasSubstr("type=\"quarantined\""));
  EXPECT_EQ(report.counts().quarantined, 1U);
  EXPECT_EQ(report.counts().left(), 0U);
  EXPECT_THAT(report_github(report, {}), HasSubstr("quarantined"));
}

TEST(ReportHtml, EscapesAndNeedsNothingElse) {
  const std::string html = report_html(hostile_report());
  EXPECT_THAT(html, Not(HasSubstr("<b>&")));
  EXPECT_THAT(html, HasSubstr("e &lt;b&gt;&amp;&quot;&#39;"));
  EXPECT_THAT(html, HasSubstr("memory &lt;95 %&gt;"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* foreign : {"http://", "https://", "src=", "@import", "url("})
    EXPECT_THAT(html, Not(HasSubstr(foreign))) << foreign;
  EXPECT_THAT(html, HasSubstr("data-standing=\"failed\""));
  EXPECT_TRUE(base::is_valid_utf8(html));
}

TEST(ReportJson, SaysOfEachTestWhereItStands) {
  const json document = json::parse(report_json(hostile_report()));
  EXPECT_EQ(document["version"], 1);
  EXPECT_EQ(document["state"], "stopped");
  EXPECT_EQ(document["counts"]["total"], 5);
  EXPECT_EQ(document["counts"]["failed"], 2);
  EXPECT_EQ(document["counts"]["left"], 1);
  EXPECT_EQ(document["tests"][1]["examples"].size(), 3U);
  EXPECT_EQ(document["tests"][2]["outcome"], "out-of-memory");
  EXPECT_EQ(document["tests"][2]["seconds"], 1.5);
  EXPECT_EQ(document["tests"][4]["standing"], "left");
}

TEST(ReportTrace, HasARowForEachSlot) {
  const json document = json::parse(report_trace(hostile_report()));
  int attempts = 0;
  for (const json& event : document["traceEvents"]) {
    ASSERT_TRUE(event.contains("pid") && event.contains("tid"));
    if (event["ph"] != "X") continue;
    ++attempts;
    EXPECT_GE(event["ts"].get<std::int64_t>(), 0);
    EXPECT_EQ(event["dur"], 1'500'000);
  }
  EXPECT_EQ(attempts, 4);
}

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts decodes these.
TEST(ReportGithub, EscapesWhatWouldEndACommand) {
  auto failed = sample_result("a,b:c%\nd", Outcome::kFailed);
  failed.result.examples = {
      {"x\r\n::error::fake", base::ExampleResult::Status::kFailed, "50%", {}}};
  SuiteSources sources;
  ListedTest test = listed("a,b:c%\nd");
  test.file = "/work/space/sub/x.spl";
  sources.listing = SuiteListing{{test}};
  const SuiteReport report =
      make_suite_report(sample_history({sample_start("s", 1), failed}), sources, at_second(9));
  EXPECT_EQ(
      report_github(report, "/work/space"),
      "::error file=sub/x.spl,line=3,title=a%2Cb%3Ac%25%0Ad::✗ x%0D%0A::error::fake%0A50%25%0A\n");
  EXPECT_THAT(report_github(report, "/elsewhere"), HasSubstr("file=/work/space/sub/x.spl"));
}

TEST(ReportGithub, IsSilentWhereAllIsWell) {
  SuiteSources sources;
  sources.listing = SuiteListing{{listed("t")}};
  const SuiteReport report = make_suite_report(
      sample_history({sample_start("s", 1), sample_result("t", Outcome::kPassed)}), sources,
      at_second(9));
  EXPECT_THAT(report_github(report, {}), IsEmpty());
}

TEST(Status, CountsEstimatesAndGivesTheCommands) {
  const SuiteReport report = hostile_report();
  const Status status = make_status(report, {}, "go on so", "again so");
  EXPECT_EQ(status.counts.done(), 4U);
  EXPECT_EQ(status.resume, "go on so");
  EXPECT_EQ(status.rerun, "");
  ASSERT_TRUE(status.estimate.has_value());
  // One test is left; four took 1.5 s each within 2 s.
  EXPECT_NEAR(std::chrono::duration<double>(*status.estimate).count(), 0.5, 0.01);
  const std::string text = status_text(status);
  for (const char* part :
       {"stopped (guard)", "why: memory <95 %>", "4 of 5 tests done: 1 passed, 2 failed, 1 skipped",
        "out-of-memory: used too much", "to go on: go on so", "\\x1b"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  const json document = json::parse(status_json(status));
  EXPECT_EQ(document["resume"], "go on so");
  EXPECT_EQ(document["rerun-failed"], nullptr);
  EXPECT_EQ(document["counts"]["left"], 1);
  EXPECT_EQ(document["failed"].size(), 2U);
}

TEST(Status, AKnownDurationIsBetterThanTheMean) {
  const SuiteReport report = hostile_report();
  const Status status = make_status(report, {{"never started", std::chrono::seconds(30)}}, "", "");
  EXPECT_NEAR(std::chrono::duration<double>(*status.estimate).count(), 10, 0.1);
}

}  // namespace
}  // namespace specguard::session
