#include "session/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace specguard::session {
namespace {

using base::Error;
using base::Result;

// A launcher ends its test in time, after --timeout and at most --kill-after; ctest's own clock is
// the second line and must come later, or it would kill the launcher in the middle of that.
constexpr std::chrono::seconds kCtestTimeoutMargin{12};

std::string exactly(std::string_view alternatives) {
  return fmt::format("^{}$", alternatives);
}

void add_levels(const RunOptions& options, std::vector<std::string>& selection) {
  std::vector<std::string_view> levels;
  if (options.unit) levels.emplace_back("unit");
  if (options.integration) levels.emplace_back("integration");
  if (options.system) levels.emplace_back("system");
  if (levels.empty()) return;
  selection.emplace_back("-L");
  // A test has one level, so two of them cannot both match: who names two wants either.
  selection.push_back(exactly(levels.size() == 1 ? std::string(levels.front())
                                                 : fmt::format("({})", fmt::join(levels, "|"))));
}

// "a,b" are two of which either will do.
std::vector<std::string> labels_of_tag(std::string_view tag) {
  std::vector<std::string> labels;
  for (std::size_t start = 0; start <= tag.size();) {
    const std::size_t comma = std::min(tag.find(',', start), tag.size());
    labels.push_back(normalise_tag(tag.substr(start, comma - start)));
    start = comma + 1;
  }
  return labels;
}

Result<void> add_tag(const std::string& tag, std::vector<std::string>& selection) {
  std::vector<std::string> either;
  for (const std::string& label : labels_of_tag(tag)) {
    if (label.empty()) return Error(fmt::format("--tag '{}': an empty tag matches nothing", tag));
    either.push_back(escape_regex(label));
  }
  selection.emplace_back("-L");
  selection.push_back(
      exactly(either.size() == 1 ? either.front() : fmt::format("({})", fmt::join(either, "|"))));
  return {};
}

Result<void> check(const RunOptions& options) {
  const auto contradict = [](std::string_view one, std::string_view other) {
    return Error(fmt::format("{} and {} exclude each other", one, other));
  };
  if (options.only_slow && options.no_slow) return contradict("--only-slow", "--no-slow");
  if (options.only_slow && options.only_skipped) return contradict("--only-slow", "--only-skipped");
  if (options.container_sequential && options.max_workers.value_or(1) > 1)
    return contradict("--container-seq", "--max-workers");
  if (options.container_sequential && options.parallel)
    return contradict("--container-seq", "--parallel");
  return {};
}

void add_filters(const RunOptions& options, Translation& result) {
  const auto select = [&](const char* option, const char* label) {
    result.selection.emplace_back(option);
    result.selection.push_back(exactly(label));
  };
  if (options.only_slow) {
    select("-L", "slow");
    result.environment.emplace_back("SIMPLE_TEST_FILTER", "slow");
  }
  if (options.no_slow) select("-LE", "slow");
  if (options.only_skipped) {
    select("-L", "skip");
    result.environment.emplace_back("SIMPLE_TEST_FILTER", "skipped");
    result.environment.emplace_back("SPECGUARD_RUN_SKIPPED", "1");
  }
  if (options.only_pending) select("-L", "pending");
}

void add_manner(const RunOptions& options, unsigned cpus, Translation& result) {
  auto& arguments = result.arguments;
  if (options.fail_fast) arguments.emplace_back("--stop-on-failure");
  if (options.timeout) {
    const double seconds = std::chrono::duration<double>(*options.timeout).count();
    result.environment.emplace_back("SPECGUARD_TIMEOUT", fmt::format("{:g}", seconds));
    arguments.emplace_back("--timeout");
    arguments.push_back(fmt::format(
        "{}", static_cast<long long>(std::ceil(seconds)) + kCtestTimeoutMargin.count()));
  }
  if (options.container_sequential) {
    arguments.insert(arguments.end(), {"-j", "1"});
    result.environment.emplace_back("SPECGUARD_ISOLATION", "container");
  } else if (options.max_workers || options.parallel) {
    arguments.insert(arguments.end(),
                     {"-j", fmt::format("{}", options.max_workers.value_or(cpus))});
  }
  if (options.seed) {
    arguments.emplace_back("--schedule-random");
    result.environment.emplace_back("SPECGUARD_SEED", fmt::format("{}", *options.seed));
  }
  if (options.list) arguments.emplace_back("-N");
}

}  // namespace

std::string normalise_tag(std::string_view tag) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!tag.empty() && blank(tag.front())) tag.remove_prefix(1);
  while (!tag.empty() && blank(tag.back())) tag.remove_suffix(1);
  std::string label(tag);
  for (char& c : label) {
    if (c == '_') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return label;
}

std::vector<std::string> labels_of_tags(const std::vector<std::string>& tags) {
  std::vector<std::string> labels;
  for (const std::string& tag : tags)
    for (std::string& label : labels_of_tag(tag)) labels.push_back(std::move(label));
  return labels;
}

std::string escape_regex(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("^$.*+?[]()|\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string shell_quote(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_=./,:@%+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Result<Translation> translate(const RunOptions& options, unsigned cpus) {
  SPECGUARD_TRY_VOID(check(options));
  Translation result;
  add_levels(options, result.selection);
  for (const std::string& tag : options.tags) SPECGUARD_TRY_VOID(add_tag(tag, result.selection));
  add_filters(options, result);
  add_manner(options, cpus, result);
  // ctest takes the last of two options that contradict each other, so a person has the last word.
  result.arguments.insert(result.arguments.end(), options.ctest_arguments.begin(),
                          options.ctest_arguments.end());
  return result;
}

std::vector<std::string> resume_words(const RunOptions& options) {
  std::vector<std::string> words;
  const auto add_if = [&](bool given, const char* word) {
    if (given) words.emplace_back(word);
  };
  add_if(options.unit, "--unit");
  add_if(options.integration, "--integration");
  add_if(options.system, "--system");
  for (const std::string& tag : options.tags) words.push_back("--tag=" + tag);
  add_if(options.only_slow, "--only-slow");
  add_if(options.no_slow, "--no-slow");
  add_if(options.only_skipped, "--only-skipped");
  add_if(options.only_pending, "--only-pending");
  add_if(options.fail_fast, "--fail-fast");
  if (options.timeout)
    words.push_back(
        fmt::format("--timeout={:g}", std::chrono::duration<double>(*options.timeout).count()));
  add_if(options.parallel, "--parallel");
  if (options.max_workers) words.push_back(fmt::format("--max-workers={}", *options.max_workers));
  if (options.seed) words.push_back(fmt::format("--seed={}", *options.seed));
  add_if(options.container_sequential, "--container-seq");
  return words;
}

}  // namespace specguard::session
