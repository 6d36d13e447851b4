// minispec, a TEST FIXTURE of SpecGuard: what can follow `expect X to`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value.h"

namespace minispec {

// "equal", "be_nil", ... without a leading to_.
bool is_matcher(std::string_view name);

// Throws SyntaxError where a kExpect node names no matcher of ours, or gives it a wrong number of
// arguments.
void check_matcher(const Node& expectation);

struct Match {
  bool holds = false;
  std::string phrase;  // "equal 3", for "expected 4 to equal 3"
};

// Every matcher but raise_error, which the evaluator does because it calls the actual value.
Match evaluate_matcher(std::string_view name, const Value& actual, const List& arguments,
                       Position at);

}  // namespace minispec
