#include "cell.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "harness.h"
#include "living.h"

namespace specguard::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kSurvivalLimit = 2s;

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const std::string base =
      "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children";
  std::istringstream list(read_text(base));
  for (pid_t child; list >> child;) children.push_back(child);
  return children;
}

bool is_launcher(pid_t pid) {
  return read_text("/proc/" + std::to_string(pid) + "/cmdline").starts_with(launcher());
}

// The launcher's front at or below a process; 0 where there is none yet.
pid_t find_front(pid_t root) {
  if (is_launcher(root)) return root;
  for (const pid_t child : children_of(root))
    if (const pid_t front = find_front(child); front != 0) return front;
  return 0;
}

pid_t find_keeper(pid_t front) {
  const std::vector<pid_t> children = children_of(front);
  return children.empty() ? 0 : children.front();
}

// Leaves nothing, whatever was found. One that keeps forking is in its group even when it is gone.
void end_survivors(const fs::path& log, const std::string& habit) {
  const auto kill_listed = [&] {
    for (const pid_t pid : living(log, habit)) {
      const pid_t group = ::getpgid(pid);
      if (group > 1 && group != ::getpgrp()) ::kill(-group, SIGKILL);
      ::kill(pid, SIGKILL);
    }
    return living(log, habit).empty();
  };
  wait_until(kill_listed, 10s);
}

bool needs_ctest(Event event) {
  return event == Event::kKillCtest || event == Event::kKillShell ||
         event == Event::kCtestTimeout || event == Event::kStopBothKillCtest;
}

constexpr auto kTimeout = 300ms;

// Long enough that it is the event that ends the test; a blow at a random moment may hit nobody,
// then the timeout ends it.
const char* timeout_of(const Cell& cell) {
  if (cell.end == End::kTimesOut && cell.event == Event::kCtestTimeout) return "0.95";
  if (cell.end == End::kTimesOut) return "0.3";
  if (cell.end == End::kHangs && cell.event == Event::kNone) return "0.3";
  return cell.moment == Moment::kUnderWay ? "60" : "3";
}

// So that ctest's timer and the launcher end the test at the same time.
const char* ctest_timeout_of(End end) {
  return end == End::kPasses || end == End::kFails ? "0.15" : "1";
}

const char* argument_of(End end) {
  if (end == End::kPasses) return "0";
  return end == End::kFails ? "1" : "hang";
}

std::vector<std::string> command_of(const Cell& cell, const TempDir& directory) {
  std::vector<std::string> launch = {launcher(),     "exec",  "--name",    cell.name,
                                     "--kill-after", "0.2",   "--timeout", timeout_of(cell),
                                     "--leaks",      "ignore"};
  if (cell.in_group)
    launch.insert(launch.end(), {"--memory", "400M", "--pids", "1000", "--strict"});
  if (cell.place.is_pid_namespace()) {
    launch.insert(launch.end(), cell.place.options.begin(), cell.place.options.end());
    launch.insert(launch.end(), {"--build-dir", directory.path()});
  }
  launch.insert(launch.end(),
                {"--", SPECGUARD_MISBEHAVE, argument_of(cell.end), cell.habit, directory / "log"});
  if (!needs_ctest(cell.event)) return launch;

  std::string test = "add_test(cell";
  for (const std::string& word : launch) test += " [==[" + word + "]==]";
  test += ")\n";
  if (cell.event == Event::kCtestTimeout)
    test += std::string("set_tests_properties(cell PROPERTIES TIMEOUT ") +
            ctest_timeout_of(cell.end) + ")\n";
  directory.write("CTestTestfile.cmake", test);
  if (cell.event == Event::kKillShell)
    return {"sh", "-c", "'" SPECGUARD_CTEST "' >ctest.out 2>&1; true"};
  return {SPECGUARD_CTEST};
}

// As often within the first tenth, which is the start of launcher and test, as within the whole.
std::chrono::microseconds random_moment(std::mt19937& random, std::chrono::microseconds latest) {
  const auto within = random() % 2 == 0 ? latest / 10 : latest;
  return std::chrono::microseconds(random() % static_cast<unsigned>(within.count()));
}

