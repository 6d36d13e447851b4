#include "spec/read_spec.h"

#include <utility>

#include "base/text.h"
#include "spec/parse_spec.h"
#include "sys/file.h"

namespace specguard::spec {

base::Result<SpecFacts> read_spec(const std::filesystem::path& path) {
  SPECGUARD_TRY(const std::string text, sys::read_file(path, kMaxSpecBytes));
  if (text.find('\0') != std::string::npos) {
    SpecFacts binary;
    binary.may_skip = true;
    binary.warnings.emplace_back("binary, not text; nothing of it is read");
    return binary;
  }
  SpecFacts facts = parse_spec(text);
  if (!base::is_valid_utf8(text)) facts.warnings.emplace_back("is not valid UTF-8");
  return facts;
}

base::Result<SpecDirectives> read_directives(const std::filesystem::path& path) {
  SPECGUARD_TRY(SpecFacts facts, read_spec(path));
  SpecDirectives directives;
  directives.declared_examples = facts.examples.plain;
  directives.conditional_examples = facts.examples.conditional();
  directives.slow_examples = facts.examples.slow;
  directives.skipped_examples = facts.examples.skipped;
  directives.skip = std::move(facts.skip);
  directives.pending = std::move(facts.pending);
  directives.timeout = facts.timeout;
  return directives;
}

}  // namespace specguard::spec
