// The spec reader: any bytes, bounded answers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "spec/parse_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace specguard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const spec::SpecFacts facts = spec::parse_spec(text);
  SPECGUARD_CHECK(facts.tags.size() <= spec::kMaxTags, "tags are bounded");
  SPECGUARD_CHECK(facts.warnings.size() <= spec::kMaxWarnings, "warnings are bounded");
  SPECGUARD_CHECK(facts.line >= 1, "a place to jump to");
  const auto& examples = facts.examples;
  SPECGUARD_CHECK(
      examples.plain >= 0 && examples.slow >= 0 && examples.skipped >= 0 && examples.pending >= 0,
      "counts are no less than zero");
  return 0;
}
