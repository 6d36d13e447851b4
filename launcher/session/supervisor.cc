#include "session/supervisor.h"

#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <set>
#include <unordered_set>

#include "session/machine_watch.h"
#include "session/say.h"
#include "session/stop_notice.h"
#include "session/stop_sequence.h"
#include "supervise/control_directory.h"
#include "supervise/process_tree.h"
#include "sys/process.h"
#include "sys/process_control.h"
#include "sys/signals.h"
#include "sys/wait.h"

namespace specguard::session {
namespace {

using base::Result;
using boost::system::error_code;
using supervise::ProcessTree;
using namespace std::chrono_literals;

constexpr auto kLookEvery = 1s;
constexpr auto kStopStep = 25ms;
// How long a launcher whose test has just ended may take to follow ctest.
constexpr auto kLeftoverPatience = 300ms;
constexpr auto kLeftoverTerm = 2s;
constexpr auto kRemovalPatience = 10s;

journal::StopKind kind_of(int signal) {
  if (signal == SIGHUP) return journal::StopKind::kHangup;
  return signal == SIGINT ? journal::StopKind::kInterrupted : journal::StopKind::kTerminated;
}

bool is_launcher(pid_t pid) {
  const auto stat = sys::read_process_stat(pid);
  return stat && stat->name == "test-launcher";
}

void send(pid_t pid, int signal) {
  if (const auto process = sys::PidFd::open(pid)) process->send(signal);
}

class Supervisor {
 public:
  explicit Supervisor(const SupervisedRun& run) : run_(run) {}

  Result<SupervisedEnd> supervise();

 private:
  void wait_for_signal();
  void on_signal(int signal);
  void reap();
  void arm(std::chrono::milliseconds in);
  void on_timer();
  void look();
  void hold(bool held, const std::string& reason);
  void stop(journal::StopReason reason);
  void step();
  void ask_to_end(pid_t below);
  void clear_leftovers();
  void remove_containers();

