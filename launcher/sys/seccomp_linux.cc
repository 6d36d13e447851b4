#include "sys/seccomp.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

using base::Error;
using base::Result;

// By name, because not every architecture has each of them: libseccomp skips those it lacks.
constexpr auto kRefused = std::to_array<const char*>({
    // code and images for the kernel, and its end
    "bpf",
    "create_module",
    "delete_module",
    "finit_module",
    "init_module",
    "kexec_file_load",
    "kexec_load",
    "reboot",
    "swapoff",
    "swapon",
    // mounts, also by the newer interface, and namespaces
    "chroot",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "pivot_root",
    "setns",
    "umount",
    "umount2",
    "unshare",
    // files past the permission to walk to them; disk quotas; accounting
    "acct",
    "open_by_handle_at",
    "quotactl",
    "quotactl_fd",
    // clocks and names of the machine
    "clock_settime",
    "clock_settime64",
    "setdomainname",
    "sethostname",
    "settimeofday",
    "stime",
    // keyrings are not part of any namespace
    "add_key",
    "keyctl",
    "request_key",
    // hardware, the kernel's log, and tracing of more than one's own processes
    "ioperm",
    "iopl",
    "lookup_dcookie",
    "nfsservctl",
    "perf_event_open",
    "syslog",
    "vhangup",
    "vm86",
    "vm86old",
    // interfaces that have let processes into the kernel time and again
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "userfaultfd",
});

constexpr unsigned kNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

// libseccomp answers with a negative error number.
Result<void> checked(int result, std::string_view what) {
  if (result < 0) return Error::from_errno(fmt::format("seccomp filter: {}", what), -result);
  return {};
}

Result<void> add_architectures(scmp_filter_ctx context) {
  if (seccomp_arch_native() != SCMP_ARCH_X86_64) return {};
  SPECGUARD_TRY_VOID(checked(seccomp_arch_add(context, SCMP_ARCH_X86), "add i386"));
  return checked(seccomp_arch_add(context, SCMP_ARCH_X32), "add x32");
}

Result<void> add_rules(scmp_filter_ctx context) {
  for (const char* name : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;
    SPECGUARD_TRY_VOID(checked(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0), name));
  }
  SPECGUARD_TRY_VOID(
      checked(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3"));
  // One rule a flag: a masked comparison holds where all its bits do, and one is enough to refuse.
  for (unsigned flag = 1; flag != 0; flag <<= 1) {
    if ((kNamespaceFlags & flag) == 0) continue;
    SPECGUARD_TRY_VOID(checked(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                                SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)),
                               "clone"));
  }
  // Terminals: bytes pushed into the input of the shell that started us. Only the low half of the
  // request counts, so only it is compared (CVE-2019-10063).
  for (const unsigned request : {unsigned{TIOCSTI}, unsigned{TIOCLINUX}})
    SPECGUARD_TRY_VOID(checked(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                                SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, request)),
                               "ioctl"));
  // Sockets to the hypervisor are not part of a network namespace.
  return checked(seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_EQ, AF_VSOCK)),
                 "socket");
}

// libseccomp 2.5 writes the program to a descriptor only.
Result<std::vector<std::uint64_t>> export_program(scmp_filter_ctx context) {
  const UniqueFd memory(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory) return Error::from_errno("seccomp filter: memory for the program", errno);
  SPECGUARD_TRY_VOID(checked(seccomp_export_bpf(context, memory.get()), "translate"));
  const off_t size = ::lseek(memory.get(), 0, SEEK_END);
  std::vector<std::uint64_t> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(memory.get(), program.data(), static_cast<std::size_t>(size), 0) != size)
    return Error::from_errno("seccomp filter: read the program", errno);
  return program;
}

static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));

}  // namespace

Result<SeccompFilter> SeccompFilter::build() {
  const Context context(seccomp_init(SCMP_ACT_ALLOW));
  if (!context) return Error("seccomp filter: libseccomp does not know this machine");
  SPECGUARD_TRY_VOID(add_architectures(context.get()));
  SPECGUARD_TRY_VOID(add_rules(context.get()));
  SPECGUARD_TRY_VOID(checked(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2),
                             "ask for a binary tree"));
  SeccompFilter filter;
  SPECGUARD_TRY(filter.instructions_, export_program(context.get()));
  return filter;
}

bool SeccompFilter::load() const {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(instructions_.size());
  program.filter = reinterpret_cast<sock_filter*>(const_cast<std::uint64_t*>(instructions_.data()));
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace specguard::sys
