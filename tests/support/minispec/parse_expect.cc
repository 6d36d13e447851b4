#include "matchers.h"
#include "parser.h"

namespace minispec {
namespace {

// Takes `.to`, `.not_to`, `.not`, ... off the end of what was parsed as attributes of the actual
// value: expect(x).not.to eq(y).
bool take_off_words(NodePtr& actual, bool& negated) {
  bool found = false;
  while (actual->kind == NodeKind::kAttribute &&
         (actual->text == "to" || actual->text == "not_to" || actual->text == "to_not" ||
          actual->text == "not")) {
    negated = negated != (actual->text != "to");
    found = true;
    NodePtr receiver = std::move(actual->children.front());
    actual = std::move(receiver);
  }
  return found;
}

// to_equal -> equal, not_to_equal -> equal and negated; a name without such a start stays.
std::string take_off_prefix(std::string name, bool& negated) {
  for (const char* const prefix : {"not_to_", "to_not_"}) {
    if (!name.starts_with(prefix)) continue;
    negated = !negated;
    return name.substr(7);
  }
  return name.starts_with("to_") ? name.substr(3) : name;
}

}  // namespace

// Forms:  expect A            expect A == B          expect A to equal B     expect A not to equal
// B
//         expect(A).to_equal(B)     expect(A).to eq(B)     expect A to be_true    expect A to be
//         nil
NodePtr Parser::expectation() {
  NodePtr result = node(NodeKind::kExpect, take().at);
  NodePtr actual = expression();

  if (actual->kind == NodeKind::kMethod &&
      (actual->text.starts_with("to_") || actual->text.starts_with("not_to_"))) {
    result->text = take_off_prefix(actual->text, result->negated);
    NodePtr receiver = std::move(actual->children.front());
    take_off_words(receiver, result->negated);
    adopt(*result, std::move(receiver));
    for (std::size_t i = 1; i < actual->children.size(); ++i)
      adopt(*result, std::move(actual->children[i]));
    check_matcher(*result);
    return result;
  }

  bool has_matcher = take_off_words(actual, result->negated);
  adopt(*result, std::move(actual));
  for (;; has_matcher = true) {
    if (accept_name("not") || accept_name("to_not") || accept_name("not_to")) {
      result->negated = !result->negated;
    } else if (!accept_name("to")) {
      break;
    }
  }
  if (has_matcher || (peek().kind == TokenKind::kName && peek().text.starts_with("to_")))
    matcher(*result);
  return result;
}

// "equal 3", "be_nil", "be true", "be greater_than 3", "contain(3)".
void Parser::matcher(Node& expectation) {
  if (peek().kind != TokenKind::kName) fail_expected("a matcher such as 'equal'");
  expectation.text = take_off_prefix(take().text, expectation.negated);
  if (expectation.text == "be") {
    if (accept_name("not")) expectation.negated = !expectation.negated;
    if (peek().kind == TokenKind::kName && is_matcher("be_" + peek().text)) {
      expectation.text = "be_" + take().text;
    } else {
      expectation.text = "equal";
    }
  }
  matcher_arguments(expectation);
  check_matcher(expectation);
}

void Parser::matcher_arguments(Node& expectation) {
  const TokenKind next = peek().kind;
  if (next == TokenKind::kNewline || next == TokenKind::kDedent || at_end()) return;
  if (peek().is("(") && peek(1).is(")")) {
    take(), take();
    return;
  }
  do adopt(expectation, expression());
  while (accept(","));
}

}  // namespace minispec
