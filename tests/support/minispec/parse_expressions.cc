#include <charconv>
#include <map>
#include <utility>

#include "parser.h"

namespace minispec {
namespace {

int precedence_of(const Token& token, const Token& next) {
  static const std::map<std::string, int, std::less<>> kPrecedence = {
      {"??", 1}, {"or", 2}, {"and", 3}, {"==", 5}, {"!=", 5}, {"<", 5},
      {"<=", 5}, {">", 5},  {">=", 5},  {"in", 5}, {"..", 6}, {"+", 7},
      {"-", 7},  {"*", 8},  {"/", 8},   {"%", 8},  {"//", 8}, {"**", 9}};
  if (token.is_name("not")) return next.is_name("in") ? 5 : 0;
  if (token.kind != TokenKind::kSymbol && !token.is_name("or") && !token.is_name("and") &&
      !token.is_name("in"))
    return 0;
  const auto found = kPrecedence.find(token.text);
  return found == kPrecedence.end() ? 0 : found->second;
}

char unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '0':
      return '\0';
    case 'e':
      return '\x1b';
    default:
      return c;  // \" \\ \{ \} and anything else stand for themselves
  }
}

// The closing brace of the expression that begins at `start`, outside nested braces and strings.
std::size_t end_of_braces(std::string_view text, std::size_t start) {
  int depth = 1;
  bool in_string = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string) continue;
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

NodePtr Parser::expression() {
  return binary(1);
}

NodePtr Parser::binary(int min_precedence) {
  if (stack_is_exhausted()) fail("nested too deep");  // parentheses recurse without making a node
  NodePtr left = unary();
  for (;;) {
    const int precedence = precedence_of(peek(), peek(1));
    if (precedence < min_precedence || precedence == 0) return left;
    const Token token = take();
    NodePtr result = node(NodeKind::kBinary, token.at);
    result->text = token.text;
    if (token.is_name("not")) {
      take();
      result->text = "not in";
    }
    adopt(*result, std::move(left));
    adopt(*result, binary(token.is("**") ? precedence : precedence + 1));
    left = std::move(result);
  }
}

NodePtr Parser::unary() {
  const Position at = peek().at;
  if (accept_name("not") || accept("!")) {
    NodePtr result = node(NodeKind::kNot, at);
    adopt(*result, binary(4));
    return result;
  }
  if (accept("-")) {
    NodePtr result = node(NodeKind::kMinus, at);
    adopt(*result, unary());
    return result;
  }
  return postfix();
}

NodePtr Parser::postfix() {
  NodePtr result = primary();
  for (;;) {
    const Position at = peek().at;
    if (peek().is("(")) {
      NodePtr call = node(NodeKind::kCall, at);
      adopt(*call, std::move(result));
      arguments(*call);
      result = std::move(call);
    } else if (accept("[")) {
      NodePtr index = node(NodeKind::kIndex, at);
      adopt(*index, std::move(result));
      adopt(*index, expression());
      require("]", "after the index");
      result = std::move(index);
    } else if (accept(".")) {
      std::string name = require_name("a name after '.'");
      NodePtr member = node(peek().is("(") ? NodeKind::kMethod : NodeKind::kAttribute, at);
      member->text = std::move(name);
      adopt(*member, std::move(result));
      if (member->kind == NodeKind::kMethod) arguments(*member);
      result = std::move(member);
    } else {
      return result;
    }
  }
}

void Parser::arguments(Node& call) {
  require("(", "before the arguments");
  while (!accept(")")) {
    adopt(call, expression());
    if (!peek().is(")")) require(",", "between the arguments");
  }
}

NodePtr Parser::primary() {
  const Token token = peek();
  if (token.is("[")) return list();
  if (token.is("{")) return map();
  if (token.is("\\") || (token.is_name("fn") && peek(1).is("("))) return lambda();
  if (accept("(")) {
    NodePtr inside = expression();
    require(")", "after the expression");
    return inside;
  }
  if (token.kind == TokenKind::kSymbol || token.kind >= TokenKind::kNewline)
    fail_expected("a value");
  take();

  NodePtr result = node(NodeKind::kName, token.at);
  const char* const end = token.text.data() + token.text.size();
  if (token.kind == TokenKind::kText) return text_with_braces(token);
  if (token.kind == TokenKind::kRawText) {
    result->kind = NodeKind::kText;
  } else if (token.kind == TokenKind::kInteger) {
    result->kind = NodeKind::kInteger;
    if (std::from_chars(token.text.data(), end, result->integer).ec != std::errc{})
      throw SyntaxError(token.at, "this number does not fit 64 bits");
  } else if (token.kind == TokenKind::kFloat) {
    result->kind = NodeKind::kFloat;
    if (std::from_chars(token.text.data(), end, result->number).ec != std::errc{})
      throw SyntaxError(token.at, "this number is out of range");
  } else if (token.text == "true" || token.text == "false") {
    result->kind = token.text == "true" ? NodeKind::kTrue : NodeKind::kFalse;
  } else if (token.text == "nil") {
    result->kind = NodeKind::kNil;
  }
  result->text = token.text;
  return result;
}

NodePtr Parser::list() {
  NodePtr result = node(NodeKind::kList, take().at);
  while (!accept("]")) {
    adopt(*result, expression());
    if (!peek().is("]")) require(",", "between the items of a list");
  }
  return result;
}

NodePtr Parser::map() {
  NodePtr result = node(NodeKind::kMap, take().at);
  while (!accept("}")) {
    const Token& key = take();
    if (key.kind != TokenKind::kName && key.kind != TokenKind::kText &&
        key.kind != TokenKind::kRawText)
      throw SyntaxError(key.at, "a key of a map is a name or a string");
    result->names.push_back(key.text);
    require(":", "after the key of a map");
    adopt(*result, expression());
    if (!peek().is("}")) require(",", "between the entries of a map");
  }
  return result;
}

// fn(a, b): expression   or   \a, b: expression
NodePtr Parser::lambda() {
  NodePtr result = node(NodeKind::kLambda, peek().at);
  if (accept("\\")) {
    while (!peek().is(":")) {
      result->names.push_back(require_name("a parameter"));
      if (!peek().is(":")) require(",", "between the parameters");
    }
  } else {
    take();
    result->names = parameters();
  }
  require(":", "before the body of a function");
  adopt(*result, expression());
  return result;
}

NodePtr Parser::text_with_braces(const Token& token) {
  NodePtr result = node(NodeKind::kJoin, token.at);
  std::string literal;
  const auto flush = [&] {
    NodePtr part = node(NodeKind::kText, token.at);
    part->text = std::exchange(literal, {});
    adopt(*result, std::move(part));
  };
  const std::string_view text = token.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      literal += unescape(text[++i]);
      continue;
    }
    const std::size_t close = text[i] == '{' ? end_of_braces(text, i + 1) : std::string_view::npos;
    if (close == std::string_view::npos || close == i + 1) {  // no braces, or {}: plain text
      literal += text[i];
      continue;
    }
    flush();
    const Position inside{token.at.line, token.at.column + static_cast<int>(i) + 2};
    Parser nested(tokenize_expression(text.substr(i + 1, close - i - 1), inside));
    adopt(*result, nested.expression());
    if (!nested.at_end())
      throw SyntaxError(nested.position(), "expected '}' after the expression in a string");
    i = close;
  }
  if (result->children.empty()) {
    result->kind = NodeKind::kText;
    result->text = std::move(literal);
  } else if (!literal.empty()) {
    flush();
  }
  return result;
}

}  // namespace minispec
