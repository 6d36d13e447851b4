#include <set>

#include "parser.h"

namespace minispec {
namespace {

bool is_group(const Token& token) {
  return token.is_name("describe") || token.is_name("context");
}

bool is_example(const Token& token) {
  static const std::set<std::string, std::less<>> kExamples = {
      "it", "slow_it", "skip_it", "ignore_it", "skip", "pending", "pending_on", "pending_skip"};
  return token.kind == TokenKind::kName && kExamples.contains(token.text);
}

bool is_text(const Token& token) {
  return token.kind == TokenKind::kText || token.kind == TokenKind::kRawText;
}

}  // namespace

NodePtr Parser::program() {
  NodePtr result = node(NodeKind::kBlock, peek().at);
  while (!at_end()) {
    if (peek().kind == TokenKind::kIndent)
      fail("this line is indented, and no block begins above it");
    if (NodePtr next = statement()) adopt(*result, std::move(next));
  }
  return result;
}

// Null for a statement that does nothing, such as an import.
NodePtr Parser::statement() {
  const Token& token = peek();
  if (token.is_name("fn") && peek(1).kind == TokenKind::kName) return function();
  if (token.is_name("pub") && peek(1).is_name("fn")) return take(), function();
  if (token.is_name("if")) return if_chain();
  if (token.is_name("while") || token.is_name("for")) return loop();
  if (token.is_name("before_each") || token.is_name("after_each")) return hook();
  if (at_specification()) return specification();
  if (token.is_name("use") || token.is_name("import") || token.is_name("export")) return import();
  NodePtr result = simple_statement();
  end_statement();
  return result;
}

void Parser::end_statement() {
  if (peek().kind == TokenKind::kNewline) {
    take();
  } else if (peek().kind != TokenKind::kDedent && !at_end()) {
    fail_expected("the end of the statement");
  }
}

// use shop.cart   use shop.cart.{total, add}   use shop.cart.*   import shop.cart
// All names of the module come in, whichever are listed.
NodePtr Parser::import() {
  const Token keyword = take();
  NodePtr result = node(NodeKind::kImport, keyword.at);
  while (peek().kind == TokenKind::kName) {
    result->text += (result->text.empty() ? "" : ".") + take().text;
    if (!accept(".")) break;
  }
  while (peek().kind != TokenKind::kNewline && !at_end()) take();
  end_statement();
  return keyword.is_name("export") ? nullptr : std::move(result);
}

NodePtr Parser::simple_statement() {
  const Token& token = peek();
  const Position at = token.at;
  if (token.is_name("val") || token.is_name("var") || token.is_name("let")) return declare();
  if (token.is_name("print")) return print();
  if (token.is_name("assert")) return assertion();
  if (token.is_name("expect")) return expectation();
  if (accept_name("break")) return node(NodeKind::kBreak, at);
  if (accept_name("continue")) return node(NodeKind::kContinue, at);
  if (accept_name("pass")) return node(NodeKind::kPass, at);
  if (accept_name("return")) {
    NodePtr result = node(NodeKind::kReturn, at);
    if (peek().kind != TokenKind::kNewline && peek().kind != TokenKind::kDedent && !at_end())
      adopt(*result, expression());
    return result;
  }
  if ((token.is_name("exit") || token.is_name("raise")) && !peek(1).is("(")) {
    NodePtr result = node(NodeKind::kCall, at);
    NodePtr callee = node(NodeKind::kName, at);
    callee->text = take().text;
    adopt(*result, std::move(callee));
    adopt(*result, expression());
    return result;
  }
  return assignment_or_expression();
}

NodePtr Parser::block(const char* owner) {
  require(":", owner);
  NodePtr result = node(NodeKind::kBlock, peek().at);
  if (peek().kind != TokenKind::kNewline) {  // the body stands on the same line
    if (NodePtr only = statement()) adopt(*result, std::move(only));
    return result;
  }
  take();
  if (peek().kind != TokenKind::kIndent) fail_expected("an indented block");
  take();
  while (peek().kind != TokenKind::kDedent && !at_end())
    if (NodePtr next = statement()) adopt(*result, std::move(next));
  if (!at_end()) take();
  return result;
}

NodePtr Parser::declare() {
  NodePtr result = node(NodeKind::kDeclare, take().at);
  result->text = require_name("the name of the variable");
  if (accept(":")) skip_type();
  require("=", "after the name of a variable");
  adopt(*result, expression());
  return result;
}

// Types are read and forgotten: i64, text?, [i64], {text: i64}, List<i64>, fn(i64) -> bool.
void Parser::skip_type() {
  int brackets = 0;
  for (;; take()) {
    const Token& token = peek();
    const bool opens = token.is("[") || token.is("<") || token.is("(") || token.is("{");
    const bool closes = token.is("]") || token.is(">") || token.is(")") || token.is("}");
    if (brackets == 0 && (closes || token.is(",") || token.is("=") || token.is(":"))) return;
    if (token.kind > TokenKind::kSymbol) return;
    brackets += (opens ? 1 : 0) - (closes ? 1 : 0);
  }
}

std::vector<std::string> Parser::parameters() {
  std::vector<std::string> names;
  require("(", "before the parameters");
  while (!accept(")")) {
    names.push_back(require_name("a parameter"));
    if (accept(":")) skip_type();
    if (!peek().is(")")) require(",", "between the parameters");
  }
  return names;
}

NodePtr Parser::function() {
  NodePtr result = node(NodeKind::kFunction, take().at);
  result->text = require_name("the name of the function");
  result->names = parameters();
  if (accept("->")) skip_type();
  adopt(*result, block("before the body of a function"));
  return result;
}

NodePtr Parser::if_chain() {
  NodePtr result = node(NodeKind::kIf, peek().at);
  do {
    take();  // if, elif
    adopt(*result, expression());
    adopt(*result, block("after the condition"));
    if (peek().is_name("else") && peek(1).is_name("if")) take();
  } while (peek().is_name("elif") || (peek().is_name("if") && tokens_[index_ - 1].is_name("else")));
  if (accept_name("else")) adopt(*result, block("after 'else'"));
  return result;
}

NodePtr Parser::loop() {
  const Token keyword = take();
  NodePtr result = node(keyword.is_name("for") ? NodeKind::kFor : NodeKind::kWhile, keyword.at);
  if (result->kind == NodeKind::kFor) {
    result->text = require_name("the variable of the loop");
    if (!accept_name("in")) fail_expected("'in' after the variable of the loop");
  }
  adopt(*result, expression());
  adopt(*result, block("before the body of a loop"));
  return result;
}

NodePtr Parser::assignment_or_expression() {
  NodePtr target = expression();
  const Token& token = peek();
  if (!token.is("=") && !token.is("+=") && !token.is("-=") && !token.is("*=") && !token.is("/="))
    return target;
  if (target->kind != NodeKind::kName && target->kind != NodeKind::kIndex &&
      target->kind != NodeKind::kAttribute)
    fail("only a variable, an item or an entry can be assigned to");
  NodePtr result = node(NodeKind::kAssign, token.at);
  result->text = take().text;
  adopt(*result, std::move(target));
  adopt(*result, expression());
  return result;
}

NodePtr Parser::print() {
  NodePtr result = node(NodeKind::kPrint, take().at);
  if (peek().is("(")) return arguments(*result), std::move(result);
  if (peek().kind == TokenKind::kNewline || at_end()) return result;
  do adopt(*result, expression());
  while (accept(","));
  return result;
}

NodePtr Parser::assertion() {
  NodePtr result = node(NodeKind::kAssert, take().at);
  adopt(*result, expression());
  if (accept(",")) adopt(*result, expression());
  return result;
}

bool Parser::at_specification() const {
  return (is_group(peek()) || is_example(peek())) && (is_text(peek(1)) || peek(1).is("("));
}

// it "title", tags: ["a"]:   it("title"):   slow_it "title", fn():   skip("reason")
NodePtr Parser::specification() {
  const Token keyword = take();
  NodePtr result = node(is_group(keyword) ? NodeKind::kGroup : NodeKind::kExample, keyword.at);
  result->text = keyword.text;
  const bool parenthesised = accept("(");
  adopt(*result, expression());
  while (accept(",")) {
    if (peek().is_name("fn") && peek(1).is("(") && peek(2).is(")")) {
      take(), take(), take();
      break;
    }
    if (peek().kind == TokenKind::kName && peek(1).is(":")) take(), take();
    expression();  // tags and dependencies are for the one who selects, not for the one who runs
  }
  if (parenthesised && !peek().is(":")) require(")", "after the arguments");
  if (peek().is(":")) {
    adopt(*result, block("before the body"));
    if (parenthesised) accept(")");
  } else if (keyword.is_name("skip") || keyword.text.starts_with("pending")) {
    end_statement();
  } else {
    fail_expected("':' before the body of '" + keyword.text + "'");
  }
  return result;
}

NodePtr Parser::hook() {
  const Token keyword = take();
  NodePtr result = node(NodeKind::kHook, keyword.at);
  result->text = keyword.text;
  adopt(*result, block("before the body of a hook"));
  return result;
}

}  // namespace minispec
