// What discovery registers is what the real ctest lists, selects and runs: names that try to be
// CMake, shell or options included.
#include <gmock/gmock.h>

#include <unistd.h>
#include <nlohmann/json.hpp>
#include <set>

#include "harness.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kHostileNames = {
    "sp ace",  "q\"uote", "ap'os",   "semi;colon", "$VAR",        "${x}",      "$ENV{HOME}",
    "]==]",    "]=]",     "]]",      "[[b]]",      "back\\slash", "ha#sh",     "at@x@",
    "größe ✓", "-dash",   "--name=", "(par",       "a,b",         "$<1:x>",    "%d",
    "tab\tx",  "&",       "*",       "bad\xff",    "NAME",        "PROPERTIES"};

class DiscoverCTestTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text = "it \"a\":\n") const {
    directory_.write("test/" + name, text);
  }

  void write_settings(const std::string& launcher_path = launcher()) const {
    const nlohmann::json settings = {
        {"version", 1},
        {"build-dir", (directory_ / "build").string()},
        {"exec", {{"results", "exit"}}},
        {"discover",
         {{"directories", {(directory_ / "test").string()}},
          {"labels", {"mine"}},
          {"properties", {{"ENVIRONMENT", "A=1;B=two words"}}},
          {"interpreter", {"/bin/sh", "-c", "echo \"ran <$1> A=$A B=$B\"; pwd", "sh"}},
          {"launcher", launcher_path}}}};
    directory_.write("settings.json", settings.dump());
  }

  RunResult discover(const std::vector<std::string>& more = {}) const {
    fs::create_directories(directory_ / "build");
    std::vector<std::string> command = {launcher(), "discover", "--settings",
                                        (directory_ / "settings.json").string()};
    command.insert(command.end(), more.begin(), more.end());
    return run(command);
  }

  RunResult emit() const { return discover({"--format", "cmake", "--output", script().string()}); }

  fs::path script() const { return directory_ / "build" / "CTestTestfile.cmake"; }

  RunResult ctest(std::vector<std::string> arguments,
                  const std::map<std::string, std::string>& environment = {}) const {
    arguments.insert(arguments.begin(), SPECGUARD_CTEST);
    RunOptions options;
    options.directory = directory_ / "build";
    options.environment = environment;
    return run(arguments, options);
  }

  std::set<std::string> listed(const RunResult& result) const {
    std::set<std::string> names;
    for (std::string_view rest = result.out; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t name = line.find(": ");
      if (line.find("Test ") < name && name != std::string_view::npos && line.find('#') < name)
        names.emplace(line.substr(name + 2));
    }
    return names;
  }

  TempDir directory_;
};

