// parse_spec: reads the text of one spec file.
//
// Owns: what counts as an example, a tag and a directive. Promises: pure, linear in the text, right
// in the presence of strings, docstrings and comments that mention any of them; survives every byte
// sequence. Refuses to judge the language: unbalanced brackets or nonsense are the interpreter's
// business.
#pragma once

#include <string_view>

#include "spec/spec_facts.h"

namespace specguard::spec {

// More tags or warnings than these are dropped; a file that has them is no spec that people wrote.
inline constexpr std::size_t kMaxTags = 64;
inline constexpr std::size_t kMaxWarnings = 8;

SpecFacts parse_spec(std::string_view text);

}  // namespace specguard::spec
