#include "report_samples.h"

#include <fstream>

#include "harness.h"

namespace specguard::session {

using base::ExampleResult;
using base::Outcome;

base::WallTime at_second(double seconds) {
  using namespace std::chrono;
  return base::WallTime(sys_days(year(2026) / 11 / 25)) +
         duration_cast<base::WallTime::duration>(duration<double>(seconds));
}

journal::SessionStarted sample_start(const std::string& id, std::uint64_t number) {
  return {.at = at_second(0),
          .session = id,
          .number = number,
          .kind = journal::SessionKind::kSupervised};
}

journal::AttemptFinished sample_result(const std::string& test, Outcome outcome) {
  journal::AttemptFinished record{
      .at = at_second(2), .attempt = "attempt of " + test, .test = {test, 1, 2}};
  record.result.outcome = outcome;
  record.result.usage.wall = std::chrono::milliseconds(1500);
  if (outcome == Outcome::kFailed) record.result.exit_code = 1;
  return record;
}

SessionRecord sample_session(std::vector<journal::Record> records) {
  const testing::TempDir build;
  const journal::StateDirectory state(build.path());
  std::string text;
  for (const journal::Record& record : records) text += journal::encode_record(record);
  std::filesystem::create_directories(state.session("s"));
  std::ofstream(state.journal("s"), std::ios::binary) << text;
  auto session = read_session(state, "s");
  session->degraded = false;
  return std::move(session).value();
}

SessionHistory sample_history(std::vector<journal::Record> records, SessionState state) {
  SessionHistory history;
  history.sessions.push_back(sample_session(std::move(records)));
  history.state = state;
  return history;
}

ListedTest listed(const std::string& name) {
  return {.name = name, .guarded = true, .file = "/src/" + name, .line = 3};
}

SuiteReport hostile_report() {
  const std::string evil = "e <b>&\"'\x01\x1b[31m]]> \xff\xfe \xc3\xa4/x_spec.spl";
  auto failed = sample_result(evil, Outcome::kFailed);
  failed.result.examples = {
      {"adds ]]>", ExampleResult::Status::kPassed, "", std::chrono::milliseconds(12)},
      {"adds ]]>", ExampleResult::Status::kFailed, "expected 1\nto be <2> \x02 \xff", {}},
      {"later", ExampleResult::Status::kSkipped, "no & network", {}}};
  failed.result.output_tail = "last <line> \x03]]>";
  auto killed = sample_result("killed", Outcome::kOutOfMemory);
  killed.result.evidence = {"used too much", "64M", "70M", "cgroup2", {{7, "sleep <9>"}}};
  auto skipped = sample_result("skipped", Outcome::kSkipped);
  skipped.result.evidence.reason = "not \"today\"";
  SuiteSources sources;
  sources.listing.emplace();
  for (const std::string name : {"good", evil.c_str(), "killed", "skipped", "never started"})
    sources.listing->tests.push_back(listed(name));
  SuiteReport report = make_suite_report(
      sample_history(
          {sample_start("s", 1), sample_result("good", Outcome::kPassed), failed, killed, skipped},
          SessionState::kStopped),
      sources, at_second(60));
  report.history.stop = journal::StopReason{journal::StopKind::kGuard, "memory <95 %>"};
  report.build_dir = "/b & c";
  return report;
}

}  // namespace specguard::session
