// State that cannot be written, cannot be read, or has strange times: no verdict changes, and no
// result is believed that is not there.
#include <signal.h>

#include <cstdint>
#include <fstream>

#include "guarded_suite.h"

namespace specguard::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t sum = ~0U;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82F63B78U : 0);
  }
  return ~sum;
}

std::string sealed(const std::string& rest) {
  char sum[9];
  std::snprintf(sum, sizeof sum, "%08x", crc32c(rest));
  return std::string("{\"sum\":\"") + sum + "\"," + rest + "\n";
}

class BareTrouble : public GuardedSuite {
 protected:
  // Mounts a file system of so many bytes over the state directory, for the script and its children
  // only.
  RunResult in_small_file_system(const std::string& bytes, const std::string& script) const {
    fs::create_directories(state());
    return run({"unshare", "--mount", "sh", "-ec",
                "mount -t tmpfs -o " + bytes + " none \"$1\"; cd \"$1\"; " + script, "sh",
                state().string()},
               options());
  }
  static bool can_mount() {
    return run({"unshare", "--mount", "sh", "-ec", "mount -t tmpfs none /mnt"}).exit_code == 0;
  }
  static std::string ctest_words(const std::string& directory) {
    return std::string(SPECGUARD_CTEST) + " --test-dir " + directory;
  }
  fs::path only_journal() const {
    return fs::directory_iterator(state() / "sessions")->path() / "journal.jsonl";
  }
};

TEST_F(BareTrouble, AStateDirectoryThatCannotBeMadeChangesNoVerdict) {
  suite({{"good", "exit 0"}, {"bad", "exit 1"}});
  dir_.write("Testing/SpecGuard", "in the way");
  const RunResult result = ctest({"-V"});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("1 tests failed out of 2"));
  EXPECT_THAT(result.out, HasSubstr("not recorded for resume"));
}

TEST_F(BareTrouble, AReadOnlyStateDirectoryChangesNoVerdict) {
  if (!can_mount()) GTEST_SKIP() << "no right to mount";
  suite({{"good", "exit 0"}, {"bad", "exit 1"}});
  const RunResult result = in_small_file_system("ro", ctest_words("../..") + " -V");
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("1 tests failed out of 2"));
  EXPECT_THAT(result.out, HasSubstr("Read-only file system"));
}

TEST_F(BareTrouble, AFullDiskChangesNoVerdictAndResumeSaysSo) {
  if (!can_mount()) GTEST_SKIP() << "no right to mount";
  const std::string fill = "'" + (state() / "fill").string() + "'";
  const std::string pid = "'" + (dir_ / "ctest.pid").string() + "'";
  Tests tests = {{"fills", "dd if=/dev/zero of=" + fill + " bs=4k 2>/dev/null || true"}};
  // More than the rest of the journal's last page takes.
  for (int i = 0; i < 12; ++i) tests.emplace_back("good" + std::to_string(i), "exit 0");
  tests.insert(tests.end(), {{"bad", "exit 1"},
                             {"frees", "rm " + fill},
                             {"stuck", "kill -9 $(cat " + pid + "); sleep 30"}});
  suite(tests);
  const RunResult result = in_small_file_system(
      "size=256k", "sh -c 'echo $$ >\"$0\"; exec " + ctest_words("\"$1\"") + " -V' " + pid + " '" +
                       dir_.path().string() + "' || true; cp -r . ../kept");
  EXPECT_THAT(result.out, HasSubstr("No space left on device"));
  EXPECT_THAT(result.out, ContainsRegex("good11 \\.+ +Passed"));
  EXPECT_THAT(result.out, ContainsRegex("bad \\.+\\*\\*\\*Failed"));
  ASSERT_TRUE(nothing_runs());
  fs::remove_all(state());
  fs::rename(dir_ / "Testing/kept", state());
  tests.back().second = "exit 0";
  suite(tests);
  const RunResult resumed = launch({"resume"});
  EXPECT_EQ(resumed.exit_code, 8);
  EXPECT_THAT(resumed.out, HasSubstr("1 tests failed out of 16"));
  EXPECT_THAT(resumed.err, HasSubstr("could not be recorded"));
}

