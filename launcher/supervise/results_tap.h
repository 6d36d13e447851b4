// The `tap` format: Test Anything Protocol 12, 13 and 14. results_tap.cc opens with the rules it
// holds to.
#pragma once

#include <memory>

#include "supervise/results.h"

namespace specguard::supervise {

std::unique_ptr<ResultsReader> make_tap_results_reader(const ResultsOptions& options);

}  // namespace specguard::supervise
