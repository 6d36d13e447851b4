#include "round.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>

#include "harness.h"
#include "journal_view.h"
#include "strike.h"
#include "suite.h"

namespace specguard::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr unsigned kCrashesToQuarantine = 2;
constexpr int kUnusableCheckpoint = 43;

bool is_success(const std::string& outcome) {
  return outcome == "passed" || outcome == "skipped";
}

std::string outcome_of(Truth truth) {
  constexpr const char* kNames[] = {"passed", "failed", "skipped", "crashed"};
  return kNames[static_cast<int>(truth)];
}

class Round {
 public:
  explicit Round(std::uint32_t seed) : random_(seed), suite_(directory_.path(), random_) {}

  RoundReport play() {
    const int strikes = 1 + static_cast<int>(random_() % 4);
    for (int i = 0; i < strikes; ++i) {
      play_session(/*struck=*/true);
      report_.story += suite_.edit() + "\n";
    }
    play_session(/*struck=*/false);
    for (const auto& [key, count] : suite_.completed()) report_.runs_to_the_end += count;
    return report_;
  }

 private:
  struct Session {
    bool bare = false;
    bool resumes = false;
    RunResult result;
    std::map<std::string, int> completed_before;
    bool came_to_its_end = false;
  };

  Session start_and_strike(bool struck);
  std::vector<std::string> command_of(Session& session);
  void strike_at_some_moment(const Background& background);
  void play_session(bool struck);
  void settle_view(const Session& session, std::uint64_t number_before);
  void check_no_pass_ran_again(const Session& session, const JournalView& before);
  void check_no_false_green(const Session& session);
  void check_truth(const Session& session);
  void learn_contents(const JournalView& view);
  bool is_about(const ViewedTest& seen, const SuiteTest& test) const;
  std::set<std::string> recorded_in(const JournalView& view) const;
  void count_crashes(const JournalView& view);
  std::string expected_outcome(const SuiteTest& test) const;
  void error(const std::string& text) { report_.errors.push_back(text); }

  TempDir directory_;
  std::mt19937 random_;
  Suite suite_;
  RoundReport report_;
  std::string mark_ = "SPECGUARD_TRUTH=" + directory_.path().string();
  Target target_ = Target::kCtest;
  bool can_resume_ = false;         // the session before was interrupted
  bool all_had_ended_ = false;      // in it
  std::set<std::string> recorded_;  // keys of tests that its journal says to have passed
  std::map<std::string, int> completed_before_chain_;  // before the first of the sessions resumed
  std::set<std::string> cut_off_;  // keys whose record was there before the power failed
  std::map<std::string, std::string> contents_;  // fingerprints by key
  std::map<std::string, unsigned> crashes_;      // in a row, by key
};

std::vector<std::string> Round::command_of(Session& session) {
  const std::string jobs = std::to_string(1 + random_() % 4);
  const std::string junit = (directory_ / "junit.xml").string();
  session.bare = random_() % 2 == 0;
  session.resumes = can_resume_;
  if (session.bare)
    return {SPECGUARD_CTEST, "--test-dir", directory_.path(), "-j", jobs, "--output-junit", junit};
  return {launcher(),
          session.resumes ? "resume" : "run",
          "--no-self-protect",
          "--build-dir",
          directory_.path(),
          "--max-workers",
          jobs,
          "--",
          "--output-junit",
          junit};
}

