#include "supervise/spec_verdict.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace specguard::supervise {
namespace {

using base::Outcome;

constexpr std::string_view kPrefix = "SPEC FILE VERDICT: ";

// "name=" or "name>=" taken off the word; nullopt where the word is another's.
std::optional<std::uint64_t> read_count(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return std::nullopt;
  word.remove_prefix(name.size());
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return count;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::optional<SpecVerdict> parse_spec_verdict(std::string_view line) {
  if (!line.starts_with(kPrefix)) return std::nullopt;
  line.remove_prefix(kPrefix.size());

  // The path may hold spaces, so it ends where the first known word begins.
  std::size_t words = line.find(" outcome=");
  if (words == std::string_view::npos) words = line.find(" declared>=");
  if (words == std::string_view::npos) return std::nullopt;

  SpecVerdict verdict;
  verdict.path = line.substr(0, words);
  const std::array<std::pair<std::string_view, std::uint64_t*>, 6> counts = {{
      {"declared>=", &verdict.declared},
      {"executed=", &verdict.executed},
      {"passed=", &verdict.passed},
      {"failed=", &verdict.failed},
      {"skipped=", &verdict.skipped},
      {"dropped=", &verdict.dropped},
  }};
  bool has_executed = false;
  bool has_failed = false;
  line.remove_prefix(words);
  while (!line.empty()) {
    line.remove_prefix(1);  // the space
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    if (word.starts_with("outcome=")) verdict.outcome = lower(word.substr(8));
    for (const auto& [name, count] : counts) {
      const auto value = read_count(word, name);
      if (!value) continue;
      *count = *value;
      has_executed |= name == "executed=";
      has_failed |= name == "failed=";
    }
  }
  if (!has_executed || !has_failed) return std::nullopt;
  return verdict;
}

JudgedVerdict judge(const SpecVerdict& verdict) {
  const std::string& word = verdict.outcome;
  const bool says_ok = word.empty() || word == "ok" || word == "pass" || word == "passed";
  const bool says_not_run = word == "not_run" || word == "skip" || word == "skipped";
  if (verdict.failed > 0)
    return {Outcome::kFailed,
            fmt::format("{} of {} examples failed", verdict.failed, verdict.executed)};
  if (verdict.dropped > 0)
    return {Outcome::kFailed,
            fmt::format("{} of {} declared examples never ran", verdict.dropped, verdict.declared)};
  if (!says_ok && !says_not_run)
    return {Outcome::kFailed, fmt::format("the interpreter's verdict is '{}'", word)};
  if (verdict.executed == 0 && verdict.skipped == 0 && verdict.declared > 0)
    return {Outcome::kFailed,
            fmt::format("{} examples are declared, none was executed", verdict.declared)};
  if (verdict.passed == 0 && verdict.skipped > 0)
    return {Outcome::kSkipped, verdict.skipped == 1
                                   ? "its only example is skipped"
                                   : fmt::format("all {} examples are skipped", verdict.skipped)};
  if (says_not_run)
    return {Outcome::kSkipped, fmt::format("the interpreter's verdict is '{}'", word)};
  return {Outcome::kPassed, {}};
}

}  // namespace specguard::supervise
