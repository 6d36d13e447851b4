// minispec, a TEST FIXTURE of SpecGuard: tokens to tree, by recursive descent.
//
// It takes the subset of the spec language that SpecGuard's examples and tests use; anything else
// is a SyntaxError that says where. README.md in this folder lists the subset.
#pragma once

#include <string_view>
#include <vector>

#include "ast.h"
#include "lexer.h"

namespace minispec {

// The whole file as one kBlock. Throws SyntaxError.
NodePtr parse_program(std::string_view source);

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  NodePtr program();
  NodePtr expression();
  bool at_end() const { return peek().kind == TokenKind::kEnd; }
  Position position() const { return peek().at; }

 private:
  // Token cursor (parser.cc).
  const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  bool accept(std::string_view symbol);
  bool accept_name(std::string_view name);
  void require(std::string_view symbol, const char* where);
  std::string require_name(const char* what);
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_expected(const std::string& what) const;  // "expected X, found Y"
  NodePtr node(NodeKind kind, Position at) const;
  void adopt(Node& parent, NodePtr child) const;

  // Statements (parse_statements.cc).
  NodePtr statement();
  NodePtr simple_statement();
  NodePtr block(const char* owner);
  NodePtr declare();
  NodePtr function();
  NodePtr if_chain();
  NodePtr loop();
  NodePtr assignment_or_expression();
  NodePtr print();
  NodePtr assertion();
  NodePtr specification();
  NodePtr hook();
  bool at_specification() const;
  NodePtr import();
  void skip_type();
  void end_statement();
  std::vector<std::string> parameters();

  // expect ... (parse_expect.cc).
  NodePtr expectation();
  void matcher(Node& expectation);
  void matcher_arguments(Node& expectation);

  // Expressions (parse_expressions.cc).
  NodePtr binary(int min_precedence);
  NodePtr unary();
  NodePtr postfix();
  NodePtr primary();
  NodePtr list();
  NodePtr map();
  NodePtr lambda();
  NodePtr text_with_braces(const Token& token);
  void arguments(Node& call);

  std::vector<Token> tokens_;
  std::size_t index_ = 0;
};

}  // namespace minispec
