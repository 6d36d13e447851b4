// Every system call of the launcher fails the n-th time, once and for good, for every n until the
// call is no longer reached, through a whole `exec`.
//
// Whatever fails: the launcher ends, nothing of the test lives, and its answer is the right one or
// a launcher-error that says what failed. A failing test never passes.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "fault.h"
#include "harness.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int kWorkers = 6;  // a run mostly waits for other processes
constexpr int kLauncherError = 125;
constexpr int kTimeout = 124;
constexpr int kMostCalls = 100'000;  // no call is made more often: the sweep would not end
// The first launcher of a session looks through /proc, the same few calls for each process: there
// the first are tried one by one, then ever fewer.
constexpr int kOneByOne = 5000;
constexpr int kOneByOneByCtest = 8;

struct Scenario {
  std::string name;
  std::vector<std::string> options;
  std::vector<std::string> test;  // after "--"; "FILE" stands for a path of the run's own
  int right_code = 0;
  bool under_ctest = false;  // as ctest starts a test; a launcher-error is a SIGKILL then
  bool by_ctest = false;     // by the real one; then results are recorded, and the code is ctest's
};

constexpr int kCtestFailed = 8;

struct Fault {
  Role role = Role::kFront;
  Call call = kOpen;
  int nth = 1;
  bool for_good = false;
  int error = 0;
};

std::string describe(const Scenario& scenario, const Fault& fault) {
  return scenario.name + ": " + std::string(kCalls[fault.call].name) + " number " +
         std::to_string(fault.nth) + " of the " +
         std::string(kRoleNames[static_cast<std::size_t>(fault.role)]) + " fails " +
         (fault.for_good ? "for good" : "once") + ", errno " + std::to_string(fault.error);
}

// Processes of misbehave's list that live: "<pid> <start time>" a line.
std::string living(const fs::path& log) {
  std::string alive;
  std::ifstream file(log);
  pid_t pid = 0;
  for (std::string start; file >> pid >> start;)
    if (is_alive(pid) &&
        read_text("/proc/" + std::to_string(pid) + "/stat").find(" " + start + " ") !=
            std::string::npos)
      alive += std::to_string(pid) + " ";
  return alive;
}

// One run of the launcher under one fault.
class Run {
 public:
  Run(const Scenario& scenario, const Fault& fault) : scenario_(scenario), fault_(fault) {
    const fs::path report = directory_.write("fired", "0");
    std::vector<std::string> command = {SPECGUARD_FAULTY_LAUNCHER, "exec"};
    command.insert(command.end(), scenario.options.begin(), scenario.options.end());
    command.emplace_back("--");
    for (const std::string& word : scenario.test)
      command.push_back(word == "FILE" ? (directory_ / "log").string() : word);
    if (scenario.by_ctest) {
      std::string line = "add_test(it";
      for (const std::string& word : command) line += " [==[" + word + "]==]";
      directory_.write("CTestTestfile.cmake", line + ")\n");
      command = {SPECGUARD_CTEST, "--output-on-failure"};
    }
    RunOptions options;
    options.directory = directory_.path();
    options.deadline = 30s;
    options.environment = {
        {"CTEST_INTERACTIVE_DEBUG_MODE", scenario.under_ctest ? "1" : ""},
        {"DASHBOARD_TEST_FROM_CTEST", ""},
        {"SPECGUARD_ATTEMPT", ""},
        {"SPECGUARD_SESSION", ""},
        {"PATH", "/nowhere"},  // no debugger: it is the slowest part, and not of this test
        {"SPECGUARD_FAULT", std::string(kRoleNames[static_cast<std::size_t>(fault.role)]) + " " +
                                std::string(kCalls[fault.call].name) + " " +
                                std::to_string(fault.nth) + (fault.for_good ? " ever " : " once ") +
                                std::to_string(fault.error) + " " + report.string()}};
    result_ = run(command, options);
    fired_ = read_text(report) == "1";
    ended_ = wait_until([&] { return living(directory_ / "log.pids").empty(); }, 2s);
  }

  bool fired() const { return fired_; }

  // "" where all is as promised.
  std::string complaint() const {
    if (!result_.deadline_met) return "hangs";
    if (!ended_) return "left processes: " + living(directory_ / "log.pids");
    if (result_.exited && result_.exit_code == scenario_.right_code) return {};
    // What merely records results changes none.
    const bool records_only = scenario_.by_ctest && fault_.call >= kRawOpen &&
                              fault_.call <= kRawRename && fault_.role == Role::kFront;
    const bool refused = scenario_.by_ctest ? result_.exit_code == kCtestFailed && !records_only
                         : scenario_.under_ctest ? result_.signal == SIGKILL
                                                 : result_.exit_code == kLauncherError;
    // An EINTR is no failure to anybody.
    if (!refused || fault_.error == EINTR)
      return "exit code " + std::to_string(result_.exit_code) + ", signal " +
             std::to_string(result_.signal) + ": " + result_.out + result_.err;
    const bool mute = fault_.call == kWrite || fault_.call == kPoll;
    if (!mute && (result_.out + result_.err).find("test-launcher: ") == std::string::npos)
      return "a launcher-error without a word";
    return {};
  }

