// NamespaceSandbox: a test in namespaces of its own, with no engine and no image.
//
// What the test finds inside:
//   - a user namespace that maps the caller's user and group to themselves and nobody else; no
//     capabilities in it, none to be had (bounding set empty, no_new_privs), a seccomp filter;
//   - a PID namespace whose init is ours: it reaps, says how the test ended, and its death is the
//     death of all, by the kernel;
//   - the machine's files, read-only, without device files but null, zero, full, random, urandom,
//     tty and new pseudo terminals; a fresh /proc; empty /tmp, /var/tmp and /dev/shm of its own;
//     the sockets of container engines covered;
//   - one writable directory (the build directory), or with `scratch` a copy-on-write view of it
//     that is thrown away;
//   - network, IPC and host name namespaces; of the network only its own loopback.
//
// It keeps accidents in; a hostile program is a container's matter. It never degrades: a step that
// the kernel refuses is a failure that says which. It needs Linux 5.12.
//
// Everything that can be done before the fork is done by prepare(). enter() runs in the new process
// and makes only async-signal-safe calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"
#include "sys/test_init.h"

namespace specguard::sys {

struct NamespaceSettings {
  std::string writable;              // absolute; the build directory
  bool scratch = false;              // what is written there is thrown away
  std::vector<std::string> visible;  // absolute; shown (read-only) where a private directory would
                                     // hide them
  std::string directory;             // absolute; where the test starts
  bool own_network = true;           // false: the machine's network
  std::uint64_t private_bytes = 0;   // room in each private directory; 0: half of the memory
  std::chrono::milliseconds grace{2000};  // between SIGTERM and SIGKILL to what the test leaves
};

class NamespaceSandbox {
 public:
  // Fails where what is asked for cannot be shown safely. Whether the machine allows namespaces to
  // this user shows when they are made (sys/namespace_policy.h).
  static base::Result<std::unique_ptr<NamespaceSandbox>> prepare(const NamespaceSettings& settings);
  ~NamespaceSandbox();

  // The CLONE_NEW* flags that the process which calls enter() must have been cloned with.
  int clone_flags() const;

  // Builds the inside and forks: the rest of the way runs in the process that becomes the test, and
  // the caller becomes the init, once the test executes. Returns only on a failure, whose text is
  // owned by the sandbox, and means the same in the process that prepared it.
  StepFailure enter(const ChildRest& rest) noexcept;

  // Once the init has ended: its report. It has no wait_status where the init was killed before.
  TestReport read_report();

 private:
  [[noreturn]] void become_init(pid_t test) noexcept;

  struct Plan;
  explicit NamespaceSandbox(std::unique_ptr<Plan> plan);
  std::unique_ptr<Plan> plan_;
};

}  // namespace specguard::sys
