// TAP 12, 13 and 14 (testanything.org), held to as Perl's harness and the TAP 14 text hold to it:
//
// - standard output alone is TAP; standard error is for people;
// - the plan `1..N` stands once, before the first or after the last test point; without it nobody
// can
//   know whether the program got to its end, so a stream without a plan has failed; `1..0` is a
//   skip;
// - test points may be unnumbered and in any order, but each number is there once and in the plan;
// - `# SKIP` counts as skipped where the point is ok; `# TODO` may fail;
// - `Bail out!` fails the whole test, from inside a subtest as well;
// - an indented subtest is summed up by the point that follows it, and a YAML block (indented, from
//   `---` to `...`) is no TAP: whatever they hold cannot change the verdict;
// - any other line is ignored.
#include "supervise/results_tap.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/quantity.h"
#include "supervise/example_list.h"
#include "supervise/output_lines.h"
#include "supervise/tap_line.h"

namespace specguard::supervise {
namespace {

using base::Outcome;
using Status = base::ExampleResult::Status;

// A number above it is an error: what was seen is kept in one bit each.
constexpr std::uint64_t kMaxTestNumber = 1'000'000;

class TapReader final : public ResultsReader {
 public:
  explicit TapReader(const ResultsOptions& options) : options_(options) {}

  void read(OutputStream stream, std::string_view chunk) override {
    if (stream == OutputStream::kStdout)
      lines_.read(chunk, [this](std::string_view line) { read_line(line); });
  }

  ResultsVerdict finish(int exit_code) override {
    lines_.finish([this](std::string_view line) { read_line(line); });
    ResultsVerdict verdict = decide(exit_code);
    verdict.examples = examples_.take();
    return verdict;
  }

 private:
  void read_line(std::string_view line) {
    if (bailed_out_) return;
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const std::string_view text = line.substr(indent);
    if (in_yaml_ && read_yaml(indent, text)) return;

    if (const auto reason = parse_bail_out(text); reason && indent % 4 == 0) {
      bailed_out_ = std::string(reason->substr(0, kMaxMessageBytes));
    } else if (indent > 0) {
      read_indented(indent, text);
    } else if (const auto plan = parse_plan(text)) {
      read_plan(*plan);
    } else if (const auto point = parse_test_point(text)) {
      read_point(*point);
    } else if (text.starts_with('#') && failing_) {
      examples_.add_to_message(text.substr(std::min<std::size_t>(text.size(), 2)));
    }
    after_point_ = parse_test_point(text).has_value();
  }

  // False where the line is no more the block's: it was never closed, but its indentation has
  // ended.
  bool read_yaml(std::size_t indent, std::string_view text) {
    if (indent < yaml_indent_ && !text.empty()) {
      in_yaml_ = false;
      return false;
    }
    if (indent == yaml_indent_ && text == "...") {
      in_yaml_ = false;
    } else if (yaml_indent_ < 4) {  // of a point of ours, not of a subtest's
      constexpr std::string_view kDuration = "duration_ms:";
      if (text.starts_with(kDuration)) {
        text.remove_prefix(std::min(text.find_first_not_of(' ', kDuration.size()), text.size()));
        if (const auto ms = base::parse_number(text, 0, 1e12))
          examples_.set_duration(std::chrono::milliseconds(static_cast<std::int64_t>(*ms)));
      } else if (failing_) {
        examples_.add_to_message(text);
      }
    }
    return true;
  }

  void read_indented(std::size_t indent, std::string_view text) {
    if (!after_point_ || !text.starts_with("---")) return;
    in_yaml_ = true;
    yaml_indent_ = indent;
  }

  void read_plan(const TapPlan& plan) {
    if (plan_) return complain("TAP: there are two plans");
    plan_ = plan.count;
    plan_reason_ = plan.reason.substr(0, kMaxMessageBytes);
    plan_is_trailing_ = points_ > 0;
    failing_ = false;
  }

