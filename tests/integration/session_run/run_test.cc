// `test-launcher run` over the real ctest: what ends a run, what it leaves, and what it says.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <set>

#include "harness.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Never by accident the argument of another process.
std::string odd_seconds() {
  return "3" + std::to_string(::getpid()) + ".25";
}

class SessionRun : public ::testing::Test {
 protected:
  void suite(const std::string& tests) const { dir_.write("CTestTestfile.cmake", tests); }

  std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), launcher());
    words.insert(words.begin() + 2, {"--build-dir", dir_.path().string()});
    return words;
  }

  std::string checkpoint() const { return read_text(dir_ / "Testing/SpecGuard/checkpoint.json"); }

  // Started, ignores SIGTERM, and has a daemon.
  void stubborn_suite() const {
    suite("add_test(stubborn \"sh\" \"-c\" \"trap '' TERM; setsid sleep " + seconds_ + " & sleep " +
          seconds_ + "; sleep " + seconds_ + "\")\n");
  }
  bool stubborn_runs() const {
    return wait_until([&] { return processes_with_argument(seconds_).size() >= 2; });
  }
  void expect_no_survivor() const {
    EXPECT_TRUE(wait_until([&] { return processes_with_argument(seconds_).empty(); }));
  }

  TempDir dir_;
  const std::string seconds_ = odd_seconds();
};

TEST_F(SessionRun, HandsOnWhatCtestSays) {
  suite("add_test(good true)\n");
  EXPECT_EQ(run(command({"run"})).exit_code, 0);
  suite("add_test(good true)\nadd_test(bad false)\n");
  EXPECT_EQ(run(command({"run"})).exit_code, 8);
  EXPECT_THAT(checkpoint(), IsEmpty());
}

TEST_F(SessionRun, ATripOfTheGuardEndsEverythingAndExits42) {
  stubborn_suite();
  const RunResult result = run(command({"run", "--mem-limit=1", "--sustain=0"}));
  EXPECT_EQ(result.exit_code, 42) << result.err;
  EXPECT_THAT(result.err, HasSubstr("over the limit of 1 %"));
  EXPECT_THAT(result.err, HasSubstr("test-launcher resume --build-dir"));
  EXPECT_THAT(checkpoint(), HasSubstr("\"kind\": \"guard\""));
  expect_no_survivor();
}

TEST_F(SessionRun, SignalsEndItWithTheirOwnCodes) {
  stubborn_suite();
  for (const auto& [number, code] : {std::pair(SIGTERM, 143), {SIGHUP, 129}, {SIGINT, 130}}) {
    Background background(command({"run"}));
    ASSERT_TRUE(stubborn_runs());
    background.signal(number);
    EXPECT_EQ(background.wait().exit_code, code);
    EXPECT_THAT(checkpoint(), HasSubstr("\"stop\""));
    expect_no_survivor();
  }
}

TEST_F(SessionRun, AStoppedRunGoesOnToTheEnd) {
  stubborn_suite();
  ASSERT_EQ(run(command({"run", "--mem-limit=1", "--sustain=0"})).exit_code, 42);
  suite("add_test(stubborn true)\n");
  EXPECT_EQ(run(command({"resume"})).exit_code, 0);
  EXPECT_THAT(checkpoint(), IsEmpty());
  EXPECT_EQ(run(command({"resume"})).exit_code, 43);
}

TEST_F(SessionRun, ACheckpointThatCannotBeBelievedExits43) {
  suite("add_test(good true)\n");
  dir_.write("Testing/SpecGuard/checkpoint.json", "{\"version\": 1");
  const RunResult result = run(command({"resume"}));
  EXPECT_EQ(result.exit_code, 43);
  EXPECT_THAT(result.err, HasSubstr("checkpoint.json"));
}

