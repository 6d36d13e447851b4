// The `simple` format: what the interpreter of .spl specs prints. results_simple.cc opens with it.
#pragma once

#include <memory>

#include "supervise/results.h"

namespace specguard::supervise {

std::unique_ptr<ResultsReader> make_simple_results_reader(const ResultsOptions& options);

}  // namespace specguard::supervise
