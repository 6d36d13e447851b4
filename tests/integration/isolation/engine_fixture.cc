#include "engine_fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

std::filesystem::path Engine::programs() const {
  return is_rootless() ? directory_ / "rootless/bin" : directory_ / "bin";
}

std::vector<std::string> Engine::as_its_user(std::vector<std::string> command) const {
  if (!is_rootless()) return command;
  // Podman's containers are in the group of its caller, docker's in that of the daemon.
  const std::string group = client() == "podman" ? "podman" : "none";
  command.insert(command.begin(), {SPECGUARD_ROOTLESS_SCRIPT, directory_, group});
  return command;
}

RunOptions Engine::options() const {
  RunOptions options;
  const char* path = std::getenv("PATH");
  const std::string socket =
      directory_ / (is_rootless() ? "rootless/home/docker.sock" : "docker.sock");
  options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""},
                         {"DASHBOARD_TEST_FROM_CTEST", ""},
                         {"SPECGUARD_ATTEMPT", ""},
                         {"DOCKER_HOST", "unix://" + socket},
                         {"PATH", programs().string() + ":" + (path ? path : "/bin")}};
  options.deadline = std::chrono::seconds(120);
  return options;
}

RunResult Engine::ask(const std::vector<std::string>& arguments) const {
  const auto own = programs() / client();  // execvpe(3) asks the caller's PATH
  std::vector<std::string> command = {std::filesystem::exists(own) ? own.string() : client()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(as_its_user(std::move(command)), options());
}

std::vector<std::string> Engine::containers(const std::string& test_name) const {
  const RunResult listing = ask({"ps", "--all", "--filter", "label=org.specguard.test=" + test_name,
                                 "--format", "{{.Names}}"});
  EXPECT_EQ(listing.exit_code, 0) << listing.err;
  return lines_of(listing.out);
}

ReapTurn::ReapTurn(With with)
    : file_(::open(SPECGUARD_ENGINES "/reap.turn", O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
  const int how = with == With::kNobody ? LOCK_EX : LOCK_SH;
  EXPECT_EQ(::flock(file_, how), 0) << "no turn to reap: " SPECGUARD_ENGINES "/reap.turn";
}

ReapTurn::~ReapTurn() {
  ::close(file_);
}

ContainerTest::ContainerTest() : engine_(GetParam(), SPECGUARD_ENGINES) {}

void ContainerTest::SetUp() {
  if (!engine_.is_ready()) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << engine_.name() << ": " << engine_.reason();
    GTEST_SKIP() << engine_.name() << ": " << engine_.reason();
  }
  fs::create_directories(build());
  fs::create_directories(directory_ / "tmp");
  give_to_ordinary_user(directory_.path());
}

void ContainerTest::TearDown() {
  if (!engine_.is_ready()) return;
  EXPECT_TRUE(wait_until([&] { return containers().empty(); }))
      << "left: " << ::testing::PrintToString(containers());
  EXPECT_TRUE(wait_until([&] { return control_directories().empty(); }))
      << "left: " << ::testing::PrintToString(control_directories());
}

std::vector<std::string> ContainerTest::plain_command(std::vector<std::string> options,
                                                      const std::vector<std::string>& test) const {
  std::vector<std::string> words = {launcher(), "exec", "--isolation", "container"};
  const std::vector<std::pair<std::string, std::string>> defaults = {{"--engine", engine_.client()},
                                                                     {"--image", "specguard-test"},
                                                                     {"--build-dir", build()},
                                                                     {"--name", name()}};
  for (const auto& [option, value] : defaults)
    if (std::find(options.begin(), options.end(), option) == options.end())
      words.insert(words.end(), {option, value});
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), test.begin(), test.end());
  return words;
}

RunOptions ContainerTest::run_options() const {
  RunOptions options = engine_.options();
  options.directory = build();
  options.environment["TMPDIR"] = directory_ / "tmp";
  return options;
}

RunResult ContainerTest::exec(const std::vector<std::string>& options,
                              const std::vector<std::string>& test) const {
  return run(command(options, test), run_options());
}

RunResult ContainerTest::exec_shell(const std::string& script,
                                    std::vector<std::string> options) const {
  return exec(options, {"sh", "-c", script});
}

std::vector<std::string> ContainerTest::control_directories() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(directory_ / "tmp"))
    found.push_back(entry.path().filename());
  return found;
}

void give_to_ordinary_user(const fs::path& path) {
  if (::geteuid() != 0) return;
  EXPECT_EQ(::lchown(path.c_str(), kUser, kUser), 0);
  for (const auto& entry : fs::recursive_directory_iterator(path))
    EXPECT_EQ(::lchown(entry.path().c_str(), kUser, kUser), 0);
}

}  // namespace specguard::testing
