#include "base/result.h"

#include <fmt/format.h>

#include <system_error>

namespace specguard::base {

Error Error::from_errno(std::string_view what, int errno_value) {
  return Error(fmt::format("{}: {}", what, std::generic_category().message(errno_value)),
               errno_value);
}

Error Error::with_context(std::string_view context) const {
  return Error(fmt::format("{}: {}", context, message_), errno_value_);
}

}  // namespace specguard::base
