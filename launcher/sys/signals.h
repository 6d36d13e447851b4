// Signals as the launcher needs them: received as data, and given back to the test as they were
// found.
#pragma once

#include <array>
#include <csignal>
#include <optional>
#include <span>

#include "base/result.h"
#include "sys/fd.h"

namespace specguard::sys {

// What the launcher was started with, of all that it changes itself. Tests get it back: under ctest
// everything is at its default and unblocked, under nohup SIGHUP stays ignored.
class InheritedSignals {
 public:
  // Remembers the mask and what is ignored in the calling process.
  static InheritedSignals capture();

  // Puts them back; in the child between fork and exec, async-signal-safe. Handlers need no care:
  // exec resets them.
  void restore() const;

  bool ignores(int signal) const;

 private:
  // Those the launcher blocks, ignores (SIGPIPE) or does not ignore (SIGCHLD).
  static constexpr std::array kTouched = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD};
  sigset_t mask_{};
  std::array<bool, kTouched.size()> ignored_{};
};

// Signals that arrive as data. They are blocked in the calling process from then on.
class SignalFd {
 public:
  static base::Result<SignalFd> open(std::span<const int> signals);

  // The next signal that has arrived, if any; never blocks.
  std::optional<int> take() const;

  int fd() const { return fd_.get(); }
  int release() { return fd_.release(); }

 private:
  explicit SignalFd(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// From here on a reader that went away is an error of write() and not the end of this process.
// Tests get SIGPIPE back as it was found (InheritedSignals, captured before).
void ignore_broken_pipes();

// Blocks every signal in the calling process; InheritedSignals gives a child back what was before.
void block_all_signals();

sigset_t signal_set(std::span<const int> signals);

// "SIGTERM"; "signal 42" for one without a name.
std::string signal_name(int signal);

// Ends the calling process by the signal, without a core dump of the launcher's own. SIGKILL where
// the signal's default action does not end a process.
[[noreturn]] void die_by_signal(int signal);

}  // namespace specguard::sys
