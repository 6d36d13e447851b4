#include "supervise/keeper.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <cerrno>

#include "base/quantity.h"
#include "supervise/diagnosis.h"
#include "supervise/explain.h"
#include "supervise/process_tree.h"
#include "supervise/spawn.h"
#include "supervise/tree_sample.h"
#include "sys/environment.h"
#include "sys/lineage.h"
#include "sys/process_control.h"
#include "sys/stream.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using base::Outcome;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A pipeline's last process often outlives its first by a moment; that is no leak.
constexpr milliseconds kLeftoverGrace = 100ms;
// Nobody waits for a test whose launcher or ctest is dead.
constexpr milliseconds kOrphanedGrace = 500ms;
// A person, or a CI system about to kill the job, is waiting.
constexpr milliseconds kCancelledGrace = 1000ms;
// What cannot be killed within this is in uninterruptible sleep.
constexpr milliseconds kKillLimit = 10s;
// How long a reader may take for the last of the output.
constexpr milliseconds kDrainLimit = 5s;

// Boost does not look whether its timer could be set (timerfd_settime(2), epoll_ctl(2)), and a test
// without a timeout may run for ever: so the keeper looks whether its own ticks come.
constexpr milliseconds kTimerCheck = 1s;
constexpr std::string_view kReadOutput = "read the output of the test";

}  // namespace

Keeper::Keeper(Attempt& attempt, const AttemptHooks& hooks, const sys::InheritedSignals& inherited,
               sys::UniqueFd front)
    : attempt_(attempt), hooks_(hooks), inherited_(inherited), front_fd_(std::move(front)) {}

Keeper::~Keeper() {
  if (signal_events_.is_open()) signal_events_.release();  // signals_ owns it
}

base::AttemptResult Keeper::run() {
  if (auto started = start(); !started) return could_not_start(started.error());
  run_loop();
  return conclude();
}

void Keeper::run_loop() {
  while (!io_.stopped()) {
    io_.run_for(kTimerCheck);
    io_.poll();  // after a long sleep of the machine or of this process, all is due at once
    const auto overdue = steady_clock::now() - kTimerCheck;
    if (phase_ == Phase::kRunning && poll_.expiry() < overdue) {
      fail("set a timer", EIO);
      return;
    }
    if (phase_ != Phase::kRunning && grace_.expiry() < overdue) return;
  }
}

base::Result<void> Keeper::start() {
  SPECGUARD_TRY_VOID(sys::become_session_leader());
  SPECGUARD_TRY_VOID(sys::become_subreaper());
  constexpr std::array kWatched = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  SPECGUARD_TRY(signals_, sys::SignalFd::open(kWatched));
  SPECGUARD_TRY(resources_, ResourceControl::open(attempt_.limits, attempt_.id));
  for (const std::string& warning : resources_->warnings())
    say(fmt::format("test-launcher: warning: {}\n", warning));

  LaunchPlan plan{.command = attempt_.command,
                  .environment = sys::environment_with(attempt_.environment),
                  .directory = {}};
  if (attempt_.backend) SPECGUARD_TRY_VOID(attempt_.backend->prepare(plan));
  results_ = make_results_reader(attempt_.results);
  SPECGUARD_TRY_VOID(open_output());

  error_code ec;
  front_.assign(front_fd_.get(), ec);
  if (!ec) front_fd_.release();
  if (!ec) signal_events_.assign(signals_->fd(), ec);
  if (ec) return base::Error::from_errno("watch for events", ec.value());

  SPECGUARD_TRY_VOID(start_test(plan));
  watch_front();
  watch_signals();
  arm_timers();
  reap();  // what ended before the signals were watched
  return {};
}

