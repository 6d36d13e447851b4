// `test-launcher doctor`: what this machine can enforce, and the remedy for each thing it cannot.
#pragma once

#include <span>

namespace specguard::cli {

int run_doctor(std::span<char*> arguments);

}  // namespace specguard::cli
