// minispec, a TEST FIXTURE of SpecGuard: source text to tokens, with indentation made explicit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "errors.h"

namespace minispec {

enum class TokenKind {
  kName,
  kInteger,
  kFloat,
  kText,     // "..."; text is what stands between the quotes, escapes and {} not yet resolved
  kRawText,  // '...' or """...""": taken as it is
  kSymbol,   // an operator or bracket, in text
  kNewline,  // the end of a statement
  kIndent,
  kDedent,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  Position at;

  bool is(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
  bool is_name(std::string_view name) const { return kind == TokenKind::kName && text == name; }
};

// Throws SyntaxError. Survives a byte-order mark, CRLF, a shebang, `#` and `///` comments, and a
// last line without its newline.
std::vector<Token> tokenize(std::string_view source);

// The tokens of an expression inside a string's braces, which begins at `at`; ends in kEnd.
std::vector<Token> tokenize_expression(std::string_view source, Position at);

}  // namespace minispec