  void read_point(const TapTestPoint& point) {
    ++points_;
    const std::uint64_t number = point.number.value_or(next_number_);
    next_number_ = number + 1;
    note_number(number);
    if (plan_ && plan_is_trailing_) complain("TAP: test points after the plan that closed them");

    const bool todo = point.directive == TapDirective::kTodo;
    const bool skip = point.directive == TapDirective::kSkip && point.ok;
    failing_ = !point.ok && !todo;
    if (failing_ && examples_.failed() == 0) first_failure_ = point.description.substr(0, 200);
    skips_ += skip;
    // A TODO that fails is expected to: reports show it as skipped.
    const Status status = failing_                      ? Status::kFailed
                          : skip || (todo && !point.ok) ? Status::kSkipped
                                                        : Status::kPassed;
    examples_.add(point.description, status, point.reason);
    if (point.duration) examples_.set_duration(*point.duration);
  }

  void note_number(std::uint64_t number) {
    if (number == 0 || number > kMaxTestNumber)
      return complain(fmt::format("TAP: no test can have the number {}", number));
    if (number > seen_.size()) seen_.resize(number);
    if (seen_[number - 1]) return complain(fmt::format("TAP: test {} is there twice", number));
    seen_[number - 1] = true;
    highest_ = std::max(highest_, number);
  }

  // The first complaint is the one that matters.
  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = std::move(what);
  }

  std::string plan_problem() const {
    if (!complaint_.empty()) return complaint_;
    if (!plan_ && points_ == 0) return "TAP: nothing of it on standard output";
    if (!plan_) return "TAP: there is no plan, so it may have ended early";
    if (highest_ > *plan_)
      return fmt::format("TAP: test {} is outside the plan 1..{}", highest_, *plan_);
    for (std::uint64_t number = 1; number <= *plan_; ++number)
      if (number > seen_.size() || !seen_[number - 1])
        return fmt::format("TAP: {} of {} planned tests ran, test {} is missing", points_, *plan_,
                           number);
    return {};
  }

  ResultsVerdict decide(int exit_code) const {
    const auto failed = [](std::string why) {
      return ResultsVerdict{Outcome::kFailed, std::move(why), {}};
    };
    if (bailed_out_) return failed(fmt::format("Bail out! {}", *bailed_out_));
    if (examples_.failed() > 0)
      return failed(fmt::format("{} of {} tests failed, first: {}", examples_.failed(), points_,
                                first_failure_.empty() ? "(unnamed)" : first_failure_));
    if (is_skip_code(options_, exit_code))
      return {Outcome::kSkipped, fmt::format("exit code {}", exit_code), {}};
    if (exit_code != 0) return failed(fmt::format("exit code {}", exit_code));
    if (auto problem = plan_problem(); !problem.empty()) return failed(std::move(problem));
    if (points_ == 0)
      return {Outcome::kSkipped, plan_reason_.empty() ? "it planned no tests" : plan_reason_, {}};
    if (skips_ == points_) return {Outcome::kSkipped, first_skip_reason(), {}};
    return {Outcome::kPassed, {}, {}};
  }

  std::string first_skip_reason() const {
    for (const base::ExampleResult& example : examples_.kept())
      if (!example.message.empty()) return example.message;
    return fmt::format("all {} tests are skipped", points_);
  }

  const ResultsOptions options_;
  OutputLines lines_;
  ExampleList examples_;

  std::optional<std::uint64_t> plan_;
  std::string plan_reason_;
  bool plan_is_trailing_ = false;

  std::uint64_t points_ = 0;
  std::uint64_t skips_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t highest_ = 0;
  std::vector<bool> seen_;

  std::string complaint_;
  std::string first_failure_;
  std::optional<std::string> bailed_out_;

  bool failing_ = false;      // comments and YAML that follow explain a failure
  bool after_point_ = false;  // only then does "---" open a YAML block
  bool in_yaml_ = false;
  std::size_t yaml_indent_ = 0;
};

}  // namespace

std::unique_ptr<ResultsReader> make_tap_results_reader(const ResultsOptions& options) {
  return std::make_unique<TapReader>(options);
}

}  // namespace specguard::supervise
