#include "sys/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "sys/fd.h"
#include "sys/namespace_plan.h"
#include "sys/namespace_steps.h"
#include "sys/seccomp.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

using base::Result;

struct TestStart {
  const ChildRest& rest;
  const sigset_t& signals;
};

// In the memory of the init, which waits: so what the init took on is not undone here, and goes
// with the execution (PR_SET_NAME, PR_SET_DUMPABLE).
int start_test(void* argument) {
  const TestStart& start = *static_cast<const TestStart*>(argument);
  ::sigprocmask(SIG_SETMASK, &start.signals, nullptr);
  start.rest.run(start.rest.argument);
  return 127;
}

}  // namespace

struct NamespaceSandbox::Plan {
  std::vector<NamespaceStep> steps;
  int clone_flags = 0;
  std::chrono::milliseconds grace{0};
  Pipe report;
};

NamespaceSandbox::NamespaceSandbox(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
NamespaceSandbox::~NamespaceSandbox() = default;

Result<std::unique_ptr<NamespaceSandbox>> NamespaceSandbox::prepare(
    const NamespaceSettings& settings) {
  auto plan = std::make_unique<Plan>();
  SPECGUARD_TRY(plan->steps, plan_namespace_steps(settings));
  SPECGUARD_TRY(plan->report, open_pipe());
  for (const int end : {plan->report.read_end.get(), plan->report.write_end.get()})
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  plan->clone_flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
                      (settings.own_network ? CLONE_NEWNET : 0);
  plan->grace = settings.grace;
  return std::unique_ptr<NamespaceSandbox>(new NamespaceSandbox(std::move(plan)));
}

int NamespaceSandbox::clone_flags() const {
  return plan_->clone_flags;
}

StepFailure NamespaceSandbox::enter(const ChildRest& rest) noexcept {
  if (const StepFailure failure = perform(plan_->steps)) return failure;
  if (const StepFailure failure = drop_privileges()) return failure;
  if (!load_seccomp_filter()) return {errno, "load the seccomp filter"};

  // The init takes no signal but SIGCHLD, and that one when it asks for it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  prepare_test_init();
  TestStart start{rest, before};
  const pid_t test = calls().clone_vfork(start_test, &start, rest.stack);
  if (test < 0) return {errno, "fork inside the namespaces"};
  become_init(test);
}

// The keeper signals the test itself, which it sees in its own PID namespace; only what it sends to
// its first process alone needs to be passed on.
void NamespaceSandbox::become_init(pid_t test) noexcept {
  plan_->report.read_end.reset();  // a pipe knows when its last reader is gone
  TestInit init;
  init.test = test;
  init.report_fd = plan_->report.write_end.get();
  init.lifeline_fd = init.report_fd;
  sigemptyset(&init.forwarded);
  sigaddset(&init.forwarded, SIGUSR1);
  sigaddset(&init.forwarded, SIGUSR2);
  init.grace = plan_->grace;
  run_test_init(init);
}

TestReport NamespaceSandbox::read_report() {
  return read_test_report(plan_->report.read_end.get());
}

}  // namespace specguard::sys
