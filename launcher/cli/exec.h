// `test-launcher exec`: what CTest runs, one test.
#pragma once

#include <span>

namespace specguard::cli {

int run_exec(std::span<char*> arguments);

}  // namespace specguard::cli
