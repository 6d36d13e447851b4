// Each word of `run` against the ctest options it stands for.
#include "session/run_options.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace specguard::session {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::string words(const RunOptions& options) {
  const auto translation = translate(options, 4);
  if (!translation) return "error: " + translation.error().message();
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const std::string& word : translation->selection) add(word);
  for (const std::string& word : translation->arguments) add(word);
  for (const auto& [name, value] : translation->environment) add(name + "=" + value);
  return text;
}

TEST(RunOptions, TranslatesEachWord) {
  const std::vector<std::pair<RunOptions, std::string>> rows = {
      {{}, ""},
      {{.unit = true}, "-L ^unit$"},
      {{.integration = true}, "-L ^integration$"},
      {{.system = true}, "-L ^system$"},
      {{.unit = true, .system = true}, "-L ^(unit|system)$"},
      {{.tags = {"smoke"}}, "-L ^smoke$"},
      {{.tags = {"a", "b"}}, "-L ^a$ -L ^b$"},
      {{.tags = {"a, b"}}, "-L ^(a|b)$"},
      {{.tags = {" Slow_Net "}}, "-L ^slow-net$"},
      {{.tags = {"c++.net|x"}}, "-L ^c\\+\\+\\.net\\|x$"},
      {{.integration = true, .tags = {"database"}, .only_slow = true},
       "-L ^integration$ -L ^database$ -L ^slow$ SIMPLE_TEST_FILTER=slow"},
      {{.no_slow = true}, "-LE ^slow$"},
      {{.only_skipped = true}, "-L ^skip$ SIMPLE_TEST_FILTER=skipped SPECGUARD_RUN_SKIPPED=1"},
      {{.only_pending = true}, "-L ^pending$"},
      {{.list = true}, "-N"},
      {{.fail_fast = true}, "--stop-on-failure"},
      {{.timeout = 300s}, "--timeout 312 SPECGUARD_TIMEOUT=300"},
      {{.timeout = 1500ms}, "--timeout 14 SPECGUARD_TIMEOUT=1.5"},
      {{.parallel = true}, "-j 4"},
      {{.max_workers = 7}, "-j 7"},
      {{.parallel = true, .max_workers = 2}, "-j 2"},
      {{.seed = 42}, "--schedule-random SPECGUARD_SEED=42"},
      {{.container_sequential = true}, "-j 1 SPECGUARD_ISOLATION=container"},
      {{.unit = true, .ctest_arguments = {"-j", "9", "-R", "^x"}}, "-L ^unit$ -j 9 -R ^x"},
  };
  for (const auto& [options, expected] : rows) EXPECT_EQ(words(options), expected);
}

TEST(RunOptions, RefusesWhatContradictsItself) {
  const std::vector<std::pair<RunOptions, std::string>> rows = {
      {{.only_slow = true, .no_slow = true}, "--only-slow and --no-slow exclude each other"},
      {{.only_slow = true, .only_skipped = true}, "--only-slow and --only-skipped"},
      {{.parallel = true, .container_sequential = true}, "--container-seq and --parallel"},
      {{.max_workers = 2, .container_sequential = true}, "--container-seq and --max-workers"},
      {{.tags = {""}}, "--tag '': an empty tag"},
      {{.tags = {"a,,b"}}, "--tag 'a,,b': an empty tag"},
  };
  for (const auto& [options, expected] : rows) EXPECT_THAT(words(options), HasSubstr(expected));
}

TEST(RunOptions, ResumeRepeatsWhatWasAskedFor) {
  const RunOptions options{.integration = true,
                           .tags = {"data base"},
                           .only_slow = true,
                           .fail_fast = true,
                           .timeout = 90s,
                           .max_workers = 3};
  EXPECT_EQ(fmt::format("{}", fmt::join(resume_words(options), " ")),
            "--integration --tag=data base --only-slow --fail-fast --timeout=90 --max-workers=3");
}

TEST(RunOptions, QuotesForAShell) {
  EXPECT_EQ(shell_quote("--tag=a"), "--tag=a");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("^a b$"), "'^a b$'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace specguard::session
