// `test-launcher status`: the newest session of a build tree, for people or (--json) for programs.
#pragma once

#include <span>

namespace specguard::cli {

int run_status(std::span<char*> arguments);

}  // namespace specguard::cli
