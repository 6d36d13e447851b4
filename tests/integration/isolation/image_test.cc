// specguard_container_image() with real engines: built once, current, and stale as soon as a file
// of it differs.
#include <gmock/gmock.h>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

class ImageTest : public ContainerTest {};

INSTANTIATE_TEST_SUITE_P(Engines, ImageTest, ::testing::Values("docker", "podman"),
                         [](const auto& row) { return row.param; });

TEST_P(ImageTest, IsBuiltWhenItsFilesChangedAndSaysSo) {
  const std::string image = "image-of-" + engine().name();
  directory().write("project/CMakeLists.txt",
                    "cmake_minimum_required(VERSION 3.25)\nproject(Image LANGUAGES NONE)\n"
                    "enable_testing()\ninclude(\"" SPECGUARD_SOURCE_DIR
                    "/modules/SpecGuard.cmake\")\n"
                    "specguard_container_image(NAME " +
                        image + " BASE scratch DIRECTORY root ENGINE " + engine().name() + ")\n");
  directory().write("project/root/data/file", "one\n");
  const std::string build_dir = directory() / "image build";
  const auto cmake = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SPECGUARD_CMAKE);
    return run(arguments, run_options());
  };
  const auto check = [&] {
    return run({SPECGUARD_CTEST, "--test-dir", build_dir, "--output-on-failure"}, run_options());
  };
  const auto build_target = [&] {
    return cmake({"--build", build_dir, "--target", "container-image-" + image});
  };
  ASSERT_EQ(cmake({"-G", "Ninja", "-S", directory() / "project", "-B", build_dir}).exit_code, 0);

  EXPECT_THAT(check().out, HasSubstr("is missing"));
  const RunResult built = build_target();
  EXPECT_EQ(built.exit_code, 0) << built.out << built.err;
  EXPECT_EQ(check().exit_code, 0);
  EXPECT_THAT(build_target().out, HasSubstr("is current"));
  const RunResult user = engine().ask({"image", "inspect", "--format", "{{.Config.User}}", image});
  EXPECT_EQ(user.out, "65534:65534\n");

  directory().write("project/root/data/file", "two\n");
  const RunResult stale = check();
  EXPECT_EQ(stale.exit_code, 8);
  EXPECT_THAT(stale.out, HasSubstr("is older than its files"));
  engine().ask({"rmi", "--force", image});
}

}  // namespace
}  // namespace specguard::testing