  const SupervisedRun& run_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer timer_{io_};
  std::optional<MachineWatch> watch_;
  StopSequence sequence_;
  std::unordered_set<std::string> dead_before_;  // containers of others, that `reap` is for
  std::set<pid_t> asked_;
  pid_t ctest_ = 0;
  bool ctest_ended_ = false;
  bool held_ = false;
  SupervisedEnd end_;
};

void Supervisor::wait_for_signal() {
  signals_.async_wait([this](const error_code& error, int signal) {
    if (error) return;
    signal == SIGCHLD ? reap() : on_signal(signal);
    if (!ctest_ended_ || sequence_.active()) wait_for_signal();
  });
}

void Supervisor::on_signal(int signal) {
  if (sequence_.active()) {
    sequence_.request(base::system_clock().now());
    step();
    return;
  }
  stop({.kind = kind_of(signal), .message = fmt::format("received {}", sys::signal_name(signal))});
}

void Supervisor::reap() {
  while (const auto reaped = ProcessTree::reap_one()) {
    asked_.erase(reaped->pid);  // the number may come to mean another process
    if (reaped->pid != ctest_) continue;
    ctest_ended_ = true;
    if (sys::exited(reaped->status)) end_.ctest_exit_code = sys::exit_code(reaped->status);
    if (sys::was_signalled(reaped->status))
      end_.ctest_signal = sys::terminating_signal(reaped->status);
    if (!sequence_.active()) io_.stop();
  }
}

void Supervisor::arm(std::chrono::milliseconds in) {
  timer_.expires_after(in);
  timer_.async_wait([this](const error_code& error) {
    if (!error) on_timer();
  });
}

void Supervisor::on_timer() {
  if (sequence_.active()) {
    step();
    return;
  }
  look();
  if (!sequence_.active()) arm(kLookEvery);
}

void Supervisor::look() {
  const guard::Decision decision = watch_->look();
  if (decision.action == guard::Action::kStop) {
    const std::string reason = watch_->reason(decision);
    say("\ntest-launcher: the guard stops this run: {}\n{}", reason, watch_->culprits());
    stop({.kind = journal::StopKind::kGuard, .message = reason});
    return;
  }
  const bool hold_now = decision.action == guard::Action::kHold;
  if (hold_now != held_) hold(hold_now, hold_now ? watch_->reason(decision) : std::string());
}

void Supervisor::hold(bool held, const std::string& reason) {
  held_ = held;
  send(ctest_, held ? SIGSTOP : SIGCONT);
  if (held)
    say("\ntest-launcher: no new test starts for now: {}\n", reason);
  else
    say("\ntest-launcher: tests start again\n");
}

void Supervisor::stop(journal::StopReason reason) {
  const StopNotice notice{.kind = std::string(journal::stop_kind_name(reason.kind)),
                          .message = reason.message};
  if (auto posted = post_stop(run_.session_directory, notice); !posted)
    say("test-launcher: {}; the launchers are ended by signals alone\n", posted.error().message());
  end_.stop = std::move(reason);
  sequence_.request(base::system_clock().now());
  // ctest first: once it is gone, nobody starts a test. It may be stopped by a hold.
  send(ctest_, SIGTERM);
  send(ctest_, SIGCONT);
  asked_.insert(ctest_);
  step();
}

// A launcher ends what is below it, in order, and records it; SIGTERM to its test would be recorded
// as the test's own death.
void Supervisor::ask_to_end(pid_t below) {
  for (const pid_t pid : sys::children_of(below)) {
    if (asked_.insert(pid).second) {
      send(pid, SIGTERM);
      send(pid, SIGCONT);
    }
    if (!is_launcher(pid)) ask_to_end(pid);
  }
}

void Supervisor::step() {
  reap();
  switch (sequence_.next(base::system_clock().now(), !ProcessTree::none_left())) {
    case StopSequence::Step::kNone:
      return;
    case StopSequence::Step::kTerminate:
      ask_to_end(sys::own_pid());
      break;
    case StopSequence::Step::kKill:
      end_.survivors = ProcessTree::describe(ProcessTree::kill_all(StopSequence::kKillTime));
      io_.stop();
      return;
    case StopSequence::Step::kDone:
      io_.stop();
      return;
  }
  arm(kStopStep);
}

// ctest has ended by itself. Launchers clear up behind their tests; other tests may leave
// processes.
void Supervisor::clear_leftovers() {
  const auto wait_until_none = [](std::chrono::milliseconds limit) {
    const auto until = base::system_clock().now() + limit;
    for (;;) {
      while (ProcessTree::reap_one()) {
      }
      if (ProcessTree::none_left()) return true;
      if (base::system_clock().now() >= until) return false;
      sys::wait_for_child_event(10ms);
    }
  };
  if (wait_until_none(kLeftoverPatience)) return;
  for (const base::ProcessNote& note : ProcessTree::describe(ProcessTree::living()))
    if (!is_launcher(note.pid)) end_.leftovers.push_back(note);
  ask_to_end(sys::own_pid());
  if (wait_until_none(kLeftoverTerm)) return;
  end_.survivors = ProcessTree::describe(ProcessTree::kill_all(StopSequence::kKillTime));
}

// Their launchers are dead: killed here, or with their ctest, before the engine was done.
void Supervisor::remove_containers() {
  std::vector<std::string> names = supervise::dead_control_directories();
  std::erase_if(names, [this](const auto& name) { return dead_before_.contains(name); });
  if (names.empty()) return;
  end_.removal_deadline = sequence_.active() ? sequence_.removal_deadline()
                                             : base::system_clock().now() + kRemovalPatience;
  auto removal = supervise::ContainerRemoval::start(names);
  if (removal)
    end_.removal.emplace(std::move(*removal));
  else
    say("test-launcher: {} containers may be left over ({}): test-launcher reap\n", names.size(),
        removal.error().message());
}

Result<SupervisedEnd> Supervisor::supervise() {
  SPECGUARD_TRY_VOID(sys::become_subreaper());
  for (std::string& name : supervise::dead_control_directories())
    dead_before_.insert(std::move(name));
  const sys::InheritedSignals inherited = sys::InheritedSignals::capture();
  sys::ignore_broken_pipes();
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP})
    if (!inherited.ignores(signal)) signals_.add(signal);  // nohup keeps its promise
  if (run_.limits && run_.limits->watches_anything()) {
    auto watch = MachineWatch::open(*run_.limits, run_.build_dir);
    if (watch)
      watch_.emplace(std::move(*watch));
    else
      say("test-launcher: the machine is not watched: {}\n", watch.error().message());
  }
  SPECGUARD_TRY(ctest_, start_ctest(io_, run_.ctest));
  wait_for_signal();
  if (watch_) look();
  if (watch_ && !sequence_.active()) arm(kLookEvery);
  io_.run();
  if (!end_.stop) clear_leftovers();
  remove_containers();
  return std::move(end_);
}

}  // namespace

Result<SupervisedEnd> supervise_ctest(const SupervisedRun& run) {
  try {
    return Supervisor(run).supervise();
  } catch (const std::exception& error) {
    return base::Error(fmt::format("supervise ctest: {}", error.what()));
  }
}

}  // namespace specguard::session