// Comes back when the launcher is about to end the test by itself.
void begin_the_end(const Cell& cell, pid_t front) {
  if (cell.end == End::kTimesOut) return std::this_thread::sleep_for(kTimeout * 2 / 3);
  // ctest's timer is at 1 s, and it has started a moment ago.
  if (cell.event == Event::kCtestTimeout) std::this_thread::sleep_for(800ms);
  if (front > 0 && is_launcher(front)) ::kill(front, SIGTERM);
}

// 1 where there was somebody to kill.
int kill_if_there(pid_t pid) {
  return pid > 0 && is_alive(pid) && ::kill(pid, SIGKILL) == 0 ? 1 : 0;
}

// Returns how many processes it killed.
int strike(const Cell& cell, const Background& started, pid_t front, pid_t keeper) {
  switch (cell.event) {
    case Event::kNone:
    case Event::kCtestTimeout:
      return 0;
    case Event::kKillFront:
      return kill_if_there(front);
    case Event::kKillKeeper:
      return kill_if_there(keeper);
    case Event::kKillBoth: {
      const int killed = kill_if_there(front);
      return killed + kill_if_there(keeper);
    }
    case Event::kKillCtest:
    case Event::kKillShell:
      return kill_if_there(started.pid());
    case Event::kStopBothKillCtest:
      if (front > 0) ::kill(front, SIGSTOP);
      if (keeper > 0) ::kill(keeper, SIGSTOP);
      return kill_if_there(started.pid());
    case Event::kInterruptTwice:
      started.signal_group(SIGINT);
      [[fallthrough]];
    case Event::kInterrupt:
      started.signal_group(SIGINT);
      return 0;
    case Event::kHangup:
      started.signal(SIGHUP);
      return 0;
    case Event::kTerminate:
      started.signal(SIGTERM);
      return 0;
  }
  return 0;
}

// Killing the shell above ctest ends neither ctest nor the test: those go on, and are ended here as
// a next signal would.
void end_what_goes_on(const Cell& cell, pid_t front) {
  if (cell.event == Event::kKillShell && front > 0 && is_launcher(front)) ::kill(front, SIGTERM);
}

}  // namespace

// Nobody of the launcher is left to act in these; the sweep is. A PID namespace ends with its first
// process, which the kernel kills when the keeper dies: there only a keeper that is alive and
// asleep needs somebody.
bool needs_sweep(const Cell& cell) {
  if (cell.event == Event::kStopBothKillCtest) return true;
  return !cell.place.is_pid_namespace() &&
         (cell.event == Event::kKillBoth || cell.event == Event::kCtestTimeout);
}

