// The guard of a bare ctest: one launcher finds out, all end, and what is left can be run again.
#include "guarded_suite.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Every machine uses more than 1 % of its memory, so that nothing has to be exhausted.
const std::map<std::string, std::string> kTripsAtOnce = {{"SPECGUARD_MEM_LIMIT", "1"},
                                                         {"SPECGUARD_SUSTAIN", "0"}};

class BareGuard : public GuardedSuite {
 protected:
  std::string failed_tests() const {
    return read_text(dir_ / "Testing/Temporary/LastTestsFailed.log");
  }
};

TEST_F(BareGuard, ATripEndsWhatRunsAndStartsNothingMore) {
  suite({{"quick", "exit 0"}, {"long", waits()}, {"third", "exit 0"}, {"fourth", "exit 0"}});
  const RunResult result = ctest({"--output-on-failure"}, kTripsAtOnce);
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("over the limit of 1 %"));
  EXPECT_THAT(result.out, HasSubstr("most memory:"));
  EXPECT_THAT(result.out, HasSubstr("3 tests failed out of 4"));
  EXPECT_THAT(failed_tests(), HasSubstr("2:long\n3:third\n4:fourth\n"));
  EXPECT_THAT(failed_tests(), Not(HasSubstr("quick")));
  EXPECT_EQ(begun()["third"], 0);

  go();
  const RunResult rerun = ctest({"--rerun-failed"});
  EXPECT_EQ(rerun.exit_code, 0);
  EXPECT_THAT(rerun.out, HasSubstr("0 tests failed out of 3"));
  EXPECT_EQ(begun()["quick"], 1);
  EXPECT_EQ(launch({"resume"}).exit_code, 43) << "nothing is left";
}

// ctest has numbered them itself.
TEST_F(BareGuard, TheListsForCtestAreThere) {
  suite({{"quick", "exit 0"}, {"long", waits()}, {"third", "exit 0"}});
  EXPECT_EQ(ctest({}, kTripsAtOnce).exit_code, 8);
  EXPECT_EQ(launch({"run", "--", "-R", "quick"}).exit_code, 0);  // whoever comes next settles it
  EXPECT_EQ(read_text(state() / "rerun/done.txt"), "quick\n");
  EXPECT_EQ(read_text(state() / "rerun/tests.txt"), "long\nthird\n");
  go();
  EXPECT_EQ(launch({"resume"}).exit_code, 0);
  EXPECT_EQ(begun()["quick"], 2) << "once more by the run that did not resume";
}

TEST_F(BareGuard, ATripIsSharedByAllThatRun) {
  suite({{"one", waits()}, {"two", waits()}, {"three", waits()}, {"later", "exit 0"}});
  const RunResult result = ctest({"-j", "3"}, kTripsAtOnce);
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("4 tests failed out of 4"));
  EXPECT_EQ(begun()["later"], 0);
  EXPECT_TRUE(nothing_runs());
  go();
  const RunResult resumed = ctest({}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.out;
}

// Samples of several launchers make one stretch: none of these tests runs as long as it has to
// last.
TEST_F(BareGuard, WhatOneLauncherSawTheNextGoesOnFrom) {
  GuardedSuite::Tests tests;
  for (int i = 0; i < 8; ++i) tests.emplace_back("t" + std::to_string(i), "sleep 1.6");
  suite(tests);
  const RunResult result = ctest({"-j", "2", "--output-on-failure"},
                                 {{"SPECGUARD_MEM_LIMIT", "1"}, {"SPECGUARD_SUSTAIN", "2"}});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("over the limit of 1 % for"));
  EXPECT_LT(begun().size(), tests.size());
}

TEST_F(BareGuard, IsOffUnlessTheEnvironmentAsksForIt) {
  suite({{"long", "sleep 1.3"}});
  EXPECT_EQ(ctest({}, {{"SPECGUARD_SUSTAIN", "0"}}).exit_code, 0);
  EXPECT_EQ(ctest({}, {{"SPECGUARD_SELF_PROTECT", "0"},
                       {"SPECGUARD_MEM_LIMIT", "1"},
                       {"SPECGUARD_SUSTAIN", "0"}})
                .exit_code,
            0);
}

// Nothing is read or written for a test that is shorter than a second.
TEST_F(BareGuard, ShortTestsPayNothing) {
  suite({{"one", "exit 0"}, {"two", "exit 0"}});
  EXPECT_EQ(ctest({}, kTripsAtOnce).exit_code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(state() / "sessions"))
    EXPECT_FALSE(std::filesystem::exists(entry.path() / "guard.json"));
}

TEST_F(BareGuard, AnIllValueIsAnErrorThatNamesIt) {
  suite({{"one", "exit 0"}});
  const RunResult result = ctest({"--output-on-failure"}, {{"SPECGUARD_CPU_LIMIT", "lots"}});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("cpu-limit"));
  EXPECT_EQ(begun()["one"], 0);
}

}  // namespace
}  // namespace specguard::testing
