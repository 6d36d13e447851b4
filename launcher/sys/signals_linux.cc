#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sys/signals.h"
#include "sys/syscalls.h"

namespace specguard::sys {

InheritedSignals InheritedSignals::capture() {
  InheritedSignals inherited;
  ::sigprocmask(SIG_SETMASK, nullptr, &inherited.mask_);
  for (std::size_t i = 0; i < kTouched.size(); ++i) {
    struct sigaction action {};
    ::sigaction(kTouched[i], nullptr, &action);
    inherited.ignored_[i] = action.sa_handler == SIG_IGN;
  }
  return inherited;
}

void InheritedSignals::restore() const {
  for (std::size_t i = 0; i < kTouched.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = ignored_[i] ? SIG_IGN : SIG_DFL;
    ::sigaction(kTouched[i], &action, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

bool InheritedSignals::ignores(int signal) const {
  for (std::size_t i = 0; i < kTouched.size(); ++i)
    if (kTouched[i] == signal) return ignored_[i];
  return false;
}

base::Result<SignalFd> SignalFd::open(std::span<const int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  if (calls().sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
    return base::Error::from_errno("block signals", errno);
  UniqueFd fd(calls().signalfd(&set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return base::Error::from_errno("open a signalfd", errno);
  return SignalFd(std::move(fd));
}

std::optional<int> SignalFd::take() const {
  signalfd_siginfo info{};
  for (;;) {
    const ssize_t got = calls().read(fd_.get(), &info, sizeof info);
    if (got == sizeof info) return static_cast<int>(info.ssi_signo);
    if (got < 0 && errno == EINTR) continue;
    return std::nullopt;
  }
}

void ignore_broken_pipes() {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  calls().sigprocmask(SIG_BLOCK, &all, nullptr);
}

sigset_t signal_set(std::span<const int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

std::string signal_name(int signal) {
  const char* abbreviation = ::sigabbrev_np(signal);
  return abbreviation != nullptr ? fmt::format("SIG{}", abbreviation)
                                 : fmt::format("signal {}", signal);
}

void die_by_signal(int signal) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // a core_pattern that is a pipe ignores RLIMIT_CORE
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  ::kill(::getpid(), signal);
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace specguard::sys
