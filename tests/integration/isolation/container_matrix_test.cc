// The kill matrix with each test in a container: whatever is killed, no process of the test is left
// after 2 s, and no container after the next sweep. Each event with one habit, drawn at random;
// with SPECGUARD_MATRIX_WHOLE=1 every event with every habit.
#include <cstdlib>
#include <random>

#include "../../fault/kill_matrix/cell.h"
#include "engine_fixture.h"

namespace specguard::testing {
namespace {

class ContainerMatrixTest : public ContainerTest {
 protected:
  // The engine is where this test's environment says; the directory belongs to whom the container
  // runs as.
  Place container() const {
    Place place;
    place.options = {"--isolation",     "container", "--engine",
                     engine().client(), "--image",   "specguard-test"};
    place.environment = run_options().environment;
    place.user = 1234;
    return place;
  }

  void strike(Event event) {
    const ReapTurn turn(ReapTurn::With::kOthers);
    const bool whole = std::getenv("SPECGUARD_MATRIX_WHOLE") != nullptr;
    const std::size_t most = whole ? habits().size() : 1;
    for (std::size_t i = 0; i < most; ++i) {
      Cell cell{.habit = habits()[turn_++ % habits().size()], .event = event};
      cell.place = container();
      cell.name = name();
      SCOPED_TRACE(cell.habit + ", " + event_name(event));
      const CellResult result = run_cell(cell, random_, std::chrono::milliseconds(250));
      EXPECT_TRUE(result.ended);
      EXPECT_TRUE(result.survivors == 0 || needs_sweep(cell)) << result.survivors_are;
      EXPECT_EQ(result.after_sweep, 0) << result.survivors_are;
      run({launcher(), "reap"}, run_options());
      EXPECT_TRUE(wait_until([&] { return containers().empty(); }));
      // A container that podman is just removing by itself makes the sweep leave its directory to
      // the next one.
      EXPECT_TRUE(wait_until([&] {
        return control_directories().empty() ||
               (run({launcher(), "reap"}, run_options()), control_directories().empty());
      }));
    }
  }

 private:
  std::mt19937 random_{std::random_device{}()};
  std::size_t turn_ = random_() % habits().size();
};

INSTANTIATE_TEST_SUITE_P(Engines, ContainerMatrixTest, ::testing::Values(SPECGUARD_TEST_ENGINES),
                         [](const auto& row) { return row.param; });

TEST_P(ContainerMatrixTest, NothingOutlivesAKill) {
  for (const Event event : {Event::kKillFront, Event::kKillKeeper, Event::kKillBoth,
                            Event::kKillCtest, Event::kKillShell, Event::kStopBothKillCtest})
    strike(event);
}

TEST_P(ContainerMatrixTest, NothingOutlivesATimeoutOrASignal) {
  for (const Event event : {Event::kNone, Event::kCtestTimeout, Event::kInterrupt,
                            Event::kInterruptTwice, Event::kHangup, Event::kTerminate})
    strike(event);
}

}  // namespace
}  // namespace specguard::testing