TEST_F(DiscoverCTestTest, HostileNamesAreListedAndRun) {
  std::set<std::string> expected;
  for (const std::string& name : kHostileNames) {
    write(name + "_spec.spl");
    expected.insert(name + "_spec.spl");
  }
  write("new\nline_spec.spl");
  write_settings();
  const RunResult emitted = emit();
  ASSERT_EQ(emitted.exit_code, 0) << emitted.err;
  EXPECT_THAT(emitted.err, HasSubstr("new\\x0aline_spec.spl"));

  EXPECT_EQ(listed(ctest({"-N"})), expected);
  const RunResult ran = ctest({"-V", "-j2"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  for (const std::string& name : kHostileNames)
    EXPECT_THAT(ran.out, HasSubstr("ran <" + (directory_ / "test" / (name + "_spec.spl")).string() +
                                   "> A=1 B=two words"));
  EXPECT_THAT(ran.out, HasSubstr((directory_ / "build").string() + "\n"));  // where they ran
}

TEST_F(DiscoverCTestTest, LabelsSelectWhatTheySay) {
  write("01_unit/a_spec.spl", "# @tag: smoke\nit \"a\":\n");
  write("01_unit/b_spec.spl");
  write("integration/c_spec.spl", "# @tag: smoke\nslow_it \"a\":\n");
  write_settings();
  ASSERT_EQ(emit().exit_code, 0);
  const auto selected = [&](const std::vector<std::string>& filter) {
    std::vector<std::string> arguments = {"-N"};
    arguments.insert(arguments.end(), filter.begin(), filter.end());
    return listed(ctest(arguments));
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(selected({"-L", "^unit$"}), (Names{"01_unit/a_spec.spl", "01_unit/b_spec.spl"}));
  EXPECT_EQ(selected({"-L", "^unit$", "-L", "^smoke$"}), Names{"01_unit/a_spec.spl"});
  EXPECT_EQ(selected({"-LE", "slow"}), (Names{"01_unit/a_spec.spl", "01_unit/b_spec.spl"}));
  EXPECT_EQ(selected({"-L", "mine"}).size(), 3u);
}

TEST_F(DiscoverCTestTest, SkippedSpecsShowAsSkippedWithTheirReason) {
  write("s_spec.spl", "# @skip - no network here\nit \"a\":\n");
  write("p_spec.spl", "# @pending\nit \"a\":\n");
  write_settings();
  ASSERT_EQ(emit().exit_code, 0);
  const RunResult ran = ctest({"-V"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("test-launcher: skipped: no network here"));
  EXPECT_THAT(ran.out, HasSubstr("***Skipped"));
  EXPECT_THAT(ran.out, Not(HasSubstr("ran </")));
  EXPECT_THAT(ctest({"-V"}, {{"SPECGUARD_RUN_SKIPPED", "1"}}).out, HasSubstr("ran </"));
}

TEST_F(DiscoverCTestTest, ExplorersFindTheSource) {
  write("unit/a_spec.spl", "# first\n\ndescribe \"A\":\n    it \"a\":\n");
  write_settings();
  ASSERT_EQ(emit().exit_code, 0);
  const auto json = nlohmann::json::parse(ctest({"--show-only=json-v1"}).out);
  const auto& test = json.at("tests").at(0);
  const auto& node = json.at("backtraceGraph").at("nodes").at(test.at("backtrace").get<int>());
  EXPECT_EQ(node.at("line"), 3);
  EXPECT_EQ(json.at("backtraceGraph").at("files").at(node.at("file").get<int>()),
            (directory_ / "test/unit/a_spec.spl").string());
}

TEST_F(DiscoverCTestTest, TheScriptIsRewrittenOnlyWhenSomethingChanged) {
  write("a_spec.spl");
  write_settings();
  ASSERT_EQ(emit().exit_code, 0);
  fs::last_write_time(script(), fs::file_time_type::clock::now() - std::chrono::hours(5));
  const auto before = fs::last_write_time(script());
  ASSERT_EQ(emit().exit_code, 0);
  EXPECT_EQ(fs::last_write_time(script()), before);
  write("b_spec.spl");
  ASSERT_EQ(emit().exit_code, 0);
  EXPECT_NE(fs::last_write_time(script()), before);
  EXPECT_EQ(listed(ctest({"-N"})).size(), 2u);
  fs::remove(directory_ / "test/a_spec.spl");
  ASSERT_EQ(emit().exit_code, 0);
  EXPECT_EQ(listed(ctest({"-N"})), std::set<std::string>{"b_spec.spl"});
}

// Root reads everything, so this is tried as an ordinary user. What cannot be read is named with
// what follows from it, and the others are there.
TEST_F(DiscoverCTestTest, UnreadableFilesAreNamedAndCostNoOther) {
  write("a_spec.spl");
  write("closed_spec.spl");
  write("closed/b_spec.spl");
  write("listed/c_spec.spl");
  write("z_spec.spl");
  fs::create_symlink("loop_spec.spl", directory_ / "test/loop_spec.spl");
  std::vector<std::string> command = {launcher(), "discover", (directory_ / "test").string()};
  if (::geteuid() == 0) {
    ASSERT_EQ(run({"chown", "-R", "65534:65534", directory_.path().string()}).exit_code, 0);
    command.insert(command.begin(),
                   {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  const auto allow = [&](const char* name, int mode) {
    fs::permissions(directory_ / "test" / name, static_cast<fs::perms>(mode));
  };
  allow("closed_spec.spl", 0);
  allow("closed", 0);
  allow("listed", 0444);
  const RunResult result = run(command);
  allow("closed", 0755);
  allow("listed", 0755);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "a_spec.spl\nclosed_spec.spl\nz_spec.spl\n");
  EXPECT_THAT(result.err, HasSubstr("/closed: cannot be read (Permission denied); what is in it"));
  EXPECT_THAT(result.err,
              HasSubstr("/listed/c_spec.spl: cannot be read (Permission denied); it is"));
  EXPECT_THAT(result.err, HasSubstr("/loop_spec.spl: cannot be read (Too many levels of symbolic"));
  EXPECT_THAT(result.err, HasSubstr("closed_spec.spl: Permission denied; it is registered, but"));
}

TEST_F(DiscoverCTestTest, WrongUseIsAUsageError) {
  write("a_spec.spl", "# @tag: smoke\nit \"a\":\n");
  write_settings();
  const RunResult typo = discover({"--tag", "smoek"});
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean smoke?"));
  EXPECT_EQ(discover({"--tag=smoke"}).out, "a_spec.spl  [smoke]\n");
  EXPECT_EQ(discover({"--tagg", "smoke"}).exit_code, 2);
  const RunResult nowhere = discover({"--platform", "linx"});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("no spec names the platform 'linx'; no spec names any"));
  EXPECT_EQ(discover({"--format", "cmake"}).exit_code, 2);
  EXPECT_EQ(discover({"--format", "xml"}).exit_code, 2);
  EXPECT_EQ(discover({"--only-slow", "--no-slow"}).exit_code, 2);
  EXPECT_EQ(run({launcher(), "discover"}).exit_code, 2);
  EXPECT_EQ(run({launcher(), "discover", "/no/such/directory"}).exit_code, 1);
}

}  // namespace
}  // namespace specguard::testing
