#include "session/report_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/quantity.h"
#include "journal/record_json.h"
#include "session/report_html_parts.h"
#include "session/report_words.h"
#include "session/status.h"
#include "session/xml_text.h"

namespace specguard::session {
namespace {

using base::format_duration;
using ExampleStatus = base::ExampleResult::Status;

constexpr std::size_t kMaxFailureCards = 200;

// "2026-11-25 22:41:00", in UTC.
std::string clock(base::WallTime time) {
  std::string text = journal::format_time(time).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string headline(const SuiteReport& report, const Counts& counts) {
  if (counts.of(Standing::kFailed) != 0)
    return fmt::format("{} of {} tests failed", counts.of(Standing::kFailed), counts.total());
  const std::size_t missing = counts.left() + counts.of(Standing::kRunning) +
                              counts.of(Standing::kUnknown) + counts.quarantined;
  if (missing != 0)
    return fmt::format("{} of {} tests have no verdict {}", missing, counts.total(),
                       report.history.state == SessionState::kRunning ? "yet" : "");
  return fmt::format("All {} tests passed or were skipped", counts.total());
}

std::string page_header(const SuiteReport& report, const Status& status) {
  const Counts& counts = status.counts;
  const journal::SessionStarted& started = report.history.newest().started;
  std::string html = fmt::format(
      "<header><div>\n<h1>{}</h1>\n<p class=\"path soft\">{}</p>\n"
      "<p class=\"soft\">{} <strong>{}</strong> &middot; started {} UTC &middot; took {}",
      headline(report, counts), xml_text(report.build_dir.string()),
      started.kind == journal::SessionKind::kBare ? "ctest" : "test-launcher run",
      session_state_name(report.history.state), started.session.empty() ? "?" : clock(started.at),
      format_duration(status.elapsed));
  if (report.history.sessions.size() > 1)
    html += fmt::format(", {} in {} sessions", format_duration(status.elapsed_all),
                        report.history.sessions.size());
  if (!started.selection.empty())
    html += fmt::format(" &middot; selected: <code>{}</code>", xml_text(started.selection));
  html += "</p>\n";
  if (report.history.stop)
    html += fmt::format("<p class=\"banner\"><strong>Stopped before its end:</strong> {}</p>\n",
                        xml_text(report.history.stop->message));
  for (const std::string& note : report.notes)
    html += fmt::format("<p class=\"banner\">{}</p>\n", xml_text(note));
  return html + tiles(counts) + "</div></header>\n";
}

std::string failed_examples(const ReportedTest& test) {
  std::string items;
  for (const base::ExampleResult& example : test.result.examples) {
    if (example.status != ExampleStatus::kFailed) continue;
    items +=
        fmt::format("<li><span class=\"badge failed\">&#10007; {}</span>", xml_text(example.name));
    if (!example.message.empty()) items += fmt::format("<pre>{}</pre>", xml_text(example.message));
    items += "</li>\n";
  }
  return items.empty() ? items : "<ul>\n" + items + "</ul>\n";
}

std::string failure_card(const ReportedTest& test) {
  std::string html =
      fmt::format("<article class=\"card\"><div class=\"failure {}\">\n<h3>{}</h3>\n",
                  standing_name(test.standing), xml_text(test.name));
  html += fmt::format("<p>{} &middot; {}</p>\n", badge(test), xml_text(test.reason));
  if (!test.file.empty())
    html += fmt::format("<p class=\"path soft\">{}:{}</p>\n", xml_text(test.file), test.line);
  html += failed_examples(test);
  if (!test.result.output_tail.empty() || !test.result.evidence.killed.empty())
    html += fmt::format("<details><summary>What it printed last</summary><pre>{}</pre></details>\n",
                        xml_text(failure_text(test)));
  return html + "</div></article>\n";
}

std::string failures(const SuiteReport& report) {
  std::string cards;
  std::size_t count = 0;
  for (const ReportedTest& test : report.tests) {
    const bool bad = test.standing == Standing::kFailed || test.standing == Standing::kUnknown ||
                     test.quarantined;
    if (bad && ++count <= kMaxFailureCards) cards += failure_card(test);
  }
  if (count == 0) return {};
  if (count > kMaxFailureCards)
    cards += fmt::format("<p class=\"soft\">The other {} are in the table below.</p>\n",
                         count - kMaxFailureCards);
  return fmt::format("<section><h2>What went wrong ({})</h2>\n{}</section>\n", count, cards);
}

std::string slowest(const SuiteReport& report, const Status& status) {
  if (status.slowest.empty()) return {};
  const double longest =
      static_cast<double>(report.tests[status.slowest.front()].duration().count());
  std::string html = "<section><h2>Slowest</h2><div class=\"card slow\">\n";
  for (const std::size_t i : status.slowest) {
    const ReportedTest& test = report.tests[i];
    html += fmt::format(
        "<span class=\"name\">{}</span><span class=\"time\">{}</span>"
        "<span class=\"track {}\"><i style=\"width:{:.1f}%\"></i></span>\n",
        xml_text(test.name), format_duration(test.duration()), standing_name(test.standing),
        100 * static_cast<double>(test.duration().count()) / longest);
  }
  return html + "</div></section>\n";
}

std::string sessions(const SuiteReport& report) {
  if (report.history.sessions.size() < 2) return {};
  std::string rows;
  for (const SessionRecord& session : report.history.sessions) {
    const bool is_newest = &session == &report.history.newest();
    const std::string end = session.state.stop() ? session.state.stop()->message
                            : is_newest ? std::string(session_state_name(report.history.state))
                                        : "died before its end";
    rows += fmt::format(
        "<tr><td class=\"number\">{}</td><td class=\"path\">{}</td><td>{}</td><td "
        "class=\"number\">{}</td><td>{}</td></tr>\n",
        session.started.number, xml_text(session.id),
        session.started.session.empty() ? "?" : clock(session.started.at), session.attempts.size(),
        xml_text(end));
  }
  return "<section><h2>Sessions</h2><div class=\"card\"><table><thead><tr><th class=\"number\">No."
         "</th><th>Id</th><th>Started (UTC)</th><th class=\"number\">Attempts</th><th>Ended</th>"
         "</tr></thead><tbody>\n" +
         rows + "</tbody></table></div></section>\n";
}

std::string all_tests(const SuiteReport& report) {
  std::set<std::string> outcomes;
  std::string rows;
  for (const ReportedTest& test : report.tests) {
    if (test.has_result) outcomes.insert(std::string(base::outcome_name(test.result.outcome)));
    rows += test_row(test);
  }
  std::string options = "<option value=\"\">every outcome</option>";
  for (const std::string& outcome : outcomes)
    options += fmt::format("<option>{}</option>", outcome);
  return fmt::format(
      "<section id=\"all\"><h2>All tests</h2>\n<div class=\"tools needs-script\" hidden>\n"
      "<input id=\"search\" type=\"search\" placeholder=\"Filter by name, label or reason\" "
      "aria-label=\"Filter by name, label or reason\">\n"
      "<select id=\"outcome\" aria-label=\"Filter by outcome\">{}</select>\n"
      "<span id=\"shown\" class=\"soft\" role=\"status\"></span>\n</div>\n"
      "<div class=\"card\"><table id=\"tests\"><thead><tr>"
      "<th scope=\"col\"><button>Test</button></th><th scope=\"col\"><button>Standing</button></th>"
      "<th scope=\"col\" class=\"number\"><button>Time</button></th>"
      "<th scope=\"col\" class=\"number\"><button>Peak memory</button></th>"
      "<th scope=\"col\">Labels</th></tr></thead><tbody>\n{}</tbody></table></div></section>\n",
      options, rows);
}

}  // namespace

std::string report_html(const SuiteReport& report) {
  const Status status = make_status(report, {}, {}, {});
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<a class=\"skip-link\" href=\"#all\">To the table of tests</a>\n{}<main>\n{}{}{}{}{}"
      "<footer>Made {} UTC by test-launcher report.</footer>\n</main>\n<script>{}</script>\n"
      "</body>\n</html>\n",
      headline(report, status.counts), kPageStyle, page_header(report, status), failures(report),
      timeline_section(report), slowest(report, status), sessions(report), all_tests(report),
      clock(report.now), kPageScript);
}

}  // namespace specguard::session
