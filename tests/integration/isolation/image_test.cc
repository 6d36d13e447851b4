// specguard_container_image() with real engines: built once, current, and stale as soon as a file
// of it differs.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class ImageTest : public ContainerTest {
 protected:
  // A project with an image of this base, whose content is the directory "root".
  void configure(const std::string& base) {
    directory().write("project/CMakeLists.txt",
                      "cmake_minimum_required(VERSION 3.25)\nproject(Image LANGUAGES NONE)\n"
                      "enable_testing()\ninclude(\"" SPECGUARD_SOURCE_DIR
                      "/modules/SpecGuard.cmake\")\n"
                      "specguard_container_image(NAME " +
                          image() + " BASE " + base + " DIRECTORY root ENGINE " + engine().name() +
                          ")\n");
    const RunResult configured =
        cmake({"-G", "Ninja", "-S", directory() / "project", "-B", build_dir()});
    ASSERT_EQ(configured.exit_code, 0) << configured.out << configured.err;
  }
  void TearDown() override {
    if (engine().is_ready()) engine().ask({"rmi", "--force", image()});
    ContainerTest::TearDown();
  }

  std::string image() const {
    std::string image = name();
    std::transform(image.begin(), image.end(), image.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return image;
  }
  std::string build_dir() const { return directory() / "image build"; }
  RunResult cmake(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), SPECGUARD_CMAKE);
    return run(arguments, run_options());
  }
  RunResult check() const {
    return run({SPECGUARD_CTEST, "--test-dir", build_dir(), "--output-on-failure"}, run_options());
  }
  RunResult build_target() const {
    return cmake({"--build", build_dir(), "--target", "container-image-" + image()});
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ImageTest, ::testing::Values("docker", "podman"),
                         [](const auto& row) { return row.param; });

TEST_P(ImageTest, IsBuiltWhenItsFilesChangedAndSaysSo) {
  const fs::path file = directory().write("project/root/data/file", "one\n");
  configure("scratch");

  const RunResult missing = check();
  EXPECT_THAT(missing.out, HasSubstr("is missing"));
  EXPECT_THAT(missing.out, HasSubstr("cmake --build '" + build_dir() +
                                     "' --target container-image-" + image() + "\n"));
  const auto expect_built = [&] {
    const RunResult built = build_target();
    EXPECT_EQ(built.exit_code, 0) << built.out << built.err;
    EXPECT_EQ(check().exit_code, 0);
  };
  const auto expect_stale = [&] {
    const RunResult stale = check();
    EXPECT_EQ(stale.exit_code, 8);
    EXPECT_THAT(stale.out, HasSubstr("is older than its files"));
  };
  expect_built();
  EXPECT_THAT(build_target().out, HasSubstr("is current"));
  const RunResult user =
      engine().ask({"image", "inspect", "--format", "{{.Config.User}}", image()});
  EXPECT_EQ(user.out, "65534:65534\n");

  directory().write("project/root/data/file", "two\n");
  expect_stale();
  // A program that lost its permission was current once.
  expect_built();
  fs::permissions(file, fs::perms::owner_exec, fs::perm_options::add);
  expect_stale();
  // So much of CMake takes for a list, or for a part of one.
  directory().write("project/root/a;b [c \\ \"d\" $e", "odd\n");
  expect_built();
  fs::remove_all(directory() / "project/root");
  EXPECT_THAT(check().out, HasSubstr("is not there any more"));
}

TEST_P(ImageTest, ABaseThatIsNotHereIsNamed) {
  directory().write("project/root/file", "");
  configure("No-Such-Base");  // no name: the engine asks no registry, so it is quick
  const RunResult failed = build_target();
  EXPECT_NE(failed.exit_code, 0);
  std::string words = failed.out + failed.err;
  std::replace(words.begin(), words.end(), '\n', ' ');  // CMake breaks lines where it likes
  EXPECT_THAT(words, ContainsRegex("the +base +image +No-Such-Base +is +not +here"));
}

}  // namespace
}  // namespace specguard::testing