void Round::strike_at_some_moment(const Background& background) {
  const std::size_t enough = random_() % (suite_.tests().size() + 2);
  const auto ended = [&] {
    std::size_t count = 0;
    for (const auto& [key, times] : suite_.completed()) count += static_cast<std::size_t>(times);
    return count;
  };
  const std::size_t before = ended();
  // Sometimes in the beginning, before any test; sometimes when so many have ended.
  if (enough > 0)
    wait_until([&] { return ended() >= before + enough || !is_alive(background.pid()); }, 5s);
  std::this_thread::sleep_for(std::chrono::microseconds(random_() % 60'000));
  target_ = static_cast<Target>(random_() % kTargets);
  const bool hit = is_alive(background.pid()) && strike(target_, background.pid(), mark_, random_);
  if (hit) ++report_.strikes;
  report_.story += std::string(" ") + target_name(target_) + (hit ? " killed" : " not there");
}

Round::Session Round::start_and_strike(bool struck) {
  Session session;
  session.completed_before = suite_.completed();
  std::error_code ignored;
  fs::remove(directory_ / "junit.xml", ignored);
  RunOptions options;
  options.deadline = 120s;
  options.environment = {{"SPECGUARD_TRUTH", directory_.path()},
                         {"SPECGUARD_RESUME", can_resume_ ? "1" : ""},
                         {"SPECGUARD_SESSION", ""},
                         {"SPECGUARD_ATTEMPT", ""}};
  const std::vector<std::string> command = command_of(session);
  report_.story += session.bare ? "bare" : command[1];
  Background background(command, options);
  if (struck) strike_at_some_moment(background);
  session.result = background.wait();
  if (!session.result.deadline_met) error("a session hangs");
  if (!wait_until([&] { return processes_with_environment(mark_).empty(); }, 30s))
    error("processes survive");
  session.came_to_its_end =
      session.result.exited && (session.result.exit_code == 0 || session.result.exit_code == 8);
  report_.story += " -> " + (session.result.exited ? std::to_string(session.result.exit_code)
                                                   : std::string("killed"));
  ++report_.sessions;
  return session;
}

void Round::play_session(bool struck) {
  const JournalView before = newest_journal(directory_.path());
  const Session session = start_and_strike(struck);
  // One that died after its last test may have come to its end; then there is nothing to resume.
  if (session.result.exit_code == kUnusableCheckpoint && all_had_ended_) {
    can_resume_ = false;
    recorded_.clear();
    crashes_.clear();
    return play_session(struck);
  }
  check_no_pass_ran_again(session, before);
  if (session.came_to_its_end) check_no_false_green(session);
  if (!struck) return check_truth(session);
  settle_view(session, before.number);
}

// What the next session must go by.
void Round::settle_view(const Session& session, std::uint64_t number_before) {
  JournalView view = newest_journal(directory_.path());
  if (view.number == number_before) return;  // it was killed before it began
  learn_contents(view);
  all_had_ended_ =
      std::all_of(suite_.tests().begin(), suite_.tests().end(), [&](const SuiteTest& test) {
        const auto it = view.tests.find(test.name);
        return it != view.tests.end() && is_about(it->second, test) && !it->second.in_flight;
      });
  std::set<std::string> cut_off = recorded_in(view);
  if (target_ == Target::kPowerLoss && !view.path.empty() && !session.came_to_its_end) {
    report_.story += ", " + lose_tail(view.path, view.beginning_bytes, random_);
    view = newest_journal(directory_.path());
  }
  recorded_ = recorded_in(view);
  for (const std::string& key : recorded_) cut_off.erase(key);
  cut_off_.merge(cut_off);
  can_resume_ = !session.came_to_its_end;
  if (!can_resume_) {
    recorded_.clear();
    crashes_.clear();
    return;
  }
  count_crashes(view);
}

// The fingerprint of each version, from the records of sessions in which it ran.
void Round::learn_contents(const JournalView& view) {
  for (const SuiteTest& test : suite_.tests()) {
    const auto it = view.tests.find(test.name);
    if (it != view.tests.end() && it->second.began_here)
      contents_[Suite::key(test)] = it->second.content;
  }
}

// And not about an earlier version, the newer record of which was cut off.
bool Round::is_about(const ViewedTest& seen, const SuiteTest& test) const {
  const auto it = contents_.find(Suite::key(test));
  return it != contents_.end() && it->second == seen.content;
}

std::set<std::string> Round::recorded_in(const JournalView& view) const {
  std::set<std::string> keys;
  for (const SuiteTest& test : suite_.tests()) {
    const auto it = view.tests.find(test.name);
    if (it != view.tests.end() && is_about(it->second, test) && !it->second.in_flight &&
        is_success(it->second.outcome))
      keys.insert(Suite::key(test));
  }
  return keys;
}

void Round::count_crashes(const JournalView& view) {
  for (const SuiteTest& test : suite_.tests()) {
    const auto it = view.tests.find(test.name);
    if (it == view.tests.end() || !is_about(it->second, test)) continue;
    const ViewedTest& seen = it->second;
    if (!seen.began_here) continue;  // a session that did not come to it says nothing about it
    unsigned& count = crashes_[Suite::key(test)];
    if (seen.in_flight)
      ++count;
    else if (seen.origin.empty() && seen.outcome != "aborted" && seen.outcome != "not-run")
      count = 0;
  }
}

void Round::check_no_pass_ran_again(const Session& session, const JournalView& before) {
  const auto completed = suite_.completed();
  const auto count_in = [](const std::map<std::string, int>& counts, const std::string& key) {
    const auto it = counts.find(key);
    return it == counts.end() ? 0 : it->second;
  };
  const JournalView now = newest_journal(directory_.path());
  // One that died after its last test may count as having come to its end.
  const bool began_anew = now.number != before.number && !now.resumes;
  if (began_anew && session.resumes && !recorded_.empty() && !all_had_ended_)
    error("the results of an interrupted session were lost");
  if (began_anew) crashes_.clear();
  if (began_anew || !session.resumes) {
    completed_before_chain_ = session.completed_before;
    cut_off_.clear();
    return;
  }
  for (const SuiteTest& test : suite_.tests()) {
    const std::string key = Suite::key(test);
    const int earlier = count_in(session.completed_before, key);
    const bool ran = count_in(completed, key) > earlier;
    if (!ran || earlier == count_in(completed_before_chain_, key)) continue;
    if (recorded_.contains(key))
      error("recorded as passed, and run again: " + key);
    else if (test.truth == Truth::kPass || test.truth == Truth::kSkip)
      ++(cut_off_.contains(key) ? report_.passed_again_cut_off : report_.passed_again);
  }
}

// Whatever was killed: what ctest shows as passed has passed.
void Round::check_no_false_green(const Session& session) {
  const auto completed = suite_.completed();
  const auto junit = read_junit(directory_ / "junit.xml");
  bool all_good = true;
  for (const SuiteTest& test : suite_.tests()) {
    const auto it = junit.find(test.name);
    const bool green = it != junit.end() && it->second.status == "run";
    all_good = all_good && it != junit.end() && it->second.status != "fail";
    if (green && (test.truth != Truth::kPass || !completed.contains(Suite::key(test))))
      error("green, and not true: " + Suite::key(test));
  }
  if (session.result.exit_code == 0 && (suite_.has_failure() || !all_good))
    error("exit code 0, and not true");
}

std::string Round::expected_outcome(const SuiteTest& test) const {
  const auto it = crashes_.find(Suite::key(test));
  return it != crashes_.end() && it->second >= kCrashesToQuarantine ? "not-run"
                                                                    : outcome_of(test.truth);
}

void Round::check_truth(const Session& session) {
  const JournalView view = newest_journal(directory_.path());
  const auto junit = read_junit(directory_ / "junit.xml");
  std::size_t failed = 0;
  if (junit.size() != suite_.tests().size())
    error("JUnit has " + std::to_string(junit.size()) + " tests of " +
          std::to_string(suite_.tests().size()));
  for (const SuiteTest& test : suite_.tests()) {
    const std::string expected = expected_outcome(test);
    const bool good = is_success(expected);
    failed += good ? 0 : 1;
    report_.quarantined += expected == "not-run" ? 1 : 0;
    const auto seen = view.tests.find(test.name);
    const std::string outcome = seen == view.tests.end() ? "nothing" : seen->second.outcome;
    if (outcome != expected)
      error("the journal says " + outcome + " of " + Suite::key(test) + ", which is " + expected);
    const auto it = junit.find(test.name);
    const std::string status = it == junit.end()    ? "nothing"
                               : it->second.skipped ? "skipped"
                                                    : it->second.status;
    const std::string right = !good ? "fail" : expected == "skipped" ? "skipped" : "run";
    if (status != right)
      error("JUnit says " + status + " of " + Suite::key(test) + ", which is " + expected);
  }
  if (session.result.exit_code != (failed > 0 ? 8 : 0))
    error("exit code " + std::to_string(session.result.exit_code) + " with " +
          std::to_string(failed) + " failures: " + session.result.err);
  const std::string summary =
      std::to_string(failed) + " tests failed out of " + std::to_string(suite_.tests().size());
  if (session.result.out.find(summary) == std::string::npos)
    error("the summary is not '" + summary + "'");
}

}  // namespace

RoundReport play_round(std::uint32_t seed) {
  Round round(seed);
  const RoundReport report = round.play();
  if (!report.errors.empty())
    ADD_FAILURE() << "SPECGUARD_TRUTH_SEED=" << seed << "\n" << report.story;
  return report;  // and only now its directory goes, or stays to be looked at
}

}  // namespace specguard::testing
