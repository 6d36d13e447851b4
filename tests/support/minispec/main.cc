// minispec: a TEST FIXTURE of SpecGuard, and no interpreter for anybody's project.
//
// It runs the small subset of the spec language that SpecGuard's own examples and tests are written
// in, and prints what the real interpreter prints, so that SpecGuard can be tried and tested where
// the real one is not installed.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "evaluator.h"
#include "modules.h"
#include "parser.h"

namespace minispec {
namespace {

constexpr int kExitUsage = 2;

constexpr const char* kHelp =
    "minispec: a test fixture of SpecGuard. It runs a small subset of the spec language, for\n"
    "SpecGuard's own examples and tests; for real projects use the real interpreter.\n"
    "\n"
    "usage: minispec run [--verdict] FILE\n"
    "\n"
    "  --verdict    end with the line 'SPEC FILE VERDICT: ...', as newer interpreters do\n"
    "\n"
    "environment:\n"
    "  SIMPLE_TEST_MODE=1              accepted, as the real one does; specs can ask with env()\n"
    "  SIMPLE_TEST_FILTER=slow         only the slow_it examples\n"
    "  SIMPLE_TEST_FILTER=skipped      only the skip_it, ignore_it and skip examples, which then "
    "run\n"
    "  MINISPEC_VERDICT=1              as --verdict\n"
    "  MINISPEC_OUTPUT=compiled        print 'it NAME ... ok', as compiled specs do\n"
    "  MINISPEC_EXIT=legacy            exit 0 although examples failed, as older interpreters did\n"
    "  NO_COLOR=1                      no colours\n"
    "\n"
    "exit code: 0 passed; 1 a failed example, an error, or a file that is no spec; that of "
    "exit(n);\n"
    "2 usage\n";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Filter filter_from_environment() {
  const std::string filter = environment("SIMPLE_TEST_FILTER");
  if (filter == "slow") return Filter::kSlow;
  return filter == "skipped" ? Filter::kSkipped : Filter::kAll;
}

void complain(const std::string& path, Position at, const char* kind, const char* message) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s:%d:%d: %s: %s\n", path.c_str(), at.line, at.column, kind, message);
}

int run_file(const std::string& path, bool verdict) {
  const std::optional<std::string> source = read_source(path);
  if (!source) {
    std::fprintf(stderr, "error: cannot read %s, or it is longer than 16 MiB\n", path.c_str());
    return 1;
  }
  Reporter reporter(
      environment("MINISPEC_OUTPUT") == "compiled" ? Form::kCompiled : Form::kInterpreted,
      environment("NO_COLOR").empty() ? Colours::kYes : Colours::kNo);
  const Filter filter = filter_from_environment();
  NodePtr program;
  try {
    program = parse_program(*source);
  } catch (const SyntaxError& error) {
    complain(path, error.at(), "syntax error", error.what());
    return 1;
  }

  int code = 0;
  std::string_view outcome = "OK";
  try {
    Evaluator(reporter, filter, path).run(*program);
  } catch (const RuntimeError& error) {
    complain(path, error.at(), "error", error.what());
    code = 1;
  } catch (const ExitRequest& request) {
    code = request.code;
  } catch (const SkipRequest&) {
    // skip() outside any example: the file ends here, and what ran counts.
  }
  if (code != 0 || reporter.failures() > 0) outcome = "ERROR";
  if (reporter.failures() > 0 && code == 0 && environment("MINISPEC_EXIT") != "legacy") {
    std::fflush(stdout);
    std::fprintf(stderr, "spec failure: %d of %d example(s) failed (exit 1)\n", reporter.failures(),
                 reporter.executed() - reporter.skips());
    code = 1;
  }
  const int declared = declared_examples(*program, filter);
  if (verdict && (declared > 0 || reporter.executed() > 0))
    reporter.verdict(path, outcome, declared);
  std::fflush(stdout);
  // The system frees the program's values faster than their destructors would.
  std::_Exit(code);
}

int usage_error(const char* message) {
  std::fprintf(stderr, "minispec: %s; 'minispec --help' explains\n", message);
  return kExitUsage;
}

int run_command_line(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (command != "run") return usage_error("the one command is 'run'");
  bool verdict = environment("MINISPEC_VERDICT") == "1";
  const char* file = nullptr;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--verdict") {
      verdict = true;
    } else if (file == nullptr && (!argument.starts_with("--") || argument.size() == 2)) {
      file = argv[i];
    } else {
      return usage_error("one FILE, and only --verdict before it");
    }
  }
  if (file == nullptr) return usage_error("FILE is missing");
  return run_file(file, verdict);
}

}  // namespace
}  // namespace minispec

int main(int argc, char** argv) {
  minispec::remember_stack_base();
  return minispec::run_command_line(argc, argv);
}
