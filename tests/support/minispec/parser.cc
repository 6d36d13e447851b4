#include "parser.h"

#include <algorithm>

namespace minispec {
namespace {

constexpr int kMaxTreeDepth = 1000;

std::string spell(const Token& token) {
  switch (token.kind) {
    case TokenKind::kNewline:
      return "the end of the line";
    case TokenKind::kIndent:
      return "an indented block";
    case TokenKind::kDedent:
      return "the end of the block";
    case TokenKind::kEnd:
      return "the end of the file";
    case TokenKind::kText:
    case TokenKind::kRawText:
      return "a string";
    default:
      return "'" + token.text + "'";
  }
}

}  // namespace

NodePtr parse_program(std::string_view source) {
  return Parser(tokenize(source)).program();
}

const Token& Parser::peek(std::size_t ahead) const {
  return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
}

const Token& Parser::take() {
  const Token& token = peek();
  if (index_ + 1 < tokens_.size()) ++index_;
  return token;
}

bool Parser::accept(std::string_view symbol) {
  if (!peek().is(symbol)) return false;
  take();
  return true;
}

bool Parser::accept_name(std::string_view name) {
  if (!peek().is_name(name)) return false;
  take();
  return true;
}

void Parser::require(std::string_view symbol, const char* where) {
  if (!accept(symbol)) fail_expected("'" + std::string(symbol) + "' " + where);
}

std::string Parser::require_name(const char* what) {
  if (peek().kind != TokenKind::kName) fail_expected(what);
  return take().text;
}

void Parser::fail(const std::string& message) const {
  throw SyntaxError(peek().at, message);
}

void Parser::fail_expected(const std::string& what) const {
  fail("expected " + what + ", found " + spell(peek()));
}

NodePtr Parser::node(NodeKind kind, Position at) const {
  if (stack_is_exhausted()) fail("nested too deep");
  auto result = std::make_unique<Node>();
  result->kind = kind;
  result->at = at;
  return result;
}

// A left-leaning chain (1 + 1 + 1 ...) grows deep without recursion here, and would overflow the
// stack of the evaluator and of the tree's own destructor; so depth is bounded where it is made.
void Parser::adopt(Node& parent, NodePtr child) const {
  parent.depth = std::max(parent.depth, child->depth + 1);
  if (parent.depth > kMaxTreeDepth) fail("nested too deep");
  parent.children.push_back(std::move(child));
}

}  // namespace minispec
