#include "supervise/spawn.h"

#include <fmt/format.h>

#include <array>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/text.h"
#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/syscalls.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

namespace process = boost::process::v2;
using boost::system::error_code;

error_code system_error(int errno_value) {
  return {errno_value, boost::system::system_category()};
}

// The child's way from fork to exec. Its members are the launcher's words about a failure, too.
class EnterAttempt {
 public:
  EnterAttempt(const SpawnOptions& options, sys::StepFailure& failure)
      : options_(options), failure_(failure) {}

  // Returns only where the child could not become the program.
  template <typename Launcher>
  error_code on_exec_setup(Launcher& launcher, const process::filesystem::path& executable,
                           const char* const*(&argv)) {
    failure_ = sys::begin_child(options_.start);
    if (!failure_ && options_.limits != nullptr)
      if (const int error = sys::enter_limits(*options_.limits); error != 0)
        failure_ = {error, "apply the limits"};
    auto execute = [&] {
      sys::finish_child(options_.start);
      launcher.execute(executable, argv);
    };
    if (!failure_ && options_.backend != nullptr) {
      const auto rest = [&] {
        execute();
        launcher.report_failure();
      };
      using Rest = decltype(rest);
      failure_ = options_.backend->set_up_child(
          {.run = [](void* argument) { (*static_cast<Rest*>(argument))(); },
           .argument = const_cast<void*>(static_cast<const void*>(&rest)),
           .stack = launcher.stack()});
    }
    if (!failure_) execute();
    return system_error(failure_.errno_value);
  }

 private:
  const SpawnOptions& options_;
  sys::StepFailure& failure_;
};

// default_launcher, but: the child goes through the system-call table and may get namespaces; it
// does not rebuild the event loop, which it leaves at once (notify_fork); PATH is searched; the
// failing step comes back with its errno; a child that cannot execute runs no exit handlers. No
// basic_process is made of it: that would open and watch a pidfd, which nobody here needs.
class GuardedLauncher : public process::posix::default_launcher {
 public:
  GuardedLauncher(int clone_flags, bool may_share_memory, sys::StepFailure& failure)
      : clone_flags_(clone_flags), may_share_memory_(may_share_memory), failure_(failure) {}

  // The pid; or -1 with `failure`.
  template <typename Init>
  pid_t start(const std::string& executable, const std::vector<std::string>& args, Init& init) {
    const process::filesystem::path path(executable);
    const char* const* argv = this->build_argv_(path, args);
    if (const error_code ec = process::posix::detail::on_setup(*this, path, argv, init)) {
      failure_ = {ec.value(), "prepare"};
      return -1;
    }
    make_stack(args.size());
    Child<Init> child{*this, path, argv, init};
    // In namespaces, parent and child have to speak before the program starts.
    const bool shares = may_share_memory_ && clone_flags_ == 0;
    pid = shares ? start_sharing(child) : start_by_fork(child);
    if (failure_ && pid > 0) {
      sys::calls().kill(pid, SIGKILL);  // it may be running where only the pipe failed; not yet
                                        // waited for, so the pid is its
      int status = 0;
      sys::wait_for(pid, status);
      pid = -1;
    }
    return pid;
  }

  // The rest is called in the child.

  // Returns only with a failure.
  void execute(const process::filesystem::path& executable, const char* const* argv) noexcept {
    sys::calls().execvpe(executable.c_str(), const_cast<char* const*>(argv),
                         const_cast<char* const*>(env));
    failure_ = {errno, "run"};
  }

  // In a child by fork, and in what it starts inside of namespaces. Its exit code would pass for
  // the test's own, were the parent not to hear of the failure.
  void report_failure() noexcept {
    if (sys::calls().write(report_fd_, &failure_, sizeof failure_) != sizeof failure_)
      sys::die_by_signal(SIGKILL);
  }

  // For a child that shares its parent's memory.
  std::span<std::byte> stack() const { return stack_; }

 private:
  template <typename Init>
  struct Child {
    GuardedLauncher& launcher;
    const process::filesystem::path& executable;
    const char* const* argv;
    Init& init;

    void become() { process::posix::detail::on_exec_setup(launcher, executable, argv, init); }
  };

  // execvpe needs room for a path of PATH, and again for the arguments where it finds a script
  // without an interpreter. What is not touched costs nothing.
  void make_stack(std::size_t words) {
    constexpr std::size_t kStackBytes = 256 * 1024;
    constexpr std::size_t kMostWords = 4096;
    alignas(16) static std::array<std::byte, kStackBytes> usual;
    stack_ = usual;
    if (words < kMostWords) return;
    const std::size_t bytes = kStackBytes + words * sizeof(char*) / 16 * 16;
    large_stack_.reset(new std::byte[bytes]);  // not make_unique, which would write to all of it
    stack_ = {large_stack_.get(), bytes};
  }

  // The child writes its failure where the parent reads it.
  template <typename Init>
  pid_t start_sharing(Child<Init>& child) {
    constexpr auto kRun = [](void* argument) {
      static_cast<Child<Init>*>(argument)->become();
      return 127;
    };
    const pid_t started = sys::calls().clone_vfork(kRun, &child, stack_);
    if (started < 0) failure_ = {errno, "fork"};
    return started;
  }

  template <typename Init>
  pid_t start_by_fork(Child<Init>& child) {
    auto pipe = sys::open_pipe();
    if (!pipe) {
      failure_ = {pipe.error().errno_value(), "create a pipe"};
      return -1;
    }
    report_fd_ = pipe->write_end.get();
    const pid_t started = sys::calls().clone(clone_flags_);
    if (started < 0) failure_ = {errno, clone_flags_ == 0 ? "fork" : "fork into namespaces"};
    if (started < 0) return -1;
    if (started == 0) {
      child.become();
      report_failure();
      std::_Exit(127);
    }
    pipe->write_end.reset();
    failure_ = read_failure(pipe->read_end.get());
    return started;
  }

  // End of file: the write end was closed by a successful exec.
  static sys::StepFailure read_failure(int fd) {
    sys::StepFailure failure;
    ssize_t got = 0;
    do {
      got = sys::calls().read(fd, &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return {errno, "hear from the new process"};
    return got == sizeof failure ? failure : sys::StepFailure{};
  }

  int clone_flags_;
  bool may_share_memory_;
  sys::StepFailure& failure_;
  std::span<std::byte> stack_;
  std::unique_ptr<std::byte[]> large_stack_;
  int report_fd_ = -1;
};

std::vector<const char*> pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& text : strings) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

}  // namespace

base::Result<pid_t> spawn(const LaunchPlan& plan, SpawnOptions options) {
  const std::string& program = plan.command.front();
  options.start.directory = plan.directory.empty() ? nullptr : plan.directory.c_str();
  const std::vector<const char*> environment = pointers(plan.environment);
  const std::vector<std::string> arguments(plan.command.begin() + 1, plan.command.end());

  sys::StepFailure failure;
  EnterAttempt enter(options, failure);
  GuardedLauncher launcher(plan.clone_flags, options.backend == nullptr, failure);
  launcher.env = environment.data();
  const pid_t pid = launcher.start(program, arguments, enter);
  if (!failure) return pid;
  if (failure.step == std::string_view("run"))
    return base::Error::from_errno(fmt::format("cannot run {}", base::printable(program)),
                                   failure.errno_value);
  return base::Error::from_errno(
      fmt::format("cannot start {}: {}", base::printable(program), failure.step),
      failure.errno_value);
}

}  // namespace specguard::supervise
