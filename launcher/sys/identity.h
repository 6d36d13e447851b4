// Who we are, and to whom files belong.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specguard::sys {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  bool operator==(const Identity&) const = default;
};

// The effective ones.
Identity own_identity();

// Whom the user `inside` a user namespace is outside of it, from the text of a uid_map of a process
// in it (user_namespaces(7)); nullopt: nobody. Pure.
std::optional<uid_t> user_outside(std::string_view uid_map, uid_t inside);

struct Ownership {
  Identity owner;
  std::uint32_t permissions = 0;  // the low twelve bits of its mode

  // Whether somebody without privileges may list and enter it, and make files in it.
  bool lets_read(const Identity& who) const;
  bool lets_write(const Identity& who) const;
};

// Follows links; nullopt where it cannot be looked at.
std::optional<Ownership> ownership_of(const std::string& path);

base::Result<void> give_to(const std::string& path, const Identity& owner);

// A new directory with owner-only permissions; an Error where the name is taken.
base::Result<void> make_new_directory(const std::string& path);

// The running program, as a path by which it can be started again.
base::Result<std::string> own_program();

// Whether a program needs no loader and no library, so that it runs in any root directory.
bool is_static_program(const std::string& path);

}  // namespace specguard::sys