 private:
  const Scenario& scenario_;
  const Fault fault_;
  const TempDir directory_;
  RunResult result_;
  bool fired_ = false;
  bool ended_ = false;
};

struct Sweep {
  Fault first;
  int fired = 0;  // how many values of n were reached
};

// All n, or by ctest fewer, until the call is no longer reached.
void sweep(const Scenario& scenario, Sweep& sweep, std::mutex& mutex) {
  const int one_by_one = scenario.by_ctest ? kOneByOneByCtest : kOneByOne;
  for (Fault fault = sweep.first; fault.nth <= kMostCalls;
       fault.nth += fault.nth < one_by_one ? 1 : fault.nth) {
    const Run run(scenario, fault);
    const std::string complaint = run.complaint();
    if (!complaint.empty()) {
      const std::lock_guard lock(mutex);
      ADD_FAILURE() << describe(scenario, fault) << ": " << complaint;
    }
    if (!run.fired()) return;
    ++sweep.fired;
  }
  const std::lock_guard lock(mutex);
  ADD_FAILURE() << describe(scenario, sweep.first) << ": reached without end";
}

std::vector<Sweep> all_sweeps() {
  std::vector<Sweep> sweeps;
  for (const Role role : {Role::kFront, Role::kKeeper, Role::kChild})
    for (int call = 0; call < kCallCount; ++call) {
      const Fault fault{role, static_cast<Call>(call), 1, false, kCalls[call].error};
      sweeps.push_back({fault});
      // Nothing but signals without end makes epoll_wait fail for good.
      if (call != kEpollWait) {
        sweeps.push_back({fault});
        sweeps.back().first.for_good = true;
      }
      if (call == kRead || call == kWrite || call == kPoll || call == kWait4) {
        sweeps.push_back({fault});
        sweeps.back().first.error = EINTR;
      }
    }
  return sweeps;
}

void run_sweeps(const Scenario& scenario) {
  std::vector<Sweep> sweeps = all_sweeps();
  // A ctest takes much longer than a launcher: only what is different under it, reading its
  // arguments and recording results.
  if (scenario.by_ctest)
    std::erase_if(sweeps, [](const Sweep& sweep) {
      const Call call = sweep.first.call;
      const bool files =
          call == kRead || call == kWrite || (call >= kRawOpen && call <= kRawRename);
      return !files || sweep.first.role == Role::kChild || sweep.first.error == EINTR;
    });
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker)
    workers.emplace_back([&] {
      for (std::size_t i = next++; i < sweeps.size(); i = next++) sweep(scenario, sweeps[i], mutex);
    });
  for (std::thread& worker : workers) worker.join();
  int total = 0;
  for (const Sweep& done : sweeps) {
    if (std::getenv("SPECGUARD_FAULT_COUNTS") && done.fired > 0)
      std::printf("%s: %d\n", describe(scenario, done.first).c_str(), done.fired);
    total += done.fired;
  }
  EXPECT_GT(total, 20) << scenario.name << ": the faults do not reach the launcher";
}

