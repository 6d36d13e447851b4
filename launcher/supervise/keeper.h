// Keeper: the process that owns a test's whole process tree, from its first process to the last
// orphan.
//
// It runs in a process of its own between the front (what ctest started) and the test, as leader of
// a session of its own and as child subreaper, so that no terminal and no group signal reaches it
// and no orphan gets past it. It promises that when run() returns nothing of the test lives, or
// that the result names what could not be ended. It ends the tree
//   - when the test's first process has ended: what is still there a moment later is a leak;
//   - when a limit is met, the front asks, or the rooms above ask (AttemptHooks::watch);
//   - when the front is gone: the pipe from it, on which nothing else is written, comes to its end.
// The order is always SIGTERM, kill_after, SIGKILL, and again until wait(2) says that no child is
// left.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "supervise/attempt.h"
#include "supervise/end_requests.h"
#include "supervise/output.h"
#include "supervise/output_tail.h"
#include "supervise/verdict.h"
#include "sys/fd.h"
#include "sys/signals.h"

namespace specguard::supervise {

// A byte from the front: a signal number, with this bit where the signal says that ctest has died.
inline constexpr unsigned char kCtestDied = 0x80;

class Keeper {
 public:
  // In the keeper's process, right after the fork. `front` is the read end of the pipe whose only
  // write end the front has. All references must outlive the keeper.
  Keeper(Attempt& attempt, const AttemptHooks& hooks, const sys::InheritedSignals& inherited,
         sys::UniqueFd front);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Runs the attempt to its end, explains it on standard error, and returns what came of it. Call
  // once.
  base::AttemptResult run();

  // The signal to the launcher that ended the attempt; 0 where none did.
  int stop_signal() const { return stop_ ? stop_->signal : 0; }

 private:
  enum class Phase {
    kRunning,
    kLeftovers,    // the test has ended; what it left may still end by itself
    kTerminating,  // SIGTERM is sent
  };

  base::Result<void> start();
  void run_loop();
  base::Result<void> open_output();
  base::Result<void> start_test(const LaunchPlan& plan);
  void arm_timers();
  void arm_idle_timer(std::chrono::nanoseconds in);
  void arm_poll_timer();
  void arm_watch_timer();

  void watch_signals();
  void watch_front();
  void on_front_says(unsigned char byte);
  void reap();
  void on_leftovers(bool of_an_engine);

  // The launcher itself cannot go on.
  void fail(std::string_view what, int errno_value);
  void stop(StopCause cause, std::chrono::milliseconds grace);
  void stop_for_limit(base::Outcome outcome, std::string reason, std::string limit,
                      std::string peak);
  void terminate(std::chrono::milliseconds grace);
  void arm_grace(std::chrono::milliseconds grace);

  std::vector<pid_t> test_processes() const;
  base::AttemptResult conclude();
  base::AttemptResult could_not_start(const base::Error& error);
  base::AttemptResult finish(base::AttemptResult result);
  void measure(base::AttemptResult& result);
  void say(std::string_view text) const;

  Attempt& attempt_;
  const AttemptHooks& hooks_;
  const sys::InheritedSignals& inherited_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

  boost::asio::io_context io_{1};
  boost::asio::posix::stream_descriptor front_{io_};
  boost::asio::posix::stream_descriptor signal_events_{io_};
  boost::asio::steady_timer timeout_{io_};
  boost::asio::steady_timer idle_{io_};
  boost::asio::steady_timer poll_{io_};
  boost::asio::steady_timer watch_{io_};
  boost::asio::steady_timer grace_{io_};

  sys::UniqueFd front_fd_;
  std::optional<sys::SignalFd> signals_;
  std::unique_ptr<ResourceControl> resources_;
  std::unique_ptr<OutputPump> output_;
  std::unique_ptr<ResultsReader> results_;
  OutputTail tail_;

  Phase phase_ = Phase::kRunning;
  pid_t main_pid_ = 0;
  std::optional<int> main_status_;
  std::optional<StopCause> stop_;
  EndRequests requests_;
  std::vector<base::ProcessNote> leaked_;
  std::size_t unnamed_ = 0;  // leaked besides those
  std::chrono::steady_clock::time_point last_output_ = began_;
  unsigned char byte_from_front_ = 0;
};

}  // namespace specguard::supervise
