// `test-launcher discover`: lists spec files as text, as JSON, or as the script that CTest
// includes.
#pragma once

#include <span>

namespace specguard::cli {

int run_discover(std::span<char*> arguments);

}  // namespace specguard::cli
