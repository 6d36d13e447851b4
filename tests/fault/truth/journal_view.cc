#include "journal_view.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "harness.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void apply(const json& record, JournalView& view) {
  const std::string kind = record.value("kind", "");
  if (kind == "session") {
    view.number = record.value("number", 0);
    view.resumes = record.value("resumes", false);
    return;
  }
  if (!record.contains("name")) return;
  ViewedTest& test = view.tests[record["name"].get<std::string>()];
  test.content = record.value("content", "");
  if (kind != "carried") test.began_here = true;
  if (kind == "started") {
    test.in_flight = true;
    test.outcome.clear();
    return;
  }
  const std::string origin = record.value("origin", "");
  test.in_flight = false;
  if (origin == "stopped" && (test.outcome == "passed" || test.outcome == "skipped")) return;
  test.outcome = record.value("outcome", "");
  test.origin = origin;
}

JournalView read(const fs::path& path) {
  JournalView view{.path = path};
  std::ifstream file(path, std::ios::binary);
  std::size_t offset = 0;
  for (std::string line; std::getline(file, line); offset += line.size() + 1) {
    const json record = json::parse(line, nullptr, false);
    if (!record.is_object()) continue;
    apply(record, view);
    const std::string kind = record.value("kind", "");
    if (kind == "session" || kind == "carried") view.beginning_bytes = offset + line.size() + 1;
  }
  return view;
}

std::string unescaped(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>("&lt;", "<"),
                                 {"&gt;", ">"},
                                 {"&quot;", "\""},
                                 {"&apos;", "'"},
                                 {"&amp;", "&"}})
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  return text;
}

}  // namespace

JournalView newest_journal(const fs::path& build_dir) {
  JournalView newest;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(build_dir / "Testing/SpecGuard/sessions", error)) {
    JournalView view = read(entry.path() / "journal.jsonl");
    if (view.number > newest.number) newest = std::move(view);
  }
  return newest;
}

std::map<std::string, JUnitTest> read_junit(const fs::path& file) {
  std::map<std::string, JUnitTest> tests;
  const std::string text = read_text(file);
  const std::regex head("<testcase name=\"([^\"]*)\"[^>]*status=\"([a-z]*)\"");
  for (std::sregex_iterator match(text.begin(), text.end(), head), end; match != end; ++match) {
    const auto begin = static_cast<std::size_t>(match->position());
    const std::string body = text.substr(begin, text.find("</testcase>", begin) - begin);
    tests[unescaped((*match)[1])] = {(*match)[2], body.find("<skipped") != std::string::npos};
  }
  return tests;
}

}  // namespace specguard::testing
