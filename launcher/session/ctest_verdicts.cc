#include "session/ctest_verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/quantity.h"

namespace specguard::session {
namespace {

using base::Error;
using base::Result;

// The value of an attribute in a start tag; ctest quotes with " and escapes it inside.
std::optional<std::string> attribute(std::string_view tag, std::string_view name) {
  const std::string key = fmt::format(" {}=\"", name);
  const std::size_t at = tag.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + key.size();
  const std::size_t end = tag.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return unescape_xml(tag.substr(begin, end - begin));
}

// The text between <element> and </element>; empty where there is none.
std::string_view content_of(std::string_view body, std::string_view element) {
  const std::string open = fmt::format("<{}>", element);
  const std::size_t begin = body.find(open);
  const std::size_t end = body.find(fmt::format("</{}>", element), begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return body.substr(begin + open.size(), end - begin - open.size());
}

std::optional<CtestStatus> status_of(std::string_view word, std::string_view message) {
  if (word == "run") return CtestStatus::kPassed;
  if (word == "fail") return CtestStatus::kFailed;
  if (word == "disabled") return CtestStatus::kDisabled;
  // ctest calls both skipped: the test that says so, and the one that could not be started.
  if (word == "notrun")
    return message.starts_with("SKIP_") ? CtestStatus::kSkipped : CtestStatus::kNotRun;
  return std::nullopt;
}

std::string tail_of(std::string_view text) {
  std::string output = unescape_xml(text);
  if (output.size() > kMaxOutputBytes) output.erase(0, output.size() - kMaxOutputBytes);
  output.erase(output.find_last_not_of(" \t\r\n") + 1);
  return output;
}

int badness(CtestStatus status) {
  switch (status) {
    case CtestStatus::kFailed:
      return 4;
    case CtestStatus::kNotRun:
      return 3;
    case CtestStatus::kPassed:
      return 2;
    case CtestStatus::kSkipped:
      return 1;
    case CtestStatus::kDisabled:
      break;
  }
  return 0;
}

}  // namespace

std::string unescape_xml(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto entity = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& known) {
      return text.starts_with(known.first);
    });
    if (entity != kEntities.end()) {
      plain += entity->second;
      text.remove_prefix(entity->first.size());
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

Result<CtestVerdicts> parse_ctest_junit(std::string_view xml, std::string_view source) {
  constexpr std::string_view kCase = "<testcase ";
  constexpr std::string_view kEnd = "</testcase>";
  if (xml.find("<testsuite ") == std::string_view::npos ||
      xml.find("</testsuite>") == std::string_view::npos)
    return Error(fmt::format("{}: not a whole JUnit file of ctest", source));
  CtestVerdicts verdicts;
  // Text is escaped, so the tags stand for themselves wherever they are.
  for (std::size_t at = xml.find(kCase); at != std::string_view::npos; at = xml.find(kCase, at)) {
    const std::size_t end = std::min(xml.find(kEnd, at), xml.size());
    const std::string_view body = xml.substr(at, end - at);
    const std::string_view tag = body.substr(0, body.find('>'));
    at = end;
    const auto name = attribute(tag, "name");
    const auto word = attribute(tag, "status");
    CtestVerdict verdict;
    const std::size_t skipped = body.find("<skipped ");
    if (skipped != std::string_view::npos)
      verdict.message =
          attribute(body.substr(skipped, body.find('>', skipped) - skipped), "message")
              .value_or("");
    const auto status = word ? status_of(*word, verdict.message) : std::nullopt;
    if (!name || !status)
      return Error(fmt::format("{}: a test case without a name or a known status", source));
    verdict.status = *status;
    if (const auto seconds = base::parse_number(attribute(tag, "time").value_or(""), 0, 1e9))
      verdict.wall = std::chrono::microseconds(static_cast<std::int64_t>(*seconds * 1e6));
    verdict.output = tail_of(content_of(body, "system-out"));
    const auto [it, is_new] = verdicts.try_emplace(*name, verdict);
    if (!is_new && badness(verdict.status) > badness(it->second.status)) it->second = verdict;
  }
  return verdicts;
}

}  // namespace specguard::session
