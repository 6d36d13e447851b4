#include "supervise/results.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "supervise/results_simple.h"
#include "supervise/results_tap.h"

namespace specguard::supervise {
namespace {

constexpr std::array<std::pair<ResultsFormat, std::string_view>, 3> kNames = {{
    {ResultsFormat::kExit, "exit"},
    {ResultsFormat::kSimple, "simple"},
    {ResultsFormat::kTap, "tap"},
}};

// The exit code alone; the output may say what it likes.
class ExitCodeReader final : public ResultsReader {
 public:
  explicit ExitCodeReader(const ResultsOptions& options) : options_(options) {}

  void read(OutputStream, std::string_view) override {}

  ResultsVerdict finish(int exit_code) override {
    if (is_skip_code(options_, exit_code))
      return {base::Outcome::kSkipped, fmt::format("exit code {}", exit_code), {}};
    if (exit_code != 0) return {base::Outcome::kFailed, {}, {}};
    return {base::Outcome::kPassed, {}, {}};
  }

 private:
  const ResultsOptions options_;
};

}  // namespace

std::optional<ResultsFormat> parse_results_format(std::string_view name) {
  for (const auto& [format, its_name] : kNames)
    if (its_name == name) return format;
  return std::nullopt;
}

std::string_view results_format_name(ResultsFormat format) {
  return kNames[static_cast<std::size_t>(format)].second;
}

bool is_skip_code(const ResultsOptions& options, int exit_code) {
  return exit_code != 0 && options.skip_code == exit_code;
}

std::unique_ptr<ResultsReader> make_results_reader(const ResultsOptions& options) {
  switch (options.format) {
    case ResultsFormat::kSimple:
      return make_simple_results_reader(options);
    case ResultsFormat::kTap:
      return make_tap_results_reader(options);
    case ResultsFormat::kExit:
      break;
  }
  return std::make_unique<ExitCodeReader>(options);
}

}  // namespace specguard::supervise
