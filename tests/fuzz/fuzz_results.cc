// The readers of test output: any bytes in any chunks, one verdict.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "supervise/results.h"

namespace {

using namespace specguard::supervise;

ResultsVerdict read(ResultsFormat format, std::string_view output, std::size_t chunk_bytes) {
  ResultsOptions options;
  options.format = format;
  options.declared_examples = 1;
  const auto reader = make_results_reader(options);
  for (std::size_t at = 0; at < output.size(); at += chunk_bytes)
    reader->read(OutputStream::kStdout, output.substr(at, chunk_bytes));
  return reader->finish(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view output(reinterpret_cast<const char*>(data), size);
  for (const auto format : {ResultsFormat::kSimple, ResultsFormat::kTap}) {
    const ResultsVerdict whole = read(format, output, size + 1);
    const ResultsVerdict divided = read(format, output, size % 7 + 1);
    SPECGUARD_CHECK(whole.outcome == divided.outcome && whole.reason == divided.reason,
                    "chunks do not matter");
    SPECGUARD_CHECK(whole.examples.size() <= ResultsReader::kMaxExamples, "examples are bounded");
  }
  return 0;
}
