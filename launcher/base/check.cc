#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace specguard::base {

void fail_check(std::string_view file, int line, std::string_view condition, std::string_view why) {
  std::fprintf(stderr, "test-launcher: internal error: %.*s:%d: %.*s: %.*s\n",
               static_cast<int>(file.size()), file.data(), line, static_cast<int>(condition.size()),
               condition.data(), static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace specguard::base
