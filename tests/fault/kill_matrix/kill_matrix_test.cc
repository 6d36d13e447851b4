// The kill matrix: no process of a test outlives it by 2 s, whatever it does and whoever is killed.
//
// One cell is open by nature: with front and keeper both killed in one blow, nobody is left who
// could act, unless there is a PID namespace. There the next sweep (`test-launcher reap`) must
// clear all. ctest's own TIMEOUT kills the launcher's whole tree, front and keeper included, while
// processes fork on: the same.
//
// SPECGUARD_MATRIX_ROUNDS=N runs all cells N times at random moments instead of once;
// SPECGUARD_MATRIX_TABLE=FILE writes the table that stands in docs/kill-matrix.md.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "cell.h"

namespace specguard::testing {
namespace {

constexpr int kWorkers = 3;  // a cell mostly waits

std::string describe(const Cell& cell) {
  return "ends: " + cell.end + ", habit: " + cell.habit + ", event: " + event_name(cell.event) +
         (cell.at_random ? " at a random moment" : "");
}

using Table =
    std::map<std::string, std::map<Event, int>>;  // habit, event -> survivors before the sweep

Table run_cells(const std::vector<Cell>& cells) {
  Table table;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const unsigned seed = std::random_device{}();
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < kWorkers; ++worker)
    workers.emplace_back([&, worker] {
      std::mt19937 random(seed + worker);
      for (std::size_t i = next++; i < cells.size(); i = next++) {
        const Cell& cell = cells[i];
        const CellResult result = run_cell(cell, random);
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(result.ended) << describe(cell) << ": hangs";
        EXPECT_TRUE(result.survivors == 0 || needs_sweep(cell.event))
            << describe(cell) << ": " << result.survivors_are;
        EXPECT_EQ(result.after_sweep, 0)
            << describe(cell) << ": not swept: " << result.survivors_are;
        table[cell.habit][cell.event] += result.after_two_seconds;
      }
    });
  for (std::thread& worker : workers) worker.join();
  return table;
}

void write_table(const Table& table, const char* path) {
  std::ofstream file(path);
  file << "| habit |";
  for (const Event event : events()) file << " " << event_name(event) << " |";
  file << "\n| --- |";
  for (std::size_t i = 0; i < events().size(); ++i) file << " --- |";
  for (const auto& [habit, row] : table) {
    file << "\n| " << habit << " |";
    for (const Event event : events()) {
      const auto cell = row.find(event);
      file << " " << (cell == row.end() ? std::string("") : std::to_string(cell->second)) << " |";
    }
  }
  file << "\n";
}

int rounds() {
  const char* text = std::getenv("SPECGUARD_MATRIX_ROUNDS");
  return text == nullptr ? 0 : std::atoi(text);
}

TEST(KillMatrixTest, NoProcessOutlivesATestThatHangs) {
  std::vector<Cell> cells;
  for (const std::string& habit : habits())
    for (const Event event : events()) cells.push_back({"hang", habit, event, false});
  const Table table = run_cells(cells);
  if (const char* path = std::getenv("SPECGUARD_MATRIX_TABLE")) write_table(table, path);
}

TEST(KillMatrixTest, NoProcessOutlivesATestThatEnds) {
  std::vector<Cell> cells;
  for (const std::string& habit : habits())
    for (const char* end : {"0", "1"})
      for (const Event event : {Event::kNone, Event::kKillFront, Event::kTerminate})
        cells.push_back({end, habit, event, event != Event::kNone});
  run_cells(cells);
}

TEST(KillMatrixTest, NoProcessOutlivesARandomMoment) {
  std::vector<Cell> cells;
  for (int round = 0; round < std::max(rounds(), 1); ++round)
    for (const std::string& habit : habits())
      for (const Event event :
           {Event::kKillFront, Event::kKillKeeper, Event::kKillBoth, Event::kInterrupt})
        cells.push_back({"hang", habit, event, true});
  run_cells(cells);
}

}  // namespace
}  // namespace specguard::testing
