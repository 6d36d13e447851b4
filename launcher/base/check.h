// SPECGUARD_CHECK: our own bug, active in release builds, aborts.
#pragma once

#include <string_view>

namespace specguard::base {

// Prints "test-launcher: internal error: <file>:<line>: <condition>: <why>" to stderr and aborts.
[[noreturn]] void fail_check(std::string_view file, int line, std::string_view condition,
                             std::string_view why);

}  // namespace specguard::base

#define SPECGUARD_CHECK(condition, why) \
  (static_cast<bool>(condition)         \
       ? static_cast<void>(0)           \
       : ::specguard::base::fail_check(__FILE__, __LINE__, #condition, why))
