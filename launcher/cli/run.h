// `test-launcher run` and `resume`: one ctest under supervision.
#pragma once

#include <span>

namespace specguard::cli {

int run_run(std::span<char*> arguments);
int run_resume(std::span<char*> arguments);

}  // namespace specguard::cli
