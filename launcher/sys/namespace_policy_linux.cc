#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sys/file.h"
#include "sys/namespace_policy.h"

namespace specguard::sys {
namespace {

long read_switch(const char* path) {
  const auto text = read_file(path, 64);
  return text ? std::strtol(text->c_str(), nullptr, 10) : -1;
}

// The root directory of init is another than ours, or is not to be seen; only the first says chroot
// for certain.
bool is_in_chroot() {
  struct stat ours {};
  struct stat of_init {};
  if (::stat("/", &ours) != 0 || ::stat("/proc/1/root/.", &of_init) != 0) return false;
  return ours.st_ino != of_init.st_ino || ours.st_dev != of_init.st_dev;
}

constexpr const char* kInsteadOf = "; or use --isolation container or process";

// What forbids them for certain, with its remedy; empty where nothing does.
std::string certain_obstacle(const NamespacePolicy& policy) {
  if (!policy.kernel_has_user_namespaces)
    return std::string(
               "this kernel has no user namespaces: boot one with CONFIG_USER_NS (and mount "
               "/proc)") +
           kInsteadOf;
  if (policy.max_user_namespaces == 0)
    return std::string(
               "user.max_user_namespaces is 0: as root, sysctl -w user.max_user_namespaces=10000") +
           kInsteadOf;
  if (policy.unprivileged_userns_clone == 0 && !policy.is_root)
    return std::string(
               "kernel.unprivileged_userns_clone is 0: as root, sysctl -w "
               "kernel.unprivileged_userns_clone=1") +
           kInsteadOf;
  return {};
}

}  // namespace

NamespacePolicy read_namespace_policy() {
  NamespacePolicy policy;
  policy.kernel_has_user_namespaces = ::access("/proc/self/ns/user", F_OK) == 0;
  policy.max_user_namespaces = read_switch("/proc/sys/user/max_user_namespaces");
  policy.unprivileged_userns_clone = read_switch("/proc/sys/kernel/unprivileged_userns_clone");
  policy.apparmor_restricts = read_switch("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  policy.is_root = ::geteuid() == 0;
  policy.in_chroot = is_in_chroot();
  return policy;
}

std::string likely_obstacle(const NamespacePolicy& policy, int errno_value) {
  if (std::string certain = certain_obstacle(policy); !certain.empty()) return certain;
  if (policy.apparmor_restricts == 1 && !policy.is_root)
    return std::string(
               "AppArmor restricts user namespaces of ordinary users: as root, sysctl -w "
               "kernel.apparmor_restrict_unprivileged_userns=0, or give test-launcher a profile "
               "with 'userns,'") +
           kInsteadOf;
  if (errno_value == ENOSPC || errno_value == EUSERS)
    return std::string(
               "too many namespaces, or nested too deep: as root, raise the user.max_*_namespaces "
               "that is used up") +
           kInsteadOf;
  if (errno_value == ENOSYS)
    return std::string(
               "the kernel is older than Linux 5.12, or a seccomp filter around us hides the "
               "call") +
           kInsteadOf;
  if (policy.in_chroot)
    return std::string(
               "the kernel refuses user namespaces inside a chroot: start outside of it, "
               "or enter it with pivot_root") +
           kInsteadOf;
  return std::string(
             "a container or a security module around us forbids it: for docker and podman add "
             "--security-opt seccomp=unconfined --security-opt systempaths=unconfined (and "
             "--security-opt apparmor=unconfined)") +
         kInsteadOf;
}

}  // namespace specguard::sys
