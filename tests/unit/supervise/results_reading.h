// Reads one output in several divisions into chunks and demands the same verdict of each.
#pragma once

#include <gtest/gtest.h>

#include "supervise/results.h"

namespace specguard::supervise {

inline ResultsVerdict read_in_chunks(const ResultsOptions& options, std::string_view output,
                                     int exit_code, std::size_t chunk_bytes) {
  const auto reader = make_results_reader(options);
  for (std::size_t at = 0; at < output.size(); at += chunk_bytes)
    reader->read(OutputStream::kStdout, output.substr(at, chunk_bytes));
  return reader->finish(exit_code);
}

inline ResultsVerdict read_results(const ResultsOptions& options, std::string_view output,
                                   int exit_code = 0) {
  ResultsVerdict whole = read_in_chunks(options, output, exit_code, output.size() + 1);
  for (const std::size_t chunk_bytes : {1, 2, 3, 7}) {
    const ResultsVerdict divided = read_in_chunks(options, output, exit_code, chunk_bytes);
    EXPECT_EQ(divided.outcome, whole.outcome) << "in chunks of " << chunk_bytes;
    EXPECT_EQ(divided.reason, whole.reason) << "in chunks of " << chunk_bytes;
    EXPECT_EQ(divided.examples.size(), whole.examples.size()) << "in chunks of " << chunk_bytes;
  }
  return whole;
}

}  // namespace specguard::supervise
