#include "session/report_html_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "session/xml_text.h"

namespace specguard::session {
namespace {

using base::format_duration;
using ExampleStatus = base::ExampleResult::Status;

// Beyond it a browser takes seconds, and bars are thinner than a pixel.
constexpr std::size_t kMaxBars = 4000;
constexpr double kWidth = 1060;  // of the drawing, in its own units
constexpr double kLeft = 52;
constexpr double kRow = 18;

const char* sign_of(Standing standing) {
  switch (standing) {
    case Standing::kPassed:
      return "&#10003;";
    case Standing::kFailed:
      return "&#10007;";
    case Standing::kSkipped:
      return "&#9675;";
    case Standing::kRunning:
      return "&#9654;";
    case Standing::kUnknown:
      return "?";
    case Standing::kNotRun:
    case Standing::kLeft:
      break;
  }
  return "&#9888;";
}

const char* word_of(Standing standing) {
  static constexpr const char* kWords[kStandings] = {"Passed",  "Failed", "Skipped", "Not run",
                                                     "Running", "Left",   "Unknown"};
  return kWords[static_cast<std::size_t>(standing)];
}

std::string examples_of(const ReportedTest& test) {
  if (test.result.examples.empty()) return {};
  std::string items;
  std::size_t failed = 0;
  for (const base::ExampleResult& example : test.result.examples) {
    const Standing standing = example.status == ExampleStatus::kPassed   ? Standing::kPassed
                              : example.status == ExampleStatus::kFailed ? Standing::kFailed
                                                                         : Standing::kSkipped;
    failed += standing == Standing::kFailed;
    items += fmt::format("<div><span class=\"badge {}\">{}</span> {}", standing_name(standing),
                         sign_of(standing), xml_text(example.name));
    if (example.duration)
      items += fmt::format(" <span class=\"soft\">{}</span>", format_duration(*example.duration));
    if (!example.message.empty() && standing == Standing::kSkipped)
      items += fmt::format(" <span class=\"soft\">{}</span>", xml_text(example.message));
    if (!example.message.empty() && standing == Standing::kFailed)
      items += fmt::format("<pre>{}</pre>", xml_text(example.message));
    items += "</div>";
  }
  const std::size_t count = test.result.examples.size();
  return fmt::format("<details><summary class=\"soft\">{} example{}{}</summary>{}</details>", count,
                     count == 1 ? "" : "s", failed ? fmt::format(", {} failed", failed) : "",
                     items);
}

std::string bar_class(const TimelineEntry& entry) {
  if (entry.running) return "running";
  if (entry.outcome == base::Outcome::kSkipped) return "skipped";
  if (entry.outcome == base::Outcome::kPassed) return "passed";
  return entry.outcome == base::Outcome::kAborted ? "not-run" : "failed";
}

// A round number of seconds, so that there are at most ten lines.
double step_for(double seconds) {
  for (double step = 0.001;; step *= 10)
    for (const double factor : {1.0, 2.0, 5.0})
      if (seconds / (step * factor) <= 10) return step * factor;
}

std::string draw(const SuiteReport& report, const std::vector<TimelineEntry>& entries,
                 std::size_t session) {
  base::WallTime first = base::WallTime::max();
  base::WallTime last{};
  std::size_t slots = 0;
  for (const TimelineEntry& entry : entries) {
    if (entry.session != session) continue;
    first = std::min(first, entry.started);
    last = std::max(last, entry.finished);
    slots = std::max(slots, entry.slot + 1);
  }
  if (slots == 0) return {};
  const auto seconds = [&](base::WallTime time) {
    return std::chrono::duration<double>(time - first).count();
  };
  const double span = std::max(seconds(last), 0.001);
  const auto x = [&](double at) { return kLeft + at / span * (kWidth - kLeft - 8); };
  const double height = static_cast<double>(slots) * kRow + 24;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Timeline of session {}: {} in {} "
      "parallel slots\">\n",
      kWidth, height, session + 1, format_duration(last - first), slots);
  for (double at = 0, step = step_for(span); at <= span; at += step)
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/>"
        "<text x=\"{0:.1f}\" y=\"{2}\" text-anchor=\"{3}\">{4}</text>\n",
        x(at), height - 18, height - 5, at > 0.95 * span ? "end" : "middle",
        at == 0 ? "0"
                : format_duration(std::chrono::nanoseconds(static_cast<long long>(at * 1e9))));
  for (std::size_t slot = 0; slot < slots; ++slot)
    svg += fmt::format("<text x=\"0\" y=\"{}\">slot {}</text>\n",
                       static_cast<double>(slot) * kRow + 12, slot + 1);
  for (const TimelineEntry& entry : entries) {
    if (entry.session != session) continue;
    const double left = x(seconds(entry.started));
    svg += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"><title>{}: {}, "
        "{}</title></rect>\n",
        bar_class(entry), left, static_cast<double>(entry.slot) * kRow + 2,
        std::max(x(seconds(entry.finished)) - left - 0.5, 1.0), kRow - 5,
        xml_text(report.tests[entry.test].name),
        entry.running ? "running" : base::outcome_name(entry.outcome),
        format_duration(entry.finished - entry.started));
  }
  return svg + "</svg>\n";
}

}  // namespace

