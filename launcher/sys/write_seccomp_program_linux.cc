// Writes the program that sys/seccomp.h is about, as C++ source for the launcher that is being
// built.
//
// usage: write_seccomp_program FILE
//
// libseccomp needs as long for it as a trivial test takes for everything else, and its answer is
// the same every time: so it is asked once, at build time.
#include <linux/filter.h>
#include <linux/vm_sockets.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace {

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
bool done(int result, const char* what) {
  if (result < 0) std::fprintf(stderr, "seccomp filter: %s: %s\n", what, std::strerror(-result));
  return result >= 0;
}

bool add_architectures(scmp_filter_ctx context) {
  if (seccomp_arch_native() != SCMP_ARCH_X86_64) return true;
  return done(seccomp_arch_add(context, SCMP_ARCH_X86), "add i386") &&
         done(seccomp_arch_add(context, SCMP_ARCH_X32), "add x32");
}

bool refuse_calls(scmp_filter_ctx context) {
  for (const char* name : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;
    if (!done(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0), name)) return false;
  }
  return done(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

bool refuse_arguments(scmp_filter_ctx context) {
  // One rule a flag: a masked comparison holds where all its bits do, and one is enough to refuse.
  for (unsigned flag = 1; flag != 0; flag <<= 1) {
    if ((kNamespaceFlags & flag) == 0) continue;
    if (!done(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)),
              "clone"))
      return false;
  }
  // Terminals: bytes pushed into the input of the shell that started us. Only the low half of the
  // request counts, so only it is compared (CVE-2019-10063).
  for (const unsigned request : {unsigned{TIOCSTI}, unsigned{TIOCLINUX}})
    if (!done(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, request)),
              "ioctl"))
      return false;
  // Sockets to the hypervisor are not part of a network namespace.
  return done(seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                               SCMP_A0(SCMP_CMP_EQ, AF_VSOCK)),
              "socket");
}

// libseccomp 2.5 writes the program to a descriptor only. Empty on failure.
std::vector<std::uint64_t> export_program(scmp_filter_ctx context) {
  const int memory = ::memfd_create("seccomp", MFD_CLOEXEC);
  if (memory < 0 || !done(seccomp_export_bpf(context, memory), "translate")) return {};
  const off_t size = ::lseek(memory, 0, SEEK_END);
  std::vector<std::uint64_t> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(memory, program.data(), static_cast<std::size_t>(size), 0) != size) return {};
  ::close(memory);
  return program;
}

static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));

bool write_source(const char* file, const std::vector<std::uint64_t>& program) {
  std::FILE* out = std::fopen(file, "w");
  if (out == nullptr) return false;
  std::fputs(
      "#include \"sys/seccomp.h\"\n\nnamespace specguard::sys {\nnamespace {\n\n"
      "constexpr std::uint64_t kInstructions[] = {\n",
      out);
  for (const std::uint64_t instruction : program)
    std::fprintf(out, "    0x%016llx,\n", static_cast<unsigned long long>(instruction));
  std::fputs(
      "};\n\n}  // namespace\n\n"
      "const std::span<const std::uint64_t> kSeccompProgram = kInstructions;\n\n"
      "}  // namespace specguard::sys\n",
      out);
  return std::fclose(out) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_seccomp_program FILE\n", stderr);
    return 2;
  }
  const Context context(seccomp_init(SCMP_ACT_ALLOW));
  if (!context) {
    std::fputs("seccomp filter: libseccomp does not know this machine\n", stderr);
    return 1;
  }
  if (!add_architectures(context.get()) || !refuse_calls(context.get()) ||
      !refuse_arguments(context.get()) ||
      !done(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "ask for a binary tree"))
    return 1;
  const std::vector<std::uint64_t> program = export_program(context.get());
  if (program.empty() || !write_source(argv[1], program)) {
    std::fprintf(stderr, "seccomp filter: cannot write %s\n", argv[1]);
    return 1;
  }
  return 0;
}
