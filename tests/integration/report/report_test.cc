// `test-launcher report` over sessions of the real ctest: what it says must be what happened.
#include <gmock/gmock.h>
#include <signal.h>

#include "suite_project.h"

namespace specguard::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

json find(const json& report, const std::string& name) {
  for (const json& test : report["tests"])
    if (test["name"] == name) return test;
  return {};
}

constexpr const char* kTap =
    "echo TAP version 13; echo 1..3; echo 'ok 1 - adds'; echo 'not ok 2 - takes <away>'; "
    "echo '  ---'; echo '  message: expected 1, got 2'; echo '  duration_ms: 12'; echo '  ...'; "
    "echo 'ok 3 - later # SKIP no network'";

class Report : public ::testing::Test {
 protected:
  SuiteProject project_;
};

TEST_F(Report, ExamplesReachEveryFormat) {
  project_.guarded("tap & <suite>", kTap, "--results tap");
  project_.guarded("good", "true");
  project_.write();
  EXPECT_EQ(project_.run_launcher({"run"}).exit_code, 8);
  // Three test points and one test without any.
  EXPECT_EQ(project_.junit(), "4 1 0 1");
  const std::string xml = read_text(project_.path() / "report.xml");
  EXPECT_THAT(xml, HasSubstr("name=\"takes &lt;away&gt;\" time=\"0.012\""));
  EXPECT_THAT(xml, HasSubstr("expected 1, got 2"));
  const json test = find(project_.report(), "tap & <suite>");
  ASSERT_EQ(test["examples"].size(), 3U) << test;
  EXPECT_EQ(test["examples"][1]["status"], "failed");
  EXPECT_EQ(test["examples"][2]["message"], "no network");
  const RunResult html = project_.run_launcher({"report", "--html", "-"});
  EXPECT_EQ(html.exit_code, 0);
  EXPECT_THAT(html.out, HasSubstr("takes &lt;away&gt;"));
}

TEST_F(Report, AFailedTestShowsTheEndOfItsOutput) {
  project_.guarded("bad", "seq 1 9000; echo the cause; exit 3");
  project_.write();
  EXPECT_EQ(project_.ctest({}).exit_code, 8);
  const json test = find(project_.report(), "bad");
  EXPECT_EQ(test["exit-code"], 3);
  const std::string tail = test["output-tail"];
  EXPECT_TRUE(tail.ends_with("9000\nthe cause")) << tail.substr(tail.size() - 60);
  EXPECT_LE(tail.size(), 8192U);
}

// ctest turns verdicts around; what it says under `run` is what counts, with and without a
// launcher.
TEST_F(Report, HasTheLastWordOfCtest) {
  project_.guarded("expected failure", "exit 1");
  project_.properties("expected failure", "WILL_FAIL TRUE");
  project_.guarded("wrong output", "echo no");
  project_.properties("wrong output", "PASS_REGULAR_EXPRESSION yes");
  project_.plain("plain good", "true");
  project_.plain("plain bad", "echo 'oh & no'; exit 1");
  project_.plain("off", "true");
  project_.properties("off", "DISABLED TRUE");
  project_.write();
  EXPECT_EQ(project_.run_launcher({"run"}).exit_code, 8);
  const json report = project_.report();
  EXPECT_EQ(find(report, "expected failure")["standing"], "passed");
  EXPECT_EQ(find(report, "wrong output")["standing"], "failed");
  EXPECT_EQ(find(report, "plain good")["standing"], "passed");
  EXPECT_EQ(find(report, "plain bad")["output-tail"], "oh & no");
  EXPECT_EQ(find(report, "off")["standing"], "skipped");
  EXPECT_EQ(project_.junit(), "5 2 0 1");

  // A bare ctest tells nobody: what only it knows is not called a pass.
  EXPECT_EQ(project_.ctest({}).exit_code, 8);
  const json bare = project_.report();
  EXPECT_EQ(find(bare, "expected failure")["standing"], "passed");
  EXPECT_EQ(find(bare, "wrong output")["standing"], "unknown");
  EXPECT_EQ(find(bare, "plain good")["standing"], "unknown");
  EXPECT_EQ(project_.junit(), "5 0 3 1");
}

TEST_F(Report, ACtestJunitOfTheUsersOwnServesBoth) {
  project_.plain("plain", "true");
  project_.write();
  const std::string own = (project_.path() / "own.xml").string();
  EXPECT_EQ(project_.run_launcher({"run", "--", "--output-junit", own}).exit_code, 0);
  EXPECT_THAT(read_text(own), HasSubstr("plain"));
  EXPECT_EQ(find(project_.report(), "plain")["standing"], "passed");
}

