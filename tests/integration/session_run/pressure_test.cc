// The guard against programs that really use up the machine, as far as it is asked for: limits are
// set a little above what is in use.
#include <unistd.h>

#include <algorithm>
#include <regex>

#include "guarded_suite.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SessionPressure : public GuardedSuite {
 protected:
  // As `run` measures it: against the bound that counts here.
  double memory_in_use_percent() const {
    const RunResult probe = launch({"run", "--mem-limit=1", "--sustain=0"});
    std::smatch match;
    if (!std::regex_search(probe.err, match, std::regex("memory use is ([0-9.]+) %"))) {
      ADD_FAILURE() << probe.err;
      return 90;
    }
    return std::stod(match[1]);
  }
  static std::string two_percent_of_memory() {
    const double pages = static_cast<double>(::sysconf(_SC_PHYS_PAGES));
    const double bytes = pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) * 0.02;
    return std::to_string(static_cast<long long>(std::min(bytes, 1e9)));
  }

  // What a person would type next, to the letter.
  RunResult do_as_told(const RunResult& stopped) const {
    const std::string text = "test-launcher: to go on: ";
    const std::size_t at = stopped.err.find(text);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + text.size();
    RunOptions with_path = options();
    with_path.environment["PATH"] =
        std::filesystem::path(launcher()).parent_path().string() + ":" + std::getenv("PATH");
    return run({"sh", "-c", stopped.err.substr(begin, stopped.err.find('\n', begin) - begin)},
               with_path);
  }

  void expect_stopped_and_resumed(const RunResult& stopped) {
    EXPECT_EQ(stopped.exit_code, 42) << stopped.err;
    EXPECT_THAT(checkpoint(), HasSubstr("\"kind\": \"guard\""));
    EXPECT_TRUE(nothing_runs());
    go();
    const RunResult resumed = do_as_told(stopped);
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_THAT(resumed.out, HasSubstr("0 tests failed out of 3"));
    EXPECT_EQ(begun()["done"], 1);
    EXPECT_EQ(begun()["last"], 1);
    EXPECT_EQ(checkpoint(), "");
  }

  static long named_processes(const std::string& text) {
    const std::regex line("\n +[0-9.]+ [%KMG]i?B? +pid [0-9]+");
    return std::distance(std::sregex_iterator(text.begin(), text.end(), line), {});
  }
};

TEST_F(SessionPressure, AMemoryHogIsStoppedAndTheRestResumed) {
  suite({{"probe", "sleep 30"}});
  const double limit = std::min(memory_in_use_percent() + 1.5, 99.0);
  // Each step holds what it has read until the end; not all in one, or it would be over before a
  // look.
  const std::string hog = "test -e '" + (dir_ / "go").string() +
                          "' && exit 0; for i in 1 2 3 4 5 6 7 8; do (head -c " +
                          two_percent_of_memory() +
                          " /dev/zero; sleep 60) | tail -n 1 >/dev/null & sleep 1; done; wait";
  suite({{"done", "exit 0"}, {"hog", hog}, {"last", "exit 0"}});
  std::filesystem::remove_all(state());
  const RunResult stopped = launch({"run", "--mem-limit=" + std::to_string(limit), "--sustain=1"});
  EXPECT_THAT(stopped.err, HasSubstr("memory use is"));
  EXPECT_THAT(stopped.err, HasSubstr("and was over the limit of"));
  EXPECT_THAT(stopped.err, HasSubstr("most memory:"));
  EXPECT_GE(named_processes(stopped.err), 5) << stopped.err;
  // The command that is printed has the limit that was met, which by now others may exceed.
  expect_stopped_and_resumed(stopped);
}

TEST_F(SessionPressure, ACpuBurnerIsStoppedAndTheRestResumed) {
  const std::string burner =
      "test -e '" + (dir_ / "go").string() +
      "' && exit 0; for i in $(seq $(nproc)); do while :; do :; done & done; wait";
  suite({{"done", "exit 0"}, {"burner", burner}, {"last", "exit 0"}});
  const RunResult stopped = launch({"run", "--cpu-limit=60", "--sustain=3"});
  EXPECT_THAT(stopped.err, HasSubstr("CPU use is"));
  EXPECT_THAT(stopped.err, HasSubstr("most CPU since it began:"));
  EXPECT_GE(named_processes(stopped.err), 5) << stopped.err;
  expect_stopped_and_resumed(stopped);
}

// A disk of our own is full and free again when we say so.
TEST_F(SessionPressure, WaitHoldsNewTestsAndGoesOn) {
  if (run({"unshare", "--mount", "sh", "-ec", "mount -t tmpfs none /mnt"}).exit_code != 0)
    GTEST_SKIP() << "no right to mount";
  const std::string fill = "'" + (dir_ / "Testing/fill").string() + "'";
  suite(
      {{"fills", "dd if=/dev/zero of=" + fill + " bs=1M count=48 2>/dev/null; sleep 4; rm " + fill},
       {"next", "exit 0"}});
  const std::string on_a_disk_of_its_own =
      "suite=$(cat \"$2/CTestTestfile.cmake\"); mount -t tmpfs -o size=64m none \"$2\"; "
      "printf '%s\\n' \"$suite\" >\"$2/CTestTestfile.cmake\"; mkdir \"$2/Testing\"; "
      "exec \"$1\" run --build-dir \"$2\" --disk-min=32M --sustain=0 --on-pressure wait";
  const RunResult result =
      run({"unshare", "--mount", "sh", "-ec", on_a_disk_of_its_own, "sh", launcher(), dir_.path()},
          options());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no new test starts for now: free disk space"));
  EXPECT_THAT(result.err, HasSubstr("tests start again"));
  EXPECT_THAT(result.out, HasSubstr("0 tests failed out of 2"));
}

}  // namespace
}  // namespace specguard::testing