std::string tiles(const Counts& counts) {
  std::string buttons;
  std::string shares;
  for (const Standing standing :
       {Standing::kPassed, Standing::kFailed, Standing::kSkipped, Standing::kNotRun,
        Standing::kLeft, Standing::kRunning, Standing::kUnknown}) {
    const std::size_t count = counts.of(standing);
    const bool always = standing == Standing::kPassed || standing == Standing::kFailed ||
                        standing == Standing::kSkipped;
    if (count == 0 && !always) continue;
    buttons += fmt::format(
        "<button type=\"button\" class=\"tile {0}{1}\" data-standing=\"{0}\" "
        "aria-pressed=\"false\"><strong>{2}</strong><span class=\"badge\">{3} "
        "{4}</span></button>\n",
        standing_name(standing), count == 0 ? " none" : "", count, sign_of(standing),
        word_of(standing));
    if (count != 0)
      shares +=
          fmt::format("<i class=\"{}\" style=\"flex:{}\"></i>", standing_name(standing), count);
  }
  return "<div class=\"tiles\">\n" + buttons + "</div>\n<div class=\"bar\" aria-hidden=\"true\">" +
         shares + "</div>\n";
}

std::string badge(const ReportedTest& test) {
  std::string word = word_of(test.standing);
  if (test.standing == Standing::kFailed && test.result.outcome != base::Outcome::kFailed &&
      !base::is_success(test.result.outcome))
    word = base::outcome_name(test.result.outcome);
  if (test.quarantined) word = "Quarantined";
  return fmt::format("<span class=\"badge {}\">{} {}</span>", standing_name(test.standing),
                     sign_of(test.standing), word);
}

std::string test_row(const ReportedTest& test) {
  std::string labels;
  for (const std::string& label : test.labels)
    labels += fmt::format("<span>{}</span>", xml_text(label));
  std::string name = xml_text(test.name);
  if (!test.reason.empty())
    name += fmt::format("<div class=\"soft\">{}</div>", xml_text(test.reason));
  const auto& memory = test.result.usage.peak_memory_bytes;
  const std::string carried =
      test.carried_over ? "<div class=\"soft\">earlier session</div>" : std::string();
  return fmt::format(
      "<tr data-standing=\"{}\" data-outcome=\"{}\"><td>{}{}</td><td>{}{}</td>"
      "<td class=\"number\" data-key=\"{}\">{}</td><td class=\"number\" data-key=\"{}\">{}</td>"
      "<td class=\"labels\">{}</td></tr>\n",
      standing_name(test.standing),
      test.has_result ? base::outcome_name(test.result.outcome) : std::string_view(), name,
      examples_of(test), badge(test), carried, test.duration().count(),
      test.has_result ? format_duration(test.duration()) : "", memory.value_or(0),
      memory ? base::format_size(*memory) : "", labels);
}

std::string timeline_section(const SuiteReport& report) {
  std::vector<TimelineEntry> entries = report.timeline();
  if (entries.empty()) return {};
  std::string note;
  if (entries.size() > kMaxBars) {
    note = fmt::format("<p class=\"soft\">The longest {} of {} attempts.</p>", kMaxBars,
                       entries.size());
    std::nth_element(entries.begin(), entries.begin() + kMaxBars, entries.end(),
                     [](const TimelineEntry& a, const TimelineEntry& b) {
                       return a.finished - a.started > b.finished - b.started;
                     });
    entries.resize(kMaxBars);
  }
  std::string html = "<section><h2>Timeline</h2><div class=\"card timeline\">\n" + note;
  for (std::size_t i = 0; i < report.history.sessions.size(); ++i) {
    const std::string drawing = draw(report, entries, i);
    if (drawing.empty()) continue;
    if (report.history.sessions.size() > 1)
      html += fmt::format("<p class=\"soft\">Session {}</p>\n", i + 1);
    html += drawing;
  }
  html +=
      "<p class=\"legend soft\"><span class=\"passed\"><i></i>passed</span><span class=\"failed\">"
      "<i></i>failed</span><span class=\"skipped\"><i></i>skipped</span><span class=\"not-run\">"
      "<i></i>ended early</span></p>\n</div></section>\n";
  return html;
}

}  // namespace specguard::session