TEST_F(BareTrouble, AJournalOfANewerVersionIsRefusedByResumeAndStopsNoOne) {
  suite({{"done", "exit 0"}, {"stuck", waits()}});
  ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
  go();
  const fs::path journal = only_journal();
  std::ofstream(journal, std::ios::app) << sealed("\"kind\":\"future\",\"v\":2}");
  const RunResult refused = launch({"resume"});
  EXPECT_EQ(refused.exit_code, 43);
  EXPECT_THAT(refused.err, HasSubstr("newer test-launcher"));
  EXPECT_THAT(refused.err, HasSubstr(journal.string()));
  const RunResult anew = ctest({}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(anew.exit_code, 0);
  EXPECT_EQ(begun()["done"], 2) << "nothing is replayed that is not understood";
}

// A launcher that began while its ctest died found neither it nor a session, and ran its test for
// nobody.
TEST_F(BareTrouble, NoTestBeginsForACtestThatIsDead) {
  const RunResult result = run({"sh", "-ec",
                                "cd \"$2\"; mkfifo pipe; (: <pipe) & exec 9>pipe; wait; "
                                "CTEST_INTERACTIVE_DEBUG_MODE=1 \"$1\" exec -- touch began >&9",
                                "sh", launcher(), dir_.path()},
                               options());
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("ctest died before the test began"));
  EXPECT_FALSE(fs::exists(dir_ / "began"));
}

TEST_F(BareTrouble, ACheckpointThatCannotBeBelievedRunsEverything) {
  suite({{"one", "exit 0"}, {"bad", "exit 1"}});
  dir_.write("Testing/SpecGuard/checkpoint.json", "{\"version\": 99}");
  const RunResult result = ctest({"-V"}, {{"SPECGUARD_RESUME", "1"}});
  EXPECT_EQ(result.exit_code, 8);
  EXPECT_THAT(result.out, HasSubstr("nothing is resumed"));
  EXPECT_THAT(result.out, HasSubstr("newer test-launcher (format 99"));
  EXPECT_THAT(result.out, Not(HasSubstr("not recorded")));
}

TEST_F(BareTrouble, ADamagedLineLosesThatResultOnlyAndResumeSaysSo) {
  suite({{"first", "exit 0"}, {"second", "exit 0"}, {"stuck", waits()}});
  ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
  go();
  std::string text = read_text(only_journal());
  text.replace(text.find("\"outcome\":\"passed\""), 18, "\"outcome\":\"PASSED\"");
  std::ofstream(only_journal()) << text;
  const RunResult result = launch({"resume"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 damaged record"));
  EXPECT_EQ(begun()["first"], 2);
  EXPECT_EQ(begun()["second"], 1);
}

// Whose session it is stands in the first line alone.
TEST_F(BareTrouble, ADamagedEndOfTheFirstLineLosesNoResult) {
  suite({{"done", "exit 0"}, {"stuck", waits()}});
  ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
  go();
  std::string text = read_text(only_journal());
  text[text.find('\n')] = ' ';
  std::ofstream(only_journal()) << text;
  const RunResult result = launch({"resume"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(begun()["done"], 1);
}

TEST_F(BareTrouble, ClocksMayJump) {
  suite({{"done", "exit 0"}, {"stuck", waits()}, {"never", "exit 0"}});
  for (const char* time : {"2001-01-01", "2045-01-01"}) {
    ASSERT_NO_FATAL_FAILURE(kill_ctest_in("stuck"));
    run({"find", state().string(), "-exec", "touch", "-d", time, "{}", "+"});
    Background background(ctest_command({}), options({{"SPECGUARD_RESUME", "1"}}));
    const int before = begun()["stuck"];
    ASSERT_TRUE(wait_until([&] { return begun()["stuck"] > before; }));
    background.signal(SIGKILL);
    background.wait();
    ASSERT_TRUE(nothing_runs());
    EXPECT_EQ(begun()["done"], time == std::string("2001-01-01") ? 1 : 2);
  }
  go();
  EXPECT_EQ(ctest({}, {{"SPECGUARD_RESUME", "1"}}).exit_code, 0);
  EXPECT_EQ(begun()["done"], 2);
}

}  // namespace
}  // namespace specguard::testing
