// `test-launcher reap`: clears processes and control groups that dead sessions left.
#pragma once

#include <span>

namespace specguard::cli {

int run_reap(std::span<char*> arguments);

}  // namespace specguard::cli
