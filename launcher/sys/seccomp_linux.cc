#include "sys/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace specguard::sys {

bool load_seccomp_filter() noexcept {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(kSeccompProgram.size());
  program.filter =
      reinterpret_cast<sock_filter*>(const_cast<std::uint64_t*>(kSeccompProgram.data()));
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace specguard::sys
