#include "supervise/front.h"

#include <fmt/format.h>

#include <cstdlib>

#include "supervise/explain.h"
#include "supervise/keeper.h"
#include "supervise/process_tree.h"
#include "sys/process_control.h"
#include "sys/stream.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using base::Outcome;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What the keeper sends when all is done: as much as the front needs to end in the same way.
struct Report {
  Outcome outcome = Outcome::kLauncherError;
  int exit_code = 0;
  int signal = 0;
  int stop_signal = 0;
};

constexpr std::array kHandedOn = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
constexpr milliseconds kKillLimit = 10s;
constexpr milliseconds kForever{-1};
// ctest's timer was set when it started us, a little before our own clock began.
constexpr milliseconds kCtestTimerSlack = 5s;

class Front {
 public:
  Front(Attempt attempt, const AttemptHooks& hooks, const FrontOptions& options)
      : attempt_(std::move(attempt)), hooks_(hooks), options_(options) {}

  [[noreturn]] void run() {
    const auto report = supervise();
    const LauncherEnd end = report ? end_of(*report) : end_of(give_up(report.error()));
    if (end.kind == LauncherEnd::Kind::kAwaitCtest) await_ctest();
    end_launcher(end);
  }

 private:
  base::Result<Report> supervise() {
    sys::ignore_broken_pipes();  // ctest's, once it is dead
    SPECGUARD_TRY(signals_, sys::SignalFd::open(kHandedOn));
    SPECGUARD_TRY_VOID(sys::become_subreaper());
    if (attempt_.under_ctest) {
      SPECGUARD_TRY(const bool parent_lives, sys::ask_for_parent_death_signal(SIGTERM, parent_));
      // It may have died before we asked who it is: then its end of our output is closed.
      if (!parent_lives || sys::reader_is_gone(1))
        return base::Error("ctest died before the test began");
    }
    SPECGUARD_TRY(sys::Pipe life, sys::open_pipe());
    SPECGUARD_TRY(sys::Pipe report, sys::open_pipe());
    SPECGUARD_TRY(keeper_, sys::fork_process());
    if (keeper_ == 0) {
      life.write_end.reset();
      report.read_end.reset();
      signals_.reset();
      keep(std::move(life.read_end), report.write_end.get());
    }
    life.read_end.reset();
    report.write_end.reset();
    return await_report(life.write_end.get(), report.read_end.get());
  }

  // The keeper's whole life. Boost throws where there is no event loop to be had; the front clears
  // up then, and says that the keeper gave no answer.
  [[noreturn]] void keep(sys::UniqueFd front, int report_fd) noexcept {
    try {
      Keeper keeper(attempt_, hooks_, inherited_, std::move(front));
      const base::AttemptResult result = keeper.run();
      const Report report{result.outcome, result.exit_code, result.signal, keeper.stop_signal()};
      [[maybe_unused]] const auto sent =
          sys::write_all(report_fd, std::as_bytes(std::span(&report, 1)));
      std::_Exit(0);
    } catch (const std::exception& error) {
      sys::write_within(2, fmt::format("test-launcher: keeper: {}\n", error.what()), 1s);
      std::_Exit(1);
    }
  }

  base::Result<Report> await_report(int life_fd, int report_fd) {
    for (;;) {
      SPECGUARD_TRY(const auto ready, sys::wait_readable({report_fd, signals_->fd()}, kForever));
      if (ready == report_fd) break;
      while (const auto signal = signals_->take()) hand_on(*signal, life_fd);
    }
    Report report;
    SPECGUARD_TRY(const std::size_t size,
                  sys::read_some(report_fd, std::as_writable_bytes(std::span(&report, 1))));
    int status = 0;
    sys::wait_for(keeper_, status);
    // What the keeper had no means to end (no descriptors, no memory) has become the front's.
    if (!ProcessTree::none_left()) ProcessTree::kill_all(kKillLimit);
    if (size == sizeof report) return report;
    return base::Error(sys::was_signalled(status)
                           ? fmt::format("the keeper of the test was killed ({})",
                                         sys::signal_name(sys::terminating_signal(status)))
                           : std::string("the keeper of the test ended without a word"));
  }

  void hand_on(int signal, int life_fd) {
    if (inherited_.ignores(signal)) return;  // under nohup a hangup is no reason to stop
    auto byte = static_cast<unsigned char>(signal);
    if (signal == SIGTERM && attempt_.under_ctest && sys::parent_pid() != parent_)
      byte |= kCtestDied;
    // Fails only where the keeper is dead; then its report pipe has ended, too, and that is looked
    // at next.
    [[maybe_unused]] const auto sent = sys::write_all(life_fd, std::as_bytes(std::span(&byte, 1)));
    // ctest stops a tree before it kills it; where it died in between, the keeper still sleeps.
    sys::send_to_child(keeper_, SIGCONT);
  }

  // Without a keeper: what it left are the front's own children by now.
  Report give_up(const base::Error& error) {
    base::AttemptResult result;
    result.outcome = Outcome::kLauncherError;
    result.evidence.reason = error.message();
    result.evidence.killed = ProcessTree::describe(ProcessTree::living());
    result.usage.wall = steady_clock::now() - began_;
    ProcessTree::kill_all(kKillLimit);
    if (attempt_.backend) {
      attempt_.backend->force_stop();
      [[maybe_unused]] const auto warning = attempt_.backend->clean_up();
    }
    if (hooks_.finished) hooks_.finished(result);
    sys::write_within(2, explain(result), 1s);
    return {.outcome = result.outcome};
  }

  LauncherEnd end_of(const Report& report) const {
    base::AttemptResult result;
    result.outcome = report.outcome;
    result.exit_code = report.exit_code;
    result.signal = report.signal;
    EndOptions end = options_.end;
    end.stop_signal = report.stop_signal;
    return decide_end(result, end);
  }

  // Everything is cleaned up; only ctest's timer is still to fire, and kills this process.
  void await_ctest() {
    const auto until = began_ + options_.ctest_timeout + kCtestTimerSlack;
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    [[maybe_unused]] const auto signal = sys::wait_readable({signals_->fd()}, std::max(left, 0ms));
  }

  Attempt attempt_;
  const AttemptHooks& hooks_;
  const FrontOptions& options_;
  const steady_clock::time_point began_ = steady_clock::now();
  const pid_t parent_ = sys::parent_pid();
  const sys::InheritedSignals inherited_ = sys::InheritedSignals::capture();
  std::optional<sys::SignalFd> signals_;
  pid_t keeper_ = 0;
};

}  // namespace

void run_attempt(Attempt attempt, const AttemptHooks& hooks, const FrontOptions& options) {
  Front(std::move(attempt), hooks, options).run();
}

void end_launcher(const LauncherEnd& end) {
  // Nothing is left to flush or to destroy, and a front that lingers delays ctest: so no exit
  // handlers.
  if (end.kind == LauncherEnd::Kind::kExit) std::_Exit(end.value);
  sys::die_by_signal(end.kind == LauncherEnd::Kind::kSignal ? end.value : SIGKILL);
}

}  // namespace specguard::supervise