base::Result<void> Keeper::open_output() {
  // ctest waits until nobody holds its pipe any more. Where it also kills front and
  // keeper by its own TIMEOUT, a process that escaped would make it wait for ever: so tests never
  // get ctest's pipe itself.
  const bool nobody_looks = attempt_.results.format == ResultsFormat::kExit &&
                            !attempt_.limits.output_bytes && !attempt_.limits.idle_timeout &&
                            !attempt_.under_ctest &&
                            !(attempt_.backend && attempt_.backend->hears());
  if (nobody_looks) return {};
  OutputPump::Options options;
  options.limit_bytes = attempt_.limits.output_bytes.value_or(UINT64_MAX);
  options.on_output = [this](OutputStream stream, std::string_view chunk) {
    last_output_ = steady_clock::now();
    results_->read(stream, chunk);
    if (attempt_.backend) attempt_.backend->hear(chunk);
    tail_.add(chunk);
  };
  options.on_limit = [this] {
    stop_for_limit(Outcome::kOutputLimit, "printed more than it may; the rest was dropped",
                   base::format_size(*attempt_.limits.output_bytes),
                   base::format_size(output_->total_bytes()));
  };
  options.on_failure = [this](int errno_value) { fail(kReadOutput, errno_value); };
  SPECGUARD_TRY(output_, OutputPump::open(io_, std::move(options)));
  return {};
}

base::Result<void> Keeper::start_test(const LaunchPlan& plan) {
  SPECGUARD_TRY(const sys::Lineage lineage, sys::Lineage::of_this_process());
  SpawnOptions options;
  options.start = {.keeper = sys::own_pid(),
                   .lineage_tag = lineage.encode(),
                   .out_fd = output_ ? output_->child_out() : 1,
                   .err_fd = output_ ? output_->child_err() : 2,
                   .close_other_fds = attempt_.under_ctest,
                   .signals = &inherited_};
  options.limits = &resources_->child_limits();
  options.backend = attempt_.backend.get();
  const auto started = spawn(plan, options);
  if (!started) {
    const base::Error& error = started.error();
    std::string remedy =
        attempt_.backend ? attempt_.backend->remedy(error.errno_value()) : std::string();
    if (remedy.empty() && error.errno_value() == ENOMEM && attempt_.limits.memory_bytes)
      remedy = fmt::format("--memory {} may be too little even to start it",
                           base::format_size(*attempt_.limits.memory_bytes));
    return remedy.empty() ? error : base::Error(error.message() + "; " + remedy);
  }
  main_pid_ = *started;
  if (output_) {
    output_->close_child_ends();
    output_->start();
  }
  return {};
}

void Keeper::arm_timers() {
  if (const auto& limit = attempt_.limits.timeout) {
    timeout_.expires_at(began_ + *limit);
    timeout_.async_wait([this, limit](const error_code& ec) {
      if (ec) return;
      stop_for_limit(Outcome::kTimeout, "still running when its time was over",
                     base::format_duration(*limit),
                     base::format_duration(steady_clock::now() - began_));
    });
  }
  if (attempt_.limits.idle_timeout) arm_idle_timer(*attempt_.limits.idle_timeout);
  arm_poll_timer();
  if (hooks_.watch && hooks_.watch_interval > 0ms) arm_watch_timer();
}

void Keeper::arm_idle_timer(std::chrono::nanoseconds in) {
  idle_.expires_after(in);
  idle_.async_wait([this](const error_code& ec) {
    if (ec) return;
    const auto silence = steady_clock::now() - last_output_;
    const auto limit = *attempt_.limits.idle_timeout;
    if (silence < limit) return arm_idle_timer(limit - silence);
    stop_for_limit(Outcome::kIdleTimeout, "printed nothing for too long",
                   base::format_duration(limit), base::format_duration(silence));
  });
}

void Keeper::arm_poll_timer() {
  poll_.expires_after(resources_->poll_interval());
  poll_.async_wait([this](const error_code& ec) {
    if (ec || phase_ != Phase::kRunning) return;
    const auto breach = resources_->poll(ProcessTree::living());
    // Any time that it gets from here on, it goes on eating.
    if (breach) return stop({breach->outcome, breach->evidence}, 0ms);
    arm_poll_timer();
  });
}

void Keeper::arm_watch_timer() {
  watch_.expires_after(hooks_.watch_interval);
  watch_.async_wait([this](const error_code& ec) {
    if (ec || phase_ != Phase::kRunning) return;
    if (const auto request = hooks_.watch())
      return stop({Outcome::kAborted, {.reason = request->reason}}, kCancelledGrace);
    arm_watch_timer();
  });
}

