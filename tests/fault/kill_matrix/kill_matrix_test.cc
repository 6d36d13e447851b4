// The kill matrix: no process of a test outlives it by 2 s, whatever it does and whoever is killed.
//
// One cell is open by nature: with front and keeper both killed in one blow, nobody is left who
// could act, unless there is a PID namespace. There the next sweep (`test-launcher reap`) must
// clear all. ctest's own TIMEOUT kills the launcher's whole tree, front and keeper included, while
// processes fork on: the same. With --isolation namespace both are closed.
//
// The environment changes what is run:
//   SPECGUARD_MATRIX_WHOLE=1        every end with every habit and event, not a sample of them
//   SPECGUARD_MATRIX_ROUNDS=N       random moments in N rounds instead of one
//   SPECGUARD_MATRIX_TABLE=FILE     appends the tables that stand in docs/kill-matrix.md
//   SPECGUARD_MATRIX_SAMPLE=N       of each test, N cells drawn at random
//   SPECGUARD_MATRIX_SEED=N         the seed of all chance, to draw the same again
//   SPECGUARD_MATRIX_LATEST_MS=N    how late a random moment may be, 250 if not set
//   SPECGUARD_MATRIX_WORKERS=N      how many cells at a time
//   SPECGUARD_MATRIX_GROUP=1        each test has limits, and so a control group of its own
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "cell.h"

