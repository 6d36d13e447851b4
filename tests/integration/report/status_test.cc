// `test-launcher status` at every moment of a session's life.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "suite_project.h"

namespace specguard::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Status : public ::testing::Test {
 protected:
  void SetUp() override {
    project_.guarded("good", "true");
    project_.guarded("bad", "exit 5");
    project_.guarded("waits", "while [ ! -e go ]; do sleep 0.05; done");
    project_.guarded("last", "true");
    project_.write();
  }
  void let_go() const { std::ofstream(project_.path() / "go"); }
  bool it_waits() const { return project_.wait_until_runs("waits"); }

  SuiteProject project_;
};

TEST_F(Status, BeforeTheFirstSession) {
  const RunResult text = project_.run_launcher({"status"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, HasSubstr("no session yet"));
  EXPECT_EQ(project_.status()["state"], "none");
}

TEST_F(Status, WhileABareCtestRunsAndAtItsEnd) {
  Background ctest({SPECGUARD_CTEST}, project_.options());
  ASSERT_TRUE(it_waits());
  const json running = project_.status();
  EXPECT_EQ(running["state"], "running");
  EXPECT_EQ(running["session"]["kind"], "ctest");
  ASSERT_EQ(running["running"].size(), 1U) << running;
  EXPECT_EQ(running["running"][0]["name"], "waits");
  EXPECT_EQ(running["counts"]["total"], 4);
  EXPECT_EQ(running["counts"]["done"], 2);
  EXPECT_EQ(running["counts"]["left"], 1);
  EXPECT_TRUE(running["estimated-seconds-left"].is_number());
  EXPECT_TRUE(running["resume"].is_null());
  let_go();
  EXPECT_EQ(ctest.wait().exit_code, 8);
  const json ended = project_.status();
  EXPECT_EQ(ended["state"], "finished") << ended;
  EXPECT_EQ(ended["counts"]["failed"], 1);
  EXPECT_THAT(ended["rerun-failed"].get<std::string>(), HasSubstr("--rerun-failed"));
  const RunResult text = project_.run_launcher({"status"});
  EXPECT_THAT(text.out, HasSubstr("4 of 4 tests done: 3 passed, 1 failed"));
  EXPECT_THAT(text.out, HasSubstr("failed: exit code 5"));
}

// The command it gives must be the one that goes on.
TEST_F(Status, AfterAKilledCtestItsCommandGoesOn) {
  Background ctest({SPECGUARD_CTEST}, project_.options());
  ASSERT_TRUE(it_waits());
  ctest.signal(SIGKILL);
  ctest.wait();
  ASSERT_TRUE(wait_until([&] { return project_.status()["state"] == "died"; }));
  const json died = project_.status();
  EXPECT_EQ(died["stop"]["message"], "ctest died before its end");
  let_go();
  const RunResult resumed =
      run({"sh", "-c", died["resume"].get<std::string>()}, project_.options());
  EXPECT_EQ(resumed.exit_code, 8) << died["resume"];
  EXPECT_EQ(project_.status()["state"], "finished");
  EXPECT_EQ(project_.status()["counts"]["done"], 4);
}

TEST_F(Status, AfterAStoppedRunItsCommandGoesOn) {
  Background background(project_.launcher_command({"run", "--max-workers=1"}), project_.options());
  ASSERT_TRUE(it_waits());
  EXPECT_EQ(project_.status()["session"]["kind"], "run");
  background.signal(SIGINT);
  EXPECT_EQ(background.wait().exit_code, 130);
  const json stopped = project_.status();
  EXPECT_EQ(stopped["state"], "stopped");
  EXPECT_EQ(stopped["stop"]["kind"], "interrupted");
  EXPECT_EQ(stopped["counts"]["left"], 2);
  // It takes at least as long as it had run, however short the others were.
  EXPECT_EQ(stopped["slowest"][0]["name"], "waits");
  EXPECT_GE(stopped["estimated-seconds-left"].get<double>(),
            stopped["slowest"][0]["seconds"].get<double>());
  const std::string command = stopped["resume"];
  EXPECT_THAT(command, HasSubstr("--max-workers=1"));
  let_go();
  EXPECT_EQ(run({"sh", "-c", command}, project_.options()).exit_code, 8) << command;
  EXPECT_EQ(project_.status()["counts"]["done"], 4);
}

TEST_F(Status, OfWhatCannotBeReadAndOfWhatCanBeInPart) {
  let_go();
  EXPECT_EQ(project_.ctest({}).exit_code, 8);
  const std::filesystem::path journal = project_.newest_journal();
  const std::string text = read_text(journal);
  std::string damaged = text;
  damaged[damaged.find("\"finished\"") + 2] ^= 1;
  std::ofstream(journal, std::ios::binary) << damaged;
  const RunResult part = project_.run_launcher({"status"});
  EXPECT_EQ(part.exit_code, 0);
  EXPECT_THAT(part.out, HasSubstr("1 damaged record"));

  std::ofstream(journal, std::ios::binary) << "not a journal\n";
  const RunResult nothing = project_.run_launcher({"status"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("no record in it is whole"));

  // A record of format 99; its sum is right.
  std::ofstream(journal, std::ios::binary) << R"({"sum":"a101df42","kind":"session","v":99})"
                                              "\n";
  const RunResult future = project_.run_launcher({"status", "--json"});
  EXPECT_EQ(future.exit_code, 1);
  EXPECT_THAT(future.err, HasSubstr("written by a newer test-launcher"));
}

TEST_F(Status, UsageErrors) {
  EXPECT_EQ(project_.run_launcher({"status", "--bogus"}).exit_code, 2);
  EXPECT_EQ(project_.run_launcher({"status", "--help"}).exit_code, 0);
  const TempDir elsewhere;
  EXPECT_EQ(run({launcher(), "status", "--build-dir", elsewhere.path().string()}).exit_code, 1);
}

}  // namespace
}  // namespace specguard::testing