void Keeper::watch_signals() {
  signal_events_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                            [this](const error_code& ec) {
                              if (ec == boost::asio::error::operation_aborted) return;
                              if (ec) return fail("wait for signals", ec.value());
                              while (const auto signal = signals_->take())
                                if (*signal != SIGCHLD)
                                  on_front_says(static_cast<unsigned char>(*signal));
                              reap();
                              watch_signals();
                            });
}

void Keeper::watch_front() {
  front_.async_read_some(boost::asio::buffer(&byte_from_front_, 1),
                         [this](const error_code& ec, std::size_t) {
                           if (ec == boost::asio::error::operation_aborted) return;
                           if (!ec) {
                             on_front_says(byte_from_front_);
                             return watch_front();
                           }
                           if (ec != boost::asio::error::eof)
                             return fail("listen to the launcher", ec.value());
                           stop({Outcome::kAborted, {.reason = "the launcher was killed"}},
                                std::min(attempt_.limits.kill_after, kOrphanedGrace));
                         });
}

void Keeper::on_front_says(unsigned char byte) {
  const int signal = byte & ~kCtestDied;
  if (signal == SIGUSR1 || signal == SIGUSR2) {
    if (!main_status_) sys::send_to_child(main_pid_, signal);
    return;
  }
  const bool ctest_died = (byte & kCtestDied) != 0;
  StopCause cause{
      Outcome::kAborted,
      {.reason = ctest_died ? "ctest died" : fmt::format("by {}", sys::signal_name(signal))},
      signal};
  stop(std::move(cause),
       std::min(attempt_.limits.kill_after, ctest_died ? kOrphanedGrace : kCancelledGrace));
}

void Keeper::reap() {
  while (const auto ended = ProcessTree::reap_one())
    if (ended->pid == main_pid_) main_status_ = ended->status;
  if (!main_status_) return;
  if (ProcessTree::none_left()) return io_.stop();
  if (phase_ != Phase::kRunning) return;
  phase_ = Phase::kLeftovers;
  timeout_.cancel();
  idle_.cancel();
  const auto afterwork =
      attempt_.backend ? attempt_.backend->afterwork(sys::exited(*main_status_)) : std::nullopt;
  grace_.expires_after(afterwork.value_or(kLeftoverGrace));
  grace_.async_wait([this, engine = afterwork.has_value()](const error_code& ec) {
    if (!ec) on_leftovers(engine);
  });
}

void Keeper::on_leftovers(bool of_an_engine) {
  if (!of_an_engine) leaked_ = ProcessTree::describe(ProcessTree::living(), &unnamed_);
  terminate(attempt_.limits.kill_after);
}

void Keeper::stop_for_limit(Outcome outcome, std::string reason, std::string limit,
                            std::string peak) {
  if (phase_ == Phase::kRunning && outcome != Outcome::kOutputLimit)
    say(diagnose(test_processes(), {.interruption = {front_.native_handle()}}));
  stop({outcome,
        {.reason = std::move(reason),
         .limit = std::move(limit),
         .peak = std::move(peak),
         .mechanism = outcome == Outcome::kOutputLimit ? "pipe" : "timer"}},
       attempt_.limits.kill_after);
}

void Keeper::fail(std::string_view what, int errno_value) {
  const base::Error error = base::Error::from_errno(what, errno_value);
  stop({Outcome::kLauncherError, {.reason = error.message()}}, 0ms);
}

void Keeper::stop(StopCause cause, milliseconds grace) {
  const bool same = cause.signal != 0 && requests_.is_same(steady_clock::now());
  if (phase_ == Phase::kTerminating) {
    // A second request, or a dead front: no more patience. A second limit: the first one counts.
    if (cause.outcome == Outcome::kAborted && !same) arm_grace(0ms);
    return;
  }
  if (phase_ == Phase::kRunning) {  // else the test has ended, and this is about its leftovers only
    cause.evidence.killed = ProcessTree::describe(test_processes(), &cause.evidence.unnamed);
    stop_ = std::move(cause);
  }
  terminate(grace);
}

