// The seccomp filter: the system calls that a sandboxed test may not make, as a program for the
// kernel.
//
// It is a list of what is refused, not of what is allowed: calls that load code into the kernel,
// reboot, change mounts, namespaces, clocks or keyrings, trace the whole machine, push bytes into
// a terminal, or reach past a network namespace. Everything that tests and debuggers do (ptrace,
// signals, files, threads) passes. Refused calls fail with EPERM, as for a user without the right;
// clone3, whose flags a filter cannot see, fails with ENOSYS, so that the C library takes clone.
// It holds for every instruction set that the machine runs (x86-64: also i386 and x32).
#pragma once

#include <cstdint>
#include <span>

namespace specguard::sys {

// The program, struct sock_filter of 8 bytes each. Written at build time (write_seccomp_program).
extern const std::span<const std::uint64_t> kSeccompProgram;

// Puts the filter on the calling process, for good and for all that it starts. It needs
// no_new_privs. Async-signal-safe. False on failure (errno).
bool load_seccomp_filter() noexcept;

}  // namespace specguard::sys
