#include "session/ctest_verdicts.h"

#include <gmock/gmock.h>

namespace specguard::session {
namespace {

using ::testing::HasSubstr;

// As ctest 3.25 writes it.
constexpr std::string_view kJunit = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)"
	tests="6"
	timestamp="2026-11-25T22:41:59"
	>
	<testcase name="good" classname="good" time="0.0118807" status="run">
		<system-out></system-out>
	</testcase>
	<testcase name="we&lt;i&gt;rd &quot;n&quot; &amp; ;" classname="x" time="1.5" status="fail">
		<failure message=""/>
		<system-out>&lt;testcase name="fake" status="run"&gt;
</system-out>
	</testcase>
	<testcase name="sk" classname="sk" time="0" status="notrun">
		<skipped message="SKIP_RETURN_CODE=77"/>
		<system-out></system-out>
	</testcase>
	<testcase name="nope" classname="nope" time="0" status="notrun">
		<skipped message="Unable to find executable"/>
		<system-out>Unable to find executable: /nonexistent/x</system-out>
	</testcase>
	<testcase name="dis" classname="dis" time="0" status="disabled">
		<system-out>Disabled</system-out>
	</testcase>
	<testcase name="good" classname="good" time="2" status="fail">
		<failure message=""/>
		<system-out></system-out>
	</testcase>
</testsuite>
)xml";

TEST(CtestVerdicts, ReadsWhatCtestWrites) {
  const auto verdicts = parse_ctest_junit(kJunit, "ctest.xml");
  ASSERT_TRUE(verdicts.ok()) << verdicts.error().message();
  EXPECT_EQ(verdicts->size(), 5U);
  const CtestVerdict& odd = verdicts->at("we<i>rd \"n\" & ;");
  EXPECT_EQ(odd.status, CtestStatus::kFailed);
  EXPECT_EQ(odd.wall, std::chrono::milliseconds(1500));
  EXPECT_EQ(odd.output, "<testcase name=\"fake\" status=\"run\">");
  EXPECT_EQ(verdicts->at("sk").status, CtestStatus::kSkipped);
  EXPECT_EQ(verdicts->at("nope").status, CtestStatus::kNotRun);
  EXPECT_EQ(verdicts->at("dis").status, CtestStatus::kDisabled);
  // Two of one name: the failure is not covered up.
  EXPECT_EQ(verdicts->at("good").status, CtestStatus::kFailed);
}

TEST(CtestVerdicts, RefusesWhatIsNotWhole) {
  EXPECT_FALSE(parse_ctest_junit("", "x").ok());
  for (std::size_t size = 0; size + 14 < kJunit.size(); size += 7)
    EXPECT_FALSE(parse_ctest_junit(kJunit.substr(0, size), "x").ok()) << size;
  const auto odd = parse_ctest_junit(
      "<testsuite n=\"\"><testcase name=\"a\" status=\"?\">"
      "</testcase></testsuite>",
      "x.xml");
  ASSERT_FALSE(odd.ok());
  EXPECT_THAT(odd.error().message(), HasSubstr("x.xml"));
}

}  // namespace
}  // namespace specguard::session