void Keeper::terminate(milliseconds grace) {
  phase_ = Phase::kTerminating;
  if (!attempt_.backend || !attempt_.backend->request_stop()) ProcessTree::terminate();
  arm_grace(grace);
}

void Keeper::arm_grace(milliseconds grace) {
  grace_.expires_after(grace);
  grace_.async_wait([this](const error_code& ec) {
    if (!ec) io_.stop();
  });
}

std::vector<pid_t> Keeper::test_processes() const {
  auto elsewhere = attempt_.backend ? attempt_.backend->processes() : std::nullopt;
  return elsewhere ? std::move(*elsewhere) : ProcessTree::living();
}

base::AttemptResult Keeper::conclude() {
  std::vector<pid_t> survivors;
  if (!ProcessTree::none_left() || !main_status_) {
    if (attempt_.backend) attempt_.backend->force_stop();
    resources_->kill_all();
    // It is found even where /proc cannot be read.
    if (!main_status_) sys::send_to_child(main_pid_, SIGKILL);
    survivors = ProcessTree::kill_all(kKillLimit, main_pid_, &main_status_);
  }
  Observation observation{
      .stop = stop_, .leaked = leaked_, .unnamed = unnamed_, .leaks = attempt_.leaks};
  const int status = main_status_.value_or(0);
  if (sys::exited(status)) observation.ending.exit_code = sys::exit_code(status);
  if (sys::was_signalled(status)) observation.ending.signal = sys::terminating_signal(status);
  if (output_) output_->finish(kDrainLimit);
  // What was not read may have been a failure.
  if (output_ && output_->failure() != 0 && !observation.stop) {
    const base::Error error = base::Error::from_errno(kReadOutput, output_->failure());
    observation.stop = StopCause{Outcome::kLauncherError, {.reason = error.message()}};
  }
  observation.breach = resources_->breach_at_end(observation.ending);
  if (attempt_.backend) {
    auto breach = attempt_.backend->interpret_end(observation.ending);
    if (!observation.breach) observation.breach = std::move(breach);
    for (base::ProcessNote& left : attempt_.backend->left_behind())
      observation.leaked.push_back(std::move(left));
  }
  if (observation.ending.signal == 0)
    observation.results = results_->finish(observation.ending.exit_code);

  base::AttemptResult result = judge(std::move(observation));
  if (!survivors.empty() || !main_status_) {
    result.outcome = Outcome::kLauncherError;
    result.evidence.reason =
        "processes of the test could not be ended, even by SIGKILL; they are in "
        "uninterruptible sleep or run as another user";
    result.evidence.killed = ProcessTree::describe(survivors);
  }
  measure(result);
  return finish(std::move(result));
}

base::AttemptResult Keeper::could_not_start(const base::Error& error) {
  ProcessTree::kill_all(kKillLimit);
  base::AttemptResult result;
  result.outcome = Outcome::kLauncherError;
  result.evidence.reason = error.message();
  result.usage.wall = steady_clock::now() - began_;
  return finish(std::move(result));
}

base::AttemptResult Keeper::finish(base::AttemptResult result) {
  if (attempt_.backend)
    if (const auto warning = attempt_.backend->clean_up())
      say(fmt::format("test-launcher: warning: {}\n", *warning));
  resources_.reset();
  if (!base::is_success(result.outcome)) result.output_tail = tail_.text();
  if (hooks_.finished) hooks_.finished(result);  // first of all: a reader may be slow, or dead
  std::string text = explain(result);
  if (attempt_.verbose) text += explain_usage(result);
  say(text);
  if (attempt_.dashboard) sys::write_within(1, dashboard_measurements(result), 1s);
  return result;
}

void Keeper::measure(base::AttemptResult& result) {
  base::Usage& usage = result.usage;
  usage.wall = steady_clock::now() - began_;
  set_usage_of_children(usage);
  resources_->measure(usage);
  if (attempt_.backend) attempt_.backend->measure(usage);
}

void Keeper::say(std::string_view text) const {
  if (!text.empty()) sys::write_within(2, text, 1s);
}

}  // namespace specguard::supervise