namespace specguard::testing {
namespace {

constexpr std::size_t kSampleOfEnds = 84;  // an eighth: all of them take a quarter of an hour
constexpr std::size_t kSampleInNamespaces = 30;

// A number from the environment; `otherwise` where it is not set.
unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

unsigned seed() {
  static const unsigned value = number_from("SPECGUARD_MATRIX_SEED", std::random_device{}());
  return value;
}

std::string describe(const Cell& cell) {
  return std::string(end_name(cell.end)) + ", habit: " + cell.habit +
         ", event: " + event_name(cell.event) +
         (cell.moment == Moment::kUnderWay ? "" : " at a random moment") +
         (cell.in_group ? ", in a group" : "") +
         (cell.place.is_pid_namespace() ? ", in namespaces" : "");
}

struct Slow {
  std::chrono::milliseconds alive_for{0};
  std::string cell;
};

struct Found {
  // Alive after 2 s, before the cell's own sweep: by a row's name and event.
  std::map<std::string, std::map<Event, int>> alive;
  std::map<Event, int> kills;
  int left = 0;  // after the sweep
  Slow slowest;  // of those that needed no sweep
};

std::vector<Cell> drawn(std::vector<Cell> cells, std::size_t most) {
  std::mt19937 random(seed());
  std::shuffle(cells.begin(), cells.end(), random);
  const std::size_t sample = number_from("SPECGUARD_MATRIX_SAMPLE", static_cast<unsigned>(most));
  if (sample > 0 && sample < cells.size()) cells.resize(sample);
  for (Cell& cell : cells) cell.in_group = number_from("SPECGUARD_MATRIX_GROUP", 0) != 0;
  return cells;
}

void take(Found& found, const Cell& cell, const CellResult& result, const std::string& row) {
  EXPECT_TRUE(result.ended) << describe(cell) << ": hangs";
  EXPECT_TRUE(result.survivors == 0 || needs_sweep(cell))
      << describe(cell) << ": " << result.survivors_are;
  EXPECT_EQ(result.after_sweep, 0) << describe(cell) << ": not swept: " << result.survivors_are;
  found.alive[row][cell.event] += result.after_two_seconds;
  found.kills[cell.event] += result.kills;
  found.left += result.after_sweep;
  if (!needs_sweep(cell) && result.alive_for > found.slowest.alive_for)
    found.slowest = {result.alive_for, describe(cell)};
}

// At most so many of the cells, 0 for all.
Found run_cells(const std::vector<Cell>& all, std::size_t most,
                const std::function<std::string(const Cell&)>& row_of) {
  // A launcher honours what it inherits: under nohup, or in the background of a script, each cell
  // with such a signal would wait for its timeout.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT}) ::signal(signal, SIG_DFL);
  const std::vector<Cell> cells = drawn(all, most);
  std::cout << cells.size() << " cells, SPECGUARD_MATRIX_SEED=" << seed() << std::endl;
  Found found;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const std::chrono::milliseconds latest(
      std::max(number_from("SPECGUARD_MATRIX_LATEST_MS", 250), 1U));
  std::vector<std::thread> workers;
  const unsigned at_a_time = number_from("SPECGUARD_MATRIX_WORKERS", 3);  // a cell mostly waits
  for (unsigned worker = 0; worker < at_a_time; ++worker)
    workers.emplace_back([&, worker] {
      std::mt19937 random(seed() + worker);
      for (std::size_t i = next++; i < cells.size(); i = next++) {
        const CellResult result = run_cell(cells[i], random, latest);
        const std::lock_guard lock(mutex);
        take(found, cells[i], result, row_of(cells[i]));
      }
    });
  for (std::thread& worker : workers) worker.join();
  std::cout << "slowest: " << found.slowest.alive_for.count() << " ms (" << found.slowest.cell
            << ")" << std::endl;
  return found;
}

std::string habit_of(const Cell& cell) {
  return cell.habit;
}

std::string end_of(const Cell& cell) {
  return end_name(cell.end);
}

void write_table(const Found& found, const char* rows) {
  const char* path = std::getenv("SPECGUARD_MATRIX_TABLE");
  if (path == nullptr) return;
  std::ofstream file(path, std::ios::app);
  file << "| " << rows << " |";
  for (const Event event : events()) file << " " << event_name(event) << " |";
  file << "\n| --- |";
  for (std::size_t i = 0; i < events().size(); ++i) file << " --- |";
  for (const auto& [name, row] : found.alive) {
    file << "\n| " << name << " |";
    for (const Event event : events()) {
      const auto cell = row.find(event);
      file << " " << (cell == row.end() ? std::string("") : std::to_string(cell->second)) << " |";
    }
  }
  file << "\n\n";
}

void print_kills(const Found& found) {
  int all = 0;
  std::string by_event;
  for (const auto& [event, kills] : found.kills) {
    all += kills;
    if (kills > 0)
      by_event += std::string(" ") + event_name(event) + " " + std::to_string(kills) + ";";
  }
  std::cout << "SIGKILLs at random moments: " << all << " (" << by_event
            << " ), alive after the sweep: " << found.left << std::endl;
}

TEST(KillMatrixTest, NoProcessOutlivesATestThatHangs) {
  std::vector<Cell> cells;
  for (const std::string& habit : habits())
    for (const Event event : events()) cells.push_back({.habit = habit, .event = event});
  write_table(run_cells(cells, 0, habit_of), "habit");
}

// A walk over /proc met none of a chain that forks on, and the sweep took that for the end.
TEST(KillMatrixTest, OneSweepEndsChainsThatForkOn) {
  int ended = 0;
  for (int chains = 0; chains < 4; ++chains) ended += one_sweep_ends_chains() ? 1 : 0;
  EXPECT_GE(ended, 2);  // a very busy machine may hide some: the next sweep has them
}

// Whatever happens, happens at a random moment about its end.
std::vector<Cell> cells_about_the_end() {
  std::vector<Cell> cells;
  for (const std::string& habit : habits())
    for (const Event event : events()) {
      for (const End end : {End::kPasses, End::kFails})
        cells.push_back({end, habit, event, Moment::kSinceStart});
      for (const End end : {End::kTimesOut, End::kIsCancelled})
        cells.push_back({end, habit, event, Moment::kAtItsEnd});
    }
  return cells;
}

TEST(KillMatrixTest, NoProcessOutlivesATestThatEnds) {
  const std::vector<Cell> cells = cells_about_the_end();
  const bool whole = number_from("SPECGUARD_MATRIX_WHOLE", 0) != 0;
  write_table(run_cells(cells, whole ? 0 : kSampleOfEnds, end_of), "14 habits, the test");
}

// Where nobody can act the kernel does.
TEST(KillMatrixTest, NoProcessOutlivesATestInNamespaces) {
  std::vector<Cell> cells;
  for (const std::string& habit : habits())
    for (const Event event : events()) cells.push_back({.habit = habit, .event = event});
  for (const Cell& cell : cells_about_the_end()) cells.push_back(cell);
  for (Cell& cell : cells) cell.place.options = {"--isolation", "namespace"};
  const bool whole = number_from("SPECGUARD_MATRIX_WHOLE", 0) != 0;
  write_table(run_cells(cells, whole ? 0 : kSampleInNamespaces, habit_of),
              "in namespaces, however the test ends");
}

TEST(KillMatrixTest, NoProcessOutlivesARandomMoment) {
  std::vector<Cell> cells;
  for (unsigned round = 0; round < number_from("SPECGUARD_MATRIX_ROUNDS", 1); ++round)
    for (const std::string& habit : habits())
      for (const Event event : {Event::kKillFront, Event::kKillKeeper, Event::kKillBoth,
                                Event::kKillCtest, Event::kInterrupt})
        cells.push_back({End::kHangs, habit, event, Moment::kSinceStart});
  print_kills(run_cells(cells, 0, habit_of));
}

}  // namespace
}  // namespace specguard::testing
