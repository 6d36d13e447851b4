// docs/examples/shop: its integration level in containers of each engine, and in namespaces, with
// no change to the project.
#include <gmock/gmock.h>

#include "../examples/example_project.h"
#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

bool is_there(const Engine& engine) {
  if (engine.is_ready()) return true;
  EXPECT_EQ(std::getenv("CI"), nullptr) << engine.name() << ": " << engine.reason();
  return false;
}

// The same build for all three: installing and configuring takes longer than the tests.
TEST(ShopIsolationTest, IntegrationRunsInContainersAndInNamespaces) {
  const ExampleProject shop("shop");
  ASSERT_EQ(shop.problem(), "");
  const auto expect_all_passed = [](const RunResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("100% tests passed, 0 tests failed out of 8"));
  };
  expect_all_passed(shop.ctest({"-L", "^integration$", "--output-on-failure"},
                               {{"SPECGUARD_ISOLATION", "integration=namespace"}}));
  give_to_ordinary_user(shop.source());
  give_to_ordinary_user(shop.binary());
  const Engine podman("podman", SPECGUARD_ENGINES);
  if (is_there(podman)) {
    auto environment = podman.options().environment;
    environment["SPECGUARD_ENGINE"] = "podman";
    environment["SPECGUARD_IMAGE"] = "specguard-test";
    RunOptions options = podman.options();
    options.environment = environment;
    expect_all_passed(run({launcher(), "run", "--container-seq", "--integration", "--build-dir",
                           shop.binary(), "--", "--output-on-failure"},
                          options));
    // A unit spec that were run in a container would need the image that is not there.
    environment["SPECGUARD_ISOLATION"] = "unit=process,integration=container";
    environment["SPECGUARD_IMAGE"] = "no-such-image";
    EXPECT_EQ(shop.ctest({"-R", "vat_spec"}, environment).exit_code, 0);
    EXPECT_EQ(shop.ctest({"-R", "/invoice_spec"}, environment).exit_code, 8);
  }
  const Engine docker("docker", SPECGUARD_ENGINES);
  if (is_there(docker)) {
    const RunResult configured = run({SPECGUARD_CMAKE, "-DSHOP_IN_CONTAINERS=ON",
                                      "-DSHOP_BASE_IMAGE=specguard-test", shop.binary()},
                                     docker.options());
    EXPECT_EQ(configured.exit_code, 0) << configured.out << configured.err;
    const RunResult built =
        run({SPECGUARD_CMAKE, "--build", shop.binary(), "--target", "container-image-shop-tests"},
            docker.options());
    EXPECT_EQ(built.exit_code, 0) << built.out << built.err;
    give_to_ordinary_user(shop.binary());
    const auto environment = docker.options().environment;
    expect_all_passed(shop.ctest({"-L", "^integration$", "--output-on-failure"}, environment));
    docker.ask({"rmi", "--force", "shop-tests"});
  }
}

}  // namespace
}  // namespace specguard::testing
