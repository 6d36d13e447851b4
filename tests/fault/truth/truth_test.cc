// The truth test: a suite whose results are known is run by ctest, by `run` and `resume`; somebody
// is killed at a random moment, or the power fails; the suite is edited; and it is resumed until a
// session comes to its end. Then ctest's exit code, summary and JUnit, and the journal, must be the
// truth, each time. What the journal holds as passed never runs again, and what is shown as passed
// on the way there has passed.
//
// SPECGUARD_TRUTH_ROUNDS=N plays N rounds, SPECGUARD_TRUTH_SEED=S begins with that seed: a failure
// names its own.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "round.h"

namespace specguard::testing {
namespace {

constexpr unsigned kRounds = 10;
constexpr int kWorkers = 2;

unsigned number_from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

void add(const RoundReport& round, RoundReport& sum) {
  sum.sessions += round.sessions;
  sum.strikes += round.strikes;
  sum.runs_to_the_end += round.runs_to_the_end;
  sum.passed_again += round.passed_again;
  sum.passed_again_cut_off += round.passed_again_cut_off;
  sum.quarantined += round.quarantined;
}

TEST(TruthTest, NoResultIsLostAndNoGreenIsFalse) {
  const unsigned rounds = number_from_environment("SPECGUARD_TRUTH_ROUNDS", kRounds);
  const unsigned first = number_from_environment("SPECGUARD_TRUTH_SEED", std::random_device{}());
  std::atomic<unsigned> next = 0;
  std::mutex mutex;
  RoundReport sum;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker)
    workers.emplace_back([&] {
      for (unsigned i = next++; i < rounds; i = next++) {
        const RoundReport report = play_round(first + i);
        const std::lock_guard lock(mutex);
        add(report, sum);
        for (const std::string& error : report.errors) ADD_FAILURE() << error;
      }
    });
  for (std::thread& worker : workers) worker.join();
  std::cout << rounds << " rounds, " << sum.sessions << " sessions, " << sum.strikes
            << " strikes; tests ran to their end " << sum.runs_to_the_end
            << " times; passed again: " << sum.passed_again
            << " whose record the strike prevented, " << sum.passed_again_cut_off
            << " whose record the power loss took; quarantined: " << sum.quarantined << "\n";
  EXPECT_GT(sum.strikes, 0);
}

}  // namespace
}  // namespace specguard::testing
