#include "session/report_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace specguard::session {

using Status = base::ExampleResult::Status;

bool examples_tell(const ReportedTest& test) {
  const auto& examples = test.result.examples;
  const bool fails = std::any_of(examples.begin(), examples.end(), [](const auto& example) {
    return example.status == Status::kFailed;
  });
  return !examples.empty() && !(fails && test.standing == Standing::kPassed);
}

std::string failure_text(const ReportedTest& test) {
  const base::Evidence& evidence = test.result.evidence;
  std::string text =
      test.has_result
          ? fmt::format("{}: {}\n", base::outcome_name(test.result.outcome), test.reason)
          : fmt::format("{}: {}\n", standing_name(test.standing), test.reason);
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", what, value);
  };
  add("limit", evidence.limit);
  add("peak", evidence.peak);
  add("held by", evidence.mechanism);
  for (const base::ProcessNote& note : evidence.killed)
    text += fmt::format("killed: pid {}: {}\n", note.pid, note.command_line);
  if (!test.result.output_tail.empty())
    text += "\nthe end of its output:\n" + test.result.output_tail + "\n";
  return text;
}

}  // namespace specguard::session
