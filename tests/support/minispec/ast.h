// minispec, a TEST FIXTURE of SpecGuard: the tree that the parser builds and the evaluator walks.
// One node type with children in a documented order keeps the fixture small.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "errors.h"

namespace minispec {

enum class NodeKind {
  // Expressions.
  kNil,
  kTrue,
  kFalse,
  kInteger,    // integer
  kFloat,      // number
  kText,       // text
  kJoin,       // children: the parts of an interpolated string
  kName,       // text
  kList,       // children: items
  kMap,        // children: values; names: keys
  kLambda,     // names: parameters; children: [body]
  kNot,        // children: [operand]
  kMinus,      // children: [operand]
  kBinary,     // text: operator; children: [left, right]
  kCall,       // children: [callee, arguments...]
  kMethod,     // text: name; children: [receiver, arguments...]
  kIndex,      // children: [receiver, index]
  kAttribute,  // text: name; children: [receiver]
  // Statements.
  kBlock,     // children: statements
  kDeclare,   // text: name; children: [value]
  kAssign,    // text: operator; children: [target, value]
  kIf,        // children: condition, block, condition, block, ..., [else block]
  kWhile,     // children: [condition, block]
  kFor,       // text: variable; children: [iterable, block]
  kFunction,  // text: name; names: parameters; children: [body]
  kImport,    // text: dotted name of a module
  kReturn,    // children: [value] or none
  kBreak,
  kContinue,
  kPass,
  kPrint,    // children: values
  kAssert,   // children: [condition] or [condition, message]
  kExpect,   // text: matcher, empty for a bare condition; negated; children: [actual, arguments...]
  kGroup,    // describe, context: children: [title, block]
  kExample,  // text: it, slow_it, ...; children: [title, block] or [title]
  kHook,     // text: before_each, after_each; children: [block]
};

struct Node {
  NodeKind kind = NodeKind::kNil;
  Position at;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  bool negated = false;
  int depth = 1;  // of the tree below, so that it can be bounded while it is built
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Node>> children;
};

using NodePtr = std::unique_ptr<Node>;

}  // namespace minispec
