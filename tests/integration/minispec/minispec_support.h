// Running the minispec fixture on a program given as text.
#pragma once

#include <map>
#include <string>

#include "harness.h"

namespace specguard::testing {

// Uncoloured, unless the environment says otherwise.
RunResult run_minispec(const std::string& program,
                       std::map<std::string, std::string> environment = {});

// The bodies of these statements as the one example of a file, run to its end.
RunResult run_example(const std::string& statements);

}  // namespace specguard::testing
