// `test-launcher report`: files about the newest session and those it went on from, the whole
// suite: HTML, JUnit, a trace, JSON, annotations for GitHub.
#pragma once

#include <span>

namespace specguard::cli {

int run_report(std::span<char*> arguments);

}  // namespace specguard::cli