CellResult run_cell(const Cell& cell, std::mt19937& random, std::chrono::milliseconds latest) {
  const TempDir directory;
  const fs::path log = directory / "log.pids";
  RunOptions options;
  options.directory = directory.path();
  options.own_process_group = true;
  options.deadline = 120s;  // ctest scans /proc once for each of 500 zombies
  options.environment = {{"CTEST_INTERACTIVE_DEBUG_MODE", ""}, {"DASHBOARD_TEST_FROM_CTEST", ""}};
  // ctest stops the keeper, then scans /proc once for each process it finds below: the dead of a
  // chain, which a stopped keeper cannot reap, cost it the square of their number.
  if (cell.event == Event::kCtestTimeout) options.environment["MISBEHAVE_HOPS"] = "300";
  for (const auto& [variable, value] : cell.place.environment)
    options.environment[variable] = value;
  if (cell.place.user != 0) {
    EXPECT_EQ(::chown(directory.path().c_str(), cell.place.user, cell.place.user), 0);
  }
  CellResult result;
  {
    Background started(command_of(cell, directory), options);
    pid_t front = 0;
    const auto under_way = [&] {
      if (front == 0) front = find_front(started.pid());
      const bool ends = cell.end == End::kPasses || cell.end == End::kFails;
      const bool ready = ends || fs::exists(directory / "log.ready");
      return (front != 0 && ready) || !is_alive(started.pid());
    };
    if (cell.moment == Moment::kSinceStart) {
      std::this_thread::sleep_for(random_moment(random, latest));
      front = needs_ctest(cell.event) ? find_front(started.pid()) : started.pid();
    } else {
      wait_until(under_way);
    }
    if (cell.moment == Moment::kAtItsEnd) {
      begin_the_end(cell, front);
      std::this_thread::sleep_for(random_moment(random, latest));
    }
    result.kills = strike(cell, started, front, front == 0 ? 0 : find_keeper(front));
    const bool someone_goes_on = cell.event == Event::kKillCtest || cell.event == Event::kKillShell;
    result.ended = started.wait().deadline_met;
    end_what_goes_on(cell, front);
    if (someone_goes_on && front > 0) wait_until([&] { return !is_alive(front); }, 20s);
  }
  const auto launcher_ended = std::chrono::steady_clock::now();
  wait_until([&] { return living(log, cell.habit).empty(); }, kSurvivalLimit);
  result.after_two_seconds = static_cast<int>(living(log, cell.habit).size());
  // A machine that does three other things at the time is given more; the table tells who needed
  // it.
  if (result.after_two_seconds > 0 && !needs_sweep(cell))
    wait_until([&] { return living(log, cell.habit).empty(); }, 60s);
  result.alive_for = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - launcher_ended);
  std::vector<pid_t> alive = living(log, cell.habit);
  result.survivors = static_cast<int>(alive.size());
  for (const pid_t pid : alive)
    result.survivors_are += read_text("/proc/" + std::to_string(pid) + "/cmdline") + "; ";
  if (!alive.empty()) {
    // Mostly one sweep does. A process that forks on may be missed by one on a busy machine, but
    // not by all.
    wait_until(
        [&] {
          run({launcher(), "reap"}, options);
          return living(log, cell.habit).empty();
        },
        60s);
    alive = living(log, cell.habit);
    result.after_sweep = static_cast<int>(alive.size());
    end_survivors(log, cell.habit);
  }
  remove_groups(log);
  return result;
}

bool one_sweep_ends_chains() {
  const TempDir directory;
  const fs::path log = directory / "log.pids";
  RunOptions options;
  options.environment = {{"MISBEHAVE_HOPS", "100000"}};  // by itself it ends far too late
  {
    const Background front({launcher(), "exec", "--timeout", "60", "--", SPECGUARD_MISBEHAVE,
                            "hang", "keep-forking", directory / "log"},
                           options);
    wait_until([&] { return fs::exists(directory / "log.ready"); });
    const pid_t keeper = find_keeper(front.pid());
    kill_if_there(front.pid());
    kill_if_there(keeper);
  }
  run({launcher(), "reap"});
  const bool ended = living(log, "keep-forking").empty();
  end_survivors(log, "keep-forking");
  return ended;
}

const char* event_name(Event event) {
  constexpr const char* kNames[] = {
      "launcher alive", "KILL front",   "KILL keeper",   "KILL both",
      "KILL ctest",     "KILL shell",   "ctest TIMEOUT", "STOP both, KILL ctest",
      "Ctrl-C",         "Ctrl-C twice", "SIGHUP",        "SIGTERM"};
  return kNames[static_cast<int>(event)];
}

const char* end_name(End end) {
  constexpr const char* kNames[] = {"passes", "fails", "hangs", "times out", "is cancelled"};
  return kNames[static_cast<int>(end)];
}

const std::vector<std::string>& habits() {
  static const std::vector<std::string> all = {"leave-child",
                                               "daemonize",
                                               "ignore-term",
                                               "stop-itself",
                                               "hold-stdout",
                                               "close-all",
                                               "rename",
                                               "keep-forking",
                                               "clear-environment",
                                               "change-root-and-user",
                                               "freeze",
                                               "vfork",
                                               "posix-spawn",
                                               "zombies"};
  return all;
}

const std::vector<Event>& events() {
  static const std::vector<Event> all = {
      Event::kNone,      Event::kKillFront,      Event::kKillKeeper,   Event::kKillBoth,
      Event::kKillCtest, Event::kKillShell,      Event::kCtestTimeout, Event::kStopBothKillCtest,
      Event::kInterrupt, Event::kInterruptTwice, Event::kHangup,       Event::kTerminate};
  return all;
}

}  // namespace specguard::testing