TEST(SyscallFaultTest, APassingTestPassesOrIsALauncherError) {
  run_sweeps({.name = "passes", .options = {}, .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"}});
}

std::string complaint_of(const Scenario& scenario, const Fault& fault) {
  return Run(scenario, fault).complaint();
}

bool is_fired(const Scenario& scenario, const Fault& fault) {
  return Run(scenario, fault).fired();
}

bool opens_something(const Scenario& scenario, Role role) {
  return is_fired(scenario, {.role = role, .call = kOpen, .error = EACCES});
}

// Each open is part of the price of every test. By hand, outside of a build directory, the front
// looked through /proc for a ctest above it all the same.
TEST(SyscallFaultTest, AFrontWithoutASessionOpensNothing) {
  const Scenario by_hand{
      .name = "by hand", .options = {}, .test = {SPECGUARD_MISBEHAVE, "0", "none"}};
  EXPECT_FALSE(opens_something(by_hand, Role::kFront));
  EXPECT_TRUE(opens_something(by_hand, Role::kKeeper));
}

TEST(SyscallFaultTest, AFailingTestNeverPasses) {
  run_sweeps({.name = "fails",
              .options = {},
              .test = {SPECGUARD_MISBEHAVE, "3", "none", "FILE"},
              .right_code = 3});
}

TEST(SyscallFaultTest, AHangingTestIsEnded) {
  run_sweeps({.name = "times out",
              .options = {"--timeout", "30ms", "--kill-after", "20ms"},
              .test = {SPECGUARD_MISBEHAVE, "hang", "ignore-term", "FILE"},
              .right_code = kTimeout});
}

TEST(SyscallFaultTest, AChildLeftBehindIsEnded) {
  run_sweeps({.name = "leaves a child",
              .options = {"--kill-after", "20ms"},
              .test = {SPECGUARD_MISBEHAVE, "0", "leave-child", "FILE"}});
}

TEST(SyscallFaultTest, AFailureInTheOutputIsNeverLost) {
  run_sweeps({.name = "says not ok",
              .options = {"--results", "tap"},
              .test = {"/bin/echo", "1..1\nnot ok 1"},
              .right_code = 1});
}

TEST(SyscallFaultTest, AMissingProgramIsALauncherError) {
  run_sweeps({.name = "missing",
              .options = {},
              .test = {"/no/such/program"},
              .right_code = kLauncherError});
}

const Scenario& limited() {
  static const Scenario scenario{
      .name = "is limited",
      .options = {"--memory", "400M", "--pids", "100", "--cpu-time", "60", "--cpus", "1",
                  "--open-files", "64", "--file-size", "1M"},
      .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"}};
  return scenario;
}

const Scenario& in_namespaces() {
  static const Scenario scenario{.name = "in namespaces",
                                 .options = {"--isolation", "namespace"},
                                 .test = {"/bin/sh", "-c", "exit 3"},
                                 .right_code = 3};
  return scenario;
}

// By control groups where there are any, else by polling and affinity.
TEST(SyscallFaultTest, ALimitedTestPassesOrIsALauncherError) {
  run_sweeps(limited());
  run({launcher(), "reap"});  // groups that could not be removed
}

TEST(SyscallFaultTest, InNamespacesAFailingTestNeverPasses) {
  const Fault none{.nth = kMostCalls, .error = EIO};
  if (const std::string complaint = complaint_of(in_namespaces(), none); !complaint.empty())
    GTEST_SKIP() << "this machine makes no namespaces: " << complaint;
  run_sweeps(in_namespaces());
}

// A call that no scenario comes to would be proved right by nobody.
TEST(SyscallFaultTest, EveryCallIsReached) {
  const std::vector<Scenario> scenarios = {
      {.name = "passes", .options = {}, .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"}},
      {.name = "times out",
       .options = {"--timeout", "30ms", "--kill-after", "20ms"},
       .test = {SPECGUARD_MISBEHAVE, "hang", "ignore-term", "FILE"},
       .right_code = kTimeout},
      {.name = "passes under ctest",
       .options = {},
       .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"},
       .under_ctest = true},
      limited(),
      {.name = "passes by ctest",
       .options = {"--name", "it", "--build-dir", "."},
       .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"},
       .by_ctest = true}};
  const auto is_reached = [&](Call call) {
    for (const Scenario& scenario : scenarios)
      for (const Role role : {Role::kFront, Role::kKeeper, Role::kChild})
        if (is_fired(scenario, {.role = role, .call = call, .error = kCalls[call].error}))
          return true;
    return false;
  };
  // Of debuggers, which are not in PATH here; of groups, affinity and namespaces, which not every
  // machine and user has.
  const std::set<int> may_be_absent = {kRawFork, kRawRmdir, kRawSetaffinity, kRawPrctl,
                                       kRawSyscall};
  for (int call = 0; call < kCallCount; ++call)
    EXPECT_TRUE(may_be_absent.contains(call) || is_reached(static_cast<Call>(call)))
        << kCalls[call].name;
}

TEST(SyscallFaultTest, UnderCtestAFailingTestNeverPasses) {
  run_sweeps({.name = "fails under ctest",
              .options = {},
              .test = {SPECGUARD_MISBEHAVE, "3", "none", "FILE"},
              .right_code = 3,
              .under_ctest = true});
}

TEST(SyscallFaultTest, WhatRecordsAPassDoesNotChangeIt) {
  run_sweeps({.name = "passes by ctest",
              .options = {"--name", "it", "--build-dir", "."},
              .test = {SPECGUARD_MISBEHAVE, "0", "none", "FILE"},
              .by_ctest = true});
}

TEST(SyscallFaultTest, WhatRecordsAFailureDoesNotLoseIt) {
  run_sweeps({.name = "fails by ctest",
              .options = {"--name", "it", "--build-dir", "."},
              .test = {SPECGUARD_MISBEHAVE, "3", "none", "FILE"},
              .right_code = kCtestFailed,
              .by_ctest = true});
}

}  // namespace
}  // namespace specguard::testing
