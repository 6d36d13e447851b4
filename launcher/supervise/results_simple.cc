// What the interpreter prints:
//
//   ✓ name                        passed
//   ✗ name                        failed; the lines after it say why
//   ○ name (skipped)              also (skipped: reason), (pending), (pending: reason)
//   it name ... ok                compiled specs: ok, FAILED, pending, skipped (reason)
//   3 examples, 1 failure         once a top-level describe; all of them add up
//   SPEC FILE VERDICT: ...        newer interpreters; then it alone decides (spec_verdict.h)
//
// A spec may print such marks itself. So a mark counts only until the next summary, whose number is
// the interpreter's own; marks after the last summary count as they are, since a spec that ended
// itself in mid-file prints no summary for them.
#include "supervise/results_simple.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/quantity.h"
#include "supervise/example_list.h"
#include "supervise/output_lines.h"
#include "supervise/spec_verdict.h"

namespace specguard::supervise {
namespace {

using base::Outcome;
using Status = base::ExampleResult::Status;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return std::min<std::uint64_t>(number, 1u << 30);  // so that sums cannot overflow
}

struct Summary {
  std::uint64_t examples;
  std::uint64_t failures;
};

// "3 examples, 1 failure", and whatever newer interpreters add after a comma.
std::optional<Summary> parse_summary(std::string_view line) {
  const auto examples = take_number(line);
  if (!examples || !take_prefix(line, " example")) return std::nullopt;
  take_prefix(line, "s");
  if (!take_prefix(line, ", ")) return std::nullopt;
  const auto failures = take_number(line);
  if (!failures || !take_prefix(line, " failure")) return std::nullopt;
  take_prefix(line, "s");
  if (!line.empty() && line.front() != ',') return std::nullopt;
  return Summary{*examples, *failures};
}

struct Mark {
  Status status;
  std::string_view name;
  std::string_view reason = {};  // of a skip
  std::optional<std::chrono::milliseconds> duration = {};
};

// "(skipped: no network)" or "(pending)" -> the reason; nullopt where the words are others.
std::optional<std::string_view> parse_skip_words(std::string_view words) {
  if (!take_prefix(words, "skipped") && !take_prefix(words, "pending")) return std::nullopt;
  if (words.empty()) return words;
  if (words.front() != ':' && words.front() != ' ') return std::nullopt;
  words.remove_prefix(1);
  words = trim(words);
  if (words.starts_with('(') && words.ends_with(')')) words = words.substr(1, words.size() - 2);
  return words;
}

// Splits "name (words)" where it ends so; otherwise words is empty.
std::pair<std::string_view, std::string_view> split_parentheses(std::string_view text) {
  const std::size_t open = text.rfind(" (");
  if (open == std::string_view::npos || !text.ends_with(')')) return {text, {}};
  return {text.substr(0, open), text.substr(open + 2, text.size() - open - 3)};
}

std::optional<Mark> parse_interpreted_mark(std::string_view line) {
  static constexpr std::array<std::pair<std::string_view, Status>, 3> kMarks = {{
      {"✓ ", Status::kPassed},
      {"✗ ", Status::kFailed},
      {"○ ", Status::kSkipped},
  }};
  for (const auto& [text, status] : kMarks) {
    if (!take_prefix(line, text)) continue;
    Mark mark{status, trim(line), {}, {}};
    const auto [name, words] = split_parentheses(mark.name);
    if (status == Status::kSkipped) {
      if (const auto reason = parse_skip_words(words)) mark.name = name, mark.reason = *reason;
    } else if (words.ends_with('s')) {  // "(12ms)", "(1.5s)"
      if (const auto duration = base::parse_duration(words))
        mark.name = name, mark.duration = *duration;
    }
    return mark;
  }
  return std::nullopt;
}

// "it NAME ... ok"; a compiled spec prints no marks.
std::optional<Mark> parse_compiled_mark(std::string_view line) {
  if (!take_prefix(line, "it ")) return std::nullopt;
  const std::size_t dots = line.rfind(" ... ");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view name = trim(line.substr(0, dots));
  const std::string_view word = trim(line.substr(dots + 5));
  if (word == "ok") return Mark{Status::kPassed, name, {}, {}};
  if (word == "FAILED") return Mark{Status::kFailed, name, {}, {}};
  if (const auto reason = parse_skip_words(word)) return Mark{Status::kSkipped, name, *reason, {}};
  return std::nullopt;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

class SimpleReader final : public ResultsReader {
 public:
  explicit SimpleReader(const ResultsOptions& options) : options_(options) {}

  void read(OutputStream stream, std::string_view chunk) override {
    lines_of(stream).read(chunk, [this](std::string_view line) { read_line(line); });
  }

  ResultsVerdict finish(int exit_code) override {
    for (OutputLines& lines : lines_)
      lines.finish([this](std::string_view line) { read_line(line); });
    ResultsVerdict verdict = decide(exit_code);
    verdict.examples = examples_.take();
    return verdict;
  }

 private:
  OutputLines& lines_of(OutputStream stream) { return lines_[static_cast<std::size_t>(stream)]; }

  void read_line(std::string_view raw) {
    const std::string_view line = trim(raw);
    if (const auto verdict = parse_spec_verdict(line)) {
      believe(*verdict);
    } else if (const auto summary = parse_summary(line)) {
      counted_ += summary->examples;
      failures_ += summary->failures;
      unsummed_failures_ = 0;
      in_failure_ = false;
    } else if (auto mark = parse_interpreted_mark(line);
               mark || (mark = parse_compiled_mark(line))) {
      examples_.add(mark->name, mark->status, mark->reason);
      if (mark->duration) examples_.set_duration(*mark->duration);
      in_failure_ = mark->status == Status::kFailed;
      unsummed_failures_ += in_failure_;
    } else if (line.empty()) {
      in_failure_ = false;
    } else if (in_failure_) {
      examples_.add_to_message(line);
    }
  }

  // A failing verdict stays, whatever another run of the same file prints after it.
  void believe(const SpecVerdict& verdict) {
    if (!options_.spec_path.empty() && base_name(verdict.path) != base_name(options_.spec_path))
      return;
    if (!judged_ || judged_->outcome != Outcome::kFailed) judged_ = judge(verdict);
    in_failure_ = false;
  }

  ResultsVerdict decide(int exit_code) const {
    if (judged_) return {judged_->outcome, judged_->reason, {}};
    const std::uint64_t failures = failures_ + unsummed_failures_;
    const std::uint64_t executed = std::max(counted_, examples_.total());
    if (failures > 0)
      return {Outcome::kFailed,
              fmt::format("{} of {} examples failed{}", failures, std::max(executed, failures),
                          exit_code == 0 ? ", though its exit code is 0" : ""),
              {}};
    if (is_skip_code(options_, exit_code))
      return {Outcome::kSkipped, first_skip_reason(fmt::format("exit code {}", exit_code)), {}};
    if (exit_code != 0) return {Outcome::kFailed, fmt::format("exit code {}", exit_code), {}};
    const std::uint64_t skipped = examples_.skipped();
    if (skipped > 0 && examples_.passed() == 0 && counted_ <= skipped)
      return {Outcome::kSkipped,
              first_skip_reason(skipped == 1 ? "its only example is skipped"
                                             : fmt::format("all {} examples are skipped", skipped)),
              {}};
    if (executed == 0 && options_.declared_examples > 0)
      return {
          Outcome::kFailed,
          fmt::format("{} examples are declared, none was executed", options_.declared_examples),
          {}};
    if (executed == 0 && options_.conditional_examples > 0)
      return {Outcome::kSkipped, "all its examples are slow, skipped or pending, and none ran", {}};
    return {Outcome::kPassed, {}, {}};
  }

  std::string first_skip_reason(std::string otherwise) const {
    for (const base::ExampleResult& example : examples_.kept())
      if (example.status == Status::kSkipped && !example.message.empty()) return example.message;
    return otherwise;
  }

  const ResultsOptions options_;
  std::array<OutputLines, 2> lines_;
  ExampleList examples_;
  std::uint64_t counted_ = 0;            // by summaries
  std::uint64_t failures_ = 0;           // by summaries
  std::uint64_t unsummed_failures_ = 0;  // marks since the last summary
  bool in_failure_ = false;              // the lines that follow explain a failure
  std::optional<JudgedVerdict> judged_;
};

}  // namespace

std::unique_ptr<ResultsReader> make_simple_results_reader(const ResultsOptions& options) {
  return std::make_unique<SimpleReader>(options);
}

}  // namespace specguard::supervise
