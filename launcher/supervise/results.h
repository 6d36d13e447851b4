// ResultsReader: reads what a test prints and says whether its own words agree with its exit code.
//
// Owns: the reading of three formats (`--results exit|simple|tap`). Promises: pure (no system call,
// no clock), bounded memory however much is printed, the same verdict for any division into chunks,
// terminal colours and CR LF ignored, both streams heard. Refuses to be fooled: exit 0 with a
// failure counted has failed, and so have examples that were declared but never ran; never turns
// silence into a pass where something was promised. It does not see signals, limits or timeouts:
// whoever watches the process decides those first, and asks here only how a process that exited
// did.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"

namespace specguard::supervise {

enum class ResultsFormat {
  kExit,    // the exit code alone
  kSimple,  // what the interpreter of .spl specs prints
  kTap,     // Test Anything Protocol, versions 12, 13 and 14
};

// "exit", "simple", "tap"; nullopt for any other word.
std::optional<ResultsFormat> parse_results_format(std::string_view name);
std::string_view results_format_name(ResultsFormat format);

enum class OutputStream { kStdout, kStderr };

struct ResultsOptions {
  ResultsFormat format = ResultsFormat::kExit;

  // Examples of the spec that must run: with none of them executed it has failed (simple).
  int declared_examples = 0;

  // Slow, skipped and pending examples: where these are all there is and none ran, it is skipped.
  int conditional_examples = 0;

  // The exit code that means "skipped"; 0 or nullopt: none does.
  std::optional<int> skip_code = {};

  // The spec file. A verdict line that names another file is some other spec's, printed by a spec
  // that tests a test runner, and is not believed. Empty: any verdict line counts.
  std::string spec_path = {};
};

struct ResultsVerdict {
  base::Outcome outcome = base::Outcome::kFailed;  // passed, failed or skipped, nothing else
  std::string reason;  // one sentence for people; empty where it passed; not escaped
  std::vector<base::ExampleResult> examples;  // in order, at most kMaxExamples
};

class ResultsReader {
 public:
  // What is kept for reports. Counting, and so the verdict, goes on beyond it.
  static constexpr std::size_t kMaxExamples = 10'000;
  static constexpr std::size_t kMaxNameBytes = 1024;
  static constexpr std::size_t kMaxMessageBytes = 4096;
  static constexpr std::size_t kMaxTextBytes = 4u << 20;  // all names and messages together

  virtual ~ResultsReader() = default;

  // The next bytes of one stream, divided anyhow.
  virtual void read(OutputStream stream, std::string_view chunk) = 0;
  void read(std::string_view chunk) { read(OutputStream::kStdout, chunk); }

  // No more will come; the process exited so. Called once, last. For a process that did not exit
  // (signal, limit) any non-zero code will do: only the examples of the answer are of use then.
  virtual ResultsVerdict finish(int exit_code) = 0;
};

// Whether this exit code says "skipped".
bool is_skip_code(const ResultsOptions& options, int exit_code);

std::unique_ptr<ResultsReader> make_results_reader(const ResultsOptions& options);

}  // namespace specguard::supervise