// --list once began a session, and its end removed the checkpoint of the run before.
TEST_F(SessionRun, AListKeepsTheCheckpoint) {
  stubborn_suite();
  ASSERT_EQ(run(command({"run", "--mem-limit=1", "--sustain=0"})).exit_code, 42);
  const RunResult result = run(command({"run", "--list"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("stubborn"));
  EXPECT_THAT(checkpoint(), HasSubstr("\"guard\""));
}

// A run that ends at its first failure has tests left; it once counted as complete.
TEST_F(SessionRun, FailFastLeavesACheckpoint) {
  suite("add_test(bad false)\nadd_test(good true)\n");
  EXPECT_EQ(run(command({"run", "--fail-fast"})).exit_code, 8);
  EXPECT_THAT(checkpoint(), HasSubstr("\"fail-fast\""));
}

TEST_F(SessionRun, ATypoInATagIsAnErrorThatNamesTheNearest) {
  suite("add_test(a true)\nset_tests_properties(a PROPERTIES LABELS \"database\")\n");
  const RunResult result = run(command({"run", "--tag=databse"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no test has the tag 'databse'; nearest: database"));
  EXPECT_EQ(run(command({"run", "--tag=databse", "--allow-empty"})).exit_code, 0);
  EXPECT_EQ(run(command({"run", "--tag", "database"})).exit_code, 0);
}

TEST_F(SessionRun, ATypoBesideATagThatMatchesIsAnErrorToo) {
  suite(
      "add_test(a true)\nset_tests_properties(a PROPERTIES LABELS \"database;smoke\")\n"
      "add_test(b true)\nset_tests_properties(b PROPERTIES LABELS \"slow-io\")\n");
  const RunResult result = run(command({"run", "--tag=smoke,databse"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no test has the tag 'databse'; nearest: database"));
  EXPECT_EQ(run(command({"run", "--tag=smoke,slow_io"})).exit_code, 0);
  // Tags that exist and meet in no test: nothing is misspelt, and still nothing is selected.
  const RunResult apart = run(command({"run", "--tag=smoke", "--tag=slow-io"}));
  EXPECT_EQ(apart.exit_code, 1);
  EXPECT_THAT(apart.err, Not(HasSubstr("no test has the tag")));
}

// Each word alone and in combination, against what ctest lists for the labels that it stands for.
TEST_F(SessionRun, WordsSelectWhatTheirLabelsSelect) {
  std::string tests;
  const std::vector<std::pair<std::string, std::string>> labels = {
      {"unit_smoke", "unit;smoke"},         {"unit_slow", "unit;smoke;slow"},
      {"database", "integration;database"}, {"database_slow", "integration;database;slow"},
      {"not_now", "system;skip"},           {"not_yet", "system;pending"},
      {"not_now_smoke", "unit;smoke;skip"}, {"plain", "other"}};
  for (const auto& [name, value] : labels)
    tests += "add_test(" + name + " true)\nset_tests_properties(" + name + " PROPERTIES LABELS \"" +
             value + "\")\n";
  suite(tests);
  const auto names = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"run", "--list"});
    const RunResult result = run(command(words));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::set<std::string> found;
    for (const auto& [name, value] : labels)
      if (result.out.find(": " + name + "\n") != std::string::npos) found.insert(name);
    return found;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(names({}).size(), labels.size());
  EXPECT_EQ(names({"--unit"}), (Names{"unit_smoke", "unit_slow", "not_now_smoke"}));
  EXPECT_EQ(names({"--unit", "--tag=smoke", "--no-slow"}), (Names{"unit_smoke", "not_now_smoke"}));
  EXPECT_EQ(names({"--unit", "--tag", "smoke", "--only-slow"}), (Names{"unit_slow"}));
  EXPECT_EQ(names({"--integration", "--tag=Database", "--only-slow"}), (Names{"database_slow"}));
  EXPECT_EQ(names({"--unit", "--system", "--only-skipped"}), (Names{"not_now", "not_now_smoke"}));
  EXPECT_EQ(names({"--only-skipped", "--tag=smoke"}), (Names{"not_now_smoke"}));
  EXPECT_EQ(names({"--only-pending", "--no-slow"}), (Names{"not_yet"}));
  EXPECT_EQ(names({"--tag=smoke,database", "--no-slow", "--integration"}), (Names{"database"}));
  EXPECT_EQ(names({"--tag=smoke", "--", "-E", "slow"}), (Names{"unit_smoke", "not_now_smoke"}));
  EXPECT_EQ(names({"--only-skipped", "--only-pending", "--allow-empty"}), Names{});
  EXPECT_EQ(run(command({"run", "--list", "--only-slow", "--no-slow"})).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "Testing/SpecGuard")) << "--list began a session";
}

TEST_F(SessionRun, AnIllOptionIsAUsageError) {
  suite("add_test(a true)\n");
  for (const char* word :
       {"--bogus", "--mem-limit=lots", "--max-workers=0", "--timeout=0", "--seed=x", "stray"})
    EXPECT_EQ(run(command({"run", word})).exit_code, 2) << word;
  // The original tool was given directories.
  const RunResult path = run(command({"run", "test/"}));
  EXPECT_EQ(path.exit_code, 2);
  EXPECT_THAT(path.err,
              HasSubstr("test/ is not expected: the tests are those of the build directory"));
  EXPECT_THAT(path.err, HasSubstr("-- -R '^unit/'"));
}

}  // namespace
}  // namespace specguard::testing
