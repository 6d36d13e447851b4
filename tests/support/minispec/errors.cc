#include "errors.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace minispec {
namespace {

std::uintptr_t stack_base = 0;
std::uintptr_t stack_budget = 0;

}  // namespace

void remember_stack_base() {
  constexpr rlim_t kUsualStack = rlim_t{8} << 20;
  struct rlimit limit {};
  ::getrlimit(RLIMIT_STACK, &limit);  // a failure leaves 0, which the clamp below corrects
  const rlim_t size = limit.rlim_cur == 0 ? kUsualStack : std::min(limit.rlim_cur, kUsualStack);
  stack_budget = static_cast<std::uintptr_t>(size) / 4 * 3;
  stack_base = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

bool stack_is_exhausted() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return stack_base > here && stack_base - here > stack_budget;
}

}  // namespace minispec
