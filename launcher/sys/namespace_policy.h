// Why this machine refuses user namespaces, and what a person can do about it.
#pragma once

#include <string>

#include "base/result.h"

namespace specguard::sys {

// The switches that the kernel and the distributions have for it.
struct NamespacePolicy {
  bool kernel_has_user_namespaces = true;  // /proc/self/ns/user
  long max_user_namespaces = -1;           // user.max_user_namespaces; -1: no such switch
  long unprivileged_userns_clone = -1;     // kernel.unprivileged_userns_clone (Debian)
  long apparmor_restricts = -1;  // kernel.apparmor_restrict_unprivileged_userns (Ubuntu 23.10)
  bool is_root = false;
  bool in_chroot = false;  // the kernel refuses user namespaces in a chroot(2)
};

NamespacePolicy read_namespace_policy();

// Words to add to a failure of `step` ("create the namespaces", "mount ..."), never empty: the
// likeliest cause and its remedy.
std::string likely_obstacle(const NamespacePolicy& policy, int errno_value);

}  // namespace specguard::sys
