#include "sample_records.h"

namespace specguard::journal {

AttemptStarted started(const std::string& test, const std::string& attempt) {
  return {.at = {}, .attempt = attempt, .test = {.name = test, .content = 1, .command = 2}};
}

AttemptFinished finished(const std::string& test, const std::string& attempt, base::Outcome outcome,
                         Origin origin) {
  AttemptFinished record{.at = {}, .attempt = attempt, .test = {test, 1, 2}, .origin = origin};
  record.result.outcome = outcome;
  return record;
}

std::vector<Record> sample_records() {
  SessionStarted session;
  session.session = "s1";
  session.number = 7;
  session.owner = {42, 4711, "boot", 99};
  session.resumes = true;
  TestState carried;
  carried.test = {"carried \"quoted\" {\"sum\":\"", 3, 0xFFFFFFFFFFFFFFFF};
  carried.finished = true;
  carried.result.outcome = base::Outcome::kSkipped;
  carried.attempts = 2;
  AttemptFinished rich = finished("päth/x ✓", "a1", base::Outcome::kTimeout);
  rich.result.signal = 9;
  rich.result.evidence = {"took too long", "5 s", "5.1 s", "timer", {{12, "sleep 9"}}};
  rich.result.usage.wall = std::chrono::milliseconds(5100);
  rich.result.usage.peak_memory_bytes = 1 << 20;
  rich.result.examples = {
      {"adds", base::ExampleResult::Status::kFailed, "no\nsuch", std::chrono::milliseconds(3)}};
  return {session,
          carried,
          started("päth/x ✓", "a1"),
          rich,
          started("not utf-8 \xff\xfe", "a2"),
          finished("not utf-8 \xff\xfe", "a2", base::Outcome::kPassed),
          SessionStopped{{}, {StopKind::kGuard, "memory at 95 %"}},
          SessionFinished{}};
}

}  // namespace specguard::journal