// Stopped twice, edited in between, gone on: the report is of the whole suite as it is now.
TEST_F(Report, CoversASuiteThatWasResumedTwice) {
  const auto suite = [&](const std::string& second, bool with_removed) {
    project_.clear();
    project_.guarded("a passed", "true");
    project_.guarded("b failed", "exit 4");
    if (with_removed) project_.guarded("c removed", "true");
    project_.guarded("d waits", second);
    project_.guarded("e skipped", "exit 77", "--skip-code 77");
    project_.properties("e skipped", "SKIP_RETURN_CODE 77");
    project_.guarded("f tap", kTap, "--results tap");
    project_.write();
  };
  const auto stop_in_the_middle = [&](const char* command) {
    Background background(project_.launcher_command({command}), project_.options());
    EXPECT_TRUE(project_.wait_until_runs("d waits"));
    background.signal(SIGTERM);
    EXPECT_EQ(background.wait().exit_code, 143);
  };
  suite("sleep 300", true);
  stop_in_the_middle("run");
  EXPECT_EQ(project_.junit(), "6 1 3 0");  // d aborted, e and f never started
  suite("sleep 301", false);
  stop_in_the_middle("resume");
  suite("true", false);
  EXPECT_EQ(project_.run_launcher({"resume"}).exit_code, 8);

  const json report = project_.report();
  EXPECT_EQ(report["sessions"].size(), 3U);
  EXPECT_EQ(report["state"], "finished");
  const json& counts = report["counts"];
  EXPECT_EQ(counts["total"], 5);
  EXPECT_EQ(counts["passed"], 2);
  EXPECT_EQ(counts["failed"], 2);
  EXPECT_EQ(counts["skipped"], 1);
  EXPECT_EQ(counts["left"], 0);
  // a, b, d, e, and the three test points of f.
  EXPECT_EQ(project_.junit(), "7 2 0 2");
  // a ran in the first session alone, and its time is that of then.
  EXPECT_EQ(find(report, "a passed")["carried-over"], true);
  const json trace = json::parse(project_.run_launcher({"report", "--trace", "-"}).out);
  int runs_of_a = 0;
  for (const json& event : trace["traceEvents"]) runs_of_a += event["name"] == "a passed";
  EXPECT_EQ(runs_of_a, 1);
}

TEST_F(Report, GithubGetsAnAnnotationForEachFailure) {
  project_.guarded("bad", "echo '100% broken'; exit 1");
  project_.properties("bad", "_BACKTRACE_TRIPLES \"/ws/CMakeLists.txt;7;add_test\"");
  project_.guarded("good", "true");
  project_.write();
  EXPECT_EQ(project_.ctest({}).exit_code, 8);
  RunOptions options = project_.options();
  options.environment["GITHUB_WORKSPACE"] = "/ws";
  const RunResult result = run(project_.launcher_command({"report", "--github", "-"}), options);
  EXPECT_THAT(result.out, ::testing::StartsWith("::error file=CMakeLists.txt,line=7,title=bad::"));
  EXPECT_THAT(result.out, HasSubstr("100%25 broken"));
  EXPECT_THAT(result.out, Not(HasSubstr("good")));
}

TEST_F(Report, SaysWhatItCannotWriteAndWhatItWasNotAsked) {
  project_.guarded("good", "true");
  project_.write();
  const auto report = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all = {"report"};
    all.insert(all.end(), words.begin(), words.end());
    return project_.run_launcher(all);
  };
  EXPECT_EQ(report({"--junit", "-"}).exit_code, 1);  // no session yet
  EXPECT_THAT(report({"--junit", "-"}).err, HasSubstr("no session yet"));
  EXPECT_EQ(project_.ctest({}).exit_code, 0);
  EXPECT_EQ(report({}).exit_code, 2);
  EXPECT_EQ(report({"--junit", "-", "--html", "-"}).exit_code, 2);
  EXPECT_EQ(report({"--junit", ""}).exit_code, 2);
  EXPECT_EQ(report({"--bogus"}).exit_code, 2);
  const RunResult nowhere = report({"--html", "no/such/dir/x.html"});
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("write no/such/dir/x.html: there is no directory"));
  EXPECT_THAT(report({"--html", "."}).err, HasSubstr("is a directory"));
  // It was once possible to replace a device by a file.
  EXPECT_THAT(report({"--html", "/dev/null"}).err, HasSubstr("no regular file"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_EQ(report({"--html", "a.html", "--junit", "a.xml", "--trace", "a.json", "--json", "-"})
                .exit_code,
            0);
  for (const char* name : {"a.html", "a.xml", "a.json"})
    EXPECT_THAT(read_text(project_.path() / name), Not(IsEmpty())) << name;
}

}  // namespace
}  // namespace specguard::testing
