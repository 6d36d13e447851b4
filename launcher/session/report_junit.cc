#include "session/report_junit.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/quantity.h"
#include "journal/record_json.h"
#include "session/report_words.h"
#include "session/xml_text.h"

namespace specguard::session {
namespace {

using Status = base::ExampleResult::Status;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

struct Case {
  std::string name;
  double seconds = 0;
  std::string kind;     // failure, error, skipped; empty: passed
  std::string type;     // of a failure or an error
  std::string message;  // one line
  std::string text;     // the whole
};

struct CaseCounts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;

  void add(const Case& testcase) {
    ++tests;
    failures += testcase.kind == "failure";
    errors += testcase.kind == "error";
    skipped += testcase.kind == "skipped";
  }
  void add(const CaseCounts& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
  std::string attributes() const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", tests, failures,
                       errors, skipped);
  }
};

// The test as a whole.
Case whole_case(const ReportedTest& test) {
  Case whole{.name = test.name, .seconds = seconds(test.duration())};
  whole.message = test.reason;
  switch (test.standing) {
    case Standing::kPassed:
      return whole;
    case Standing::kSkipped:
      whole.kind = "skipped";
      return whole;
    case Standing::kFailed:
      whole.kind =
          test.result.outcome == base::Outcome::kFailed || base::is_success(test.result.outcome)
              ? "failure"
              : "error";
      whole.type = base::outcome_name(test.result.outcome);
      break;
    default:
      whole.kind = "error";
      whole.type = test.quarantined ? "quarantined" : standing_name(test.standing);
  }
  whole.text = failure_text(test);
  return whole;
}

Case example_case(const base::ExampleResult& example) {
  Case testcase{.name = example.name.empty() ? "(unnamed)" : example.name};
  if (example.duration) testcase.seconds = seconds(*example.duration);
  testcase.message = example.message.substr(0, example.message.find('\n'));
  if (example.status == Status::kSkipped) testcase.kind = "skipped";
  if (example.status == Status::kFailed) {
    testcase.kind = "failure";
    testcase.type = "example";
    testcase.text = example.message;
    if (testcase.message.empty()) testcase.message = "failed";
  }
  return testcase;
}

std::vector<Case> cases_of(const ReportedTest& test) {
  std::vector<Case> cases;
  if (!examples_tell(test)) return {whole_case(test)};
  bool fails = false;
  bool skips = false;
  // Viewers know a case by its name, so two of one name get numbers.
  std::unordered_map<std::string, unsigned> seen;
  for (const base::ExampleResult& example : test.result.examples) {
    Case& testcase = cases.emplace_back(example_case(example));
    if (const unsigned count = ++seen[testcase.name]; count > 1)
      testcase.name += fmt::format(" ({})", count);
    fails |= example.status == Status::kFailed;
    skips |= example.status == Status::kSkipped;
  }
  // The examples must not look better than the test.
  const bool told = test.standing == Standing::kPassed ||
                    (test.standing == Standing::kFailed && fails) ||
                    (test.standing == Standing::kSkipped && skips);
  if (!told) cases.push_back(whole_case(test));
  return cases;
}

void write_case(const ReportedTest& test, const Case& testcase, std::string& out) {
  out += fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                     xml_attribute(test.name), xml_attribute(testcase.name), testcase.seconds);
  if (!test.file.empty())
    out += fmt::format(R"( file="{}" line="{}")", xml_attribute(test.file), test.line);
  if (testcase.kind.empty()) {
    out += "/>\n";
    return;
  }
  out += fmt::format(">\n      <{} message=\"{}\"", testcase.kind, xml_attribute(testcase.message));
  if (testcase.kind == "skipped") {
    out += "/>\n    </testcase>\n";
    return;
  }
  out += fmt::format(" type=\"{}\">{}</{}>\n    </testcase>\n", xml_attribute(testcase.type),
                     xml_text(testcase.text), testcase.kind);
}

void write_properties(const ReportedTest& test, std::string& out) {
  std::string lines;
  const auto add = [&](std::string_view name, std::string_view value) {
    lines +=
        fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_attribute(value));
  };
  for (const std::string& label : test.labels) add("label", label);
  add("standing", standing_name(test.standing));
  if (test.has_result) {
    const base::Usage& usage = test.result.usage;
    add("outcome", base::outcome_name(test.result.outcome));
    if (usage.peak_memory_bytes) add("peak-memory-bytes", fmt::to_string(*usage.peak_memory_bytes));
    if (usage.user_cpu && usage.system_cpu)
      add("cpu-seconds", fmt::format("{:.3f}", seconds(*usage.user_cpu + *usage.system_cpu)));
    if (usage.peak_processes) add("peak-processes", fmt::to_string(*usage.peak_processes));
  }
  if (test.carried_over) add("carried-over", "true");
  out += "    <properties>\n" + lines + "    </properties>\n";
}

CaseCounts write_suite(const ReportedTest& test, std::string& out) {
  const std::vector<Case> cases = cases_of(test);
  CaseCounts counts;
  for (const Case& testcase : cases) counts.add(testcase);
  out += fmt::format("  <testsuite name=\"{}\" {} time=\"{:.3f}\"", xml_attribute(test.name),
                     counts.attributes(), seconds(test.duration()));
  if (test.started)
    out += fmt::format(" timestamp=\"{}\"", journal::format_time(*test.started).substr(0, 19));
  out += ">\n";
  write_properties(test, out);
  for (const Case& testcase : cases) write_case(test, testcase, out);
  if (!test.result.output_tail.empty())
    out += fmt::format("    <system-out>{}</system-out>\n", xml_text(test.result.output_tail));
  out += "  </testsuite>\n";
  return counts;
}

}  // namespace

std::string report_junit(const SuiteReport& report) {
  std::string suites;
  CaseCounts counts;
  std::chrono::nanoseconds time{0};
  for (const ReportedTest& test : report.tests) {
    counts.add(write_suite(test, suites));
    time += test.duration();
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"{}\" {} time=\"{:.3f}\">\n{}</testsuites>\n",
      xml_attribute(report.build_dir.string()), counts.attributes(), seconds(time), suites);
}

}  // namespace specguard::session
