#include "session/rerun_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/quantity.h"

namespace specguard::session {
namespace {

using journal::TestState;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

bool can_be_carried(const std::string& name) {
  return !name.empty() && name.front() != '#' && !is_blank(name.front()) &&
         !is_blank(name.back()) && name.find('\n') == std::string::npos;
}

bool is_passed(const TestState& test) {
  return test.finished && base::is_success(test.result.outcome);
}

}  // namespace

RerunLists make_rerun_lists(const journal::Checkpoint& checkpoint,
                            const std::optional<NumberedTests>& numbered) {
  RerunLists lists;
  std::unordered_set<std::string> passed;
  std::vector<std::string> left = checkpoint.not_started;
  for (const TestState& test : checkpoint.tests) {
    if (!is_passed(test)) {
      left.push_back(test.test.name);
      continue;
    }
    passed.insert(test.test.name);
    if (can_be_carried(test.test.name)) lists.done += test.test.name + "\n";
  }
  // ctest takes a list without any name for no list at all, and runs everything.
  if (checkpoint.all_known && !left.empty() &&
      std::all_of(left.begin(), left.end(), can_be_carried)) {
    lists.tests.emplace();
    for (const std::string& name : left) *lists.tests += name + "\n";
  }
  if (!numbered) return lists;
  std::string numbers;
  for (const auto& [number, name] : *numbered)
    if (!passed.contains(name)) numbers += fmt::format(",{}", number);
  // First line only, and it has to end in a newline. Start and end 0: the list alone counts.
  if (!numbers.empty()) lists.index = fmt::format("0,0,1{}\n", numbers);
  return lists;
}

std::optional<NumberedTests> parse_failed_tests(std::string_view text) {
  NumberedTests tests;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto number = base::parse_integer(line.substr(0, colon), 1, INT32_MAX);
    if (!number) return std::nullopt;
    tests.emplace_back(static_cast<int>(*number), line.substr(colon + 1));
  }
  return tests;
}

}  // namespace specguard::session
