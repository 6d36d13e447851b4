#include "lexer.h"

#include <array>
#include <cctype>

namespace minispec {
namespace {

constexpr std::array<std::string_view, 42> kSymbols = {
    // longest first
    "**", "..", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "->", "??", "//", "+",
    "-",  "*",  "/",  "%",  "<",  ">",  "=",  "(",  ")",  "[",  "]",  "{",  "}",  ":",
    ",",  ".",  "\\", "!",  "|",  "?",  "&",  "@",  ";",  "~",  "^",  "$",  "`",  "#"};

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_part(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Lexer {
 public:
  Lexer(std::string_view source, Position at, bool whole_file)
      : source_(source), at_(at), whole_file_(whole_file) {}

  std::vector<Token> run() {
    if (source_.starts_with("\xEF\xBB\xBF")) index_ = 3;
    if (whole_file_) begin_line();
    while (index_ < source_.size()) step();
    if (!whole_file_) return finish();
    if (!tokens_.empty() && tokens_.back().kind != TokenKind::kNewline)
      add(TokenKind::kNewline, "");
    for (; indents_.size() > 1; indents_.pop_back()) add(TokenKind::kDedent, "");
    return finish();
  }

 private:
  std::vector<Token> finish() {
    add(TokenKind::kEnd, "");
    return std::move(tokens_);
  }

  char peek(std::size_t ahead = 0) const {
    return index_ + ahead < source_.size() ? source_[index_ + ahead] : '\0';
  }
  bool looking_at(std::string_view text) const { return source_.substr(index_).starts_with(text); }

  void advance(std::size_t count = 1) {
    for (; count > 0 && index_ < source_.size(); --count, ++index_) {
      if (source_[index_] == '\n') {
        ++at_.line;
        at_.column = 1;
      } else {
        ++at_.column;
      }
    }
  }

  void add(TokenKind kind, std::string text) { add(kind, std::move(text), at_); }
  void add(TokenKind kind, std::string text, Position at) {
    tokens_.push_back({kind, std::move(text), at});
  }

  void skip_comment() {
    while (index_ < source_.size() && peek() != '\n') advance();
  }

  // At a line's first column: measures the indentation of the next line that holds a statement.
  void begin_line() {
    for (;;) {
      int width = 0;
      for (; peek() == ' ' || peek() == '\t'; advance()) width += peek() == '\t' ? 4 : 1;
      if (peek() == '#' || looking_at("///")) skip_comment();
      if (peek() == '\r' && peek(1) == '\n') advance();
      if (peek() == '\n') {
        advance();
        continue;
      }
      if (index_ >= source_.size()) return;
      change_indent(width);
      return;
    }
  }

  void change_indent(int width) {
    if (width > indents_.back()) {
      if (indents_.size() >= 200) throw SyntaxError(at_, "blocks are nested too deep");
      indents_.push_back(width);
      add(TokenKind::kIndent, "");
      return;
    }
    while (width < indents_.back()) {
      indents_.pop_back();
      add(TokenKind::kDedent, "");
    }
    if (width != indents_.back())
      throw SyntaxError(at_, "this line's indentation matches no block above it");
  }

  void step() {
    const char c = peek();
    if (c == ' ' || c == '\t' || (c == '\r' && peek(1) == '\n')) return advance();
    if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n')))
      return advance(peek(1) == '\n' ? 2 : 3);
    if (c == '#' || looking_at("///")) return skip_comment();
    if (c == '\n') return end_line();
    if (looking_at("\"\"\"")) return read_docstring();
    if (c == '"') return read_text();
    if (c == '\'') return read_raw_text();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return read_number();
    if (is_name_start(c)) return read_name();
    read_symbol();
  }

  // Inside brackets a line's end is only white space.
  void end_line() {
    if (brackets_ > 0 || !whole_file_) return advance();
    if (!tokens_.empty() && tokens_.back().kind != TokenKind::kNewline &&
        tokens_.back().kind != TokenKind::kIndent && tokens_.back().kind != TokenKind::kDedent)
      add(TokenKind::kNewline, "");
    advance();
    begin_line();
  }

  void read_docstring() {
    const Position start = at_;
    const std::size_t end = source_.find("\"\"\"", index_ + 3);
    if (end == std::string_view::npos)
      throw SyntaxError(start, "this \"\"\" string is not closed before the end of the file");
    std::string text(source_.substr(index_ + 3, end - index_ - 3));
    advance(end + 3 - index_);
    add(TokenKind::kRawText, std::move(text), start);
  }

  void read_raw_text() {
    const Position start = at_;
    const std::size_t end = source_.find_first_of("'\n", index_ + 1);
    if (end == std::string_view::npos || source_[end] != '\'')
      throw SyntaxError(start, "this string is not closed before the end of its line");
    std::string text(source_.substr(index_ + 1, end - index_ - 1));
    advance(end + 1 - index_);
    add(TokenKind::kRawText, std::move(text), start);
  }

  // The closing quote; quotes inside {braces} belong to the expression there.
  void read_text() {
    const Position start = at_;
    int braces = 0;
    bool nested = false;
    for (std::size_t end = index_ + 1; end < source_.size() && source_[end] != '\n'; ++end) {
      const char c = source_[end];
      if (c == '\\') {
        ++end;
      } else if (c == '"' && braces > 0) {
        nested = !nested;
      } else if (c == '"') {
        std::string text(source_.substr(index_ + 1, end - index_ - 1));
        advance(end + 1 - index_);
        return add(TokenKind::kText, std::move(text), start);
      } else if (!nested) {
        braces += c == '{' ? 1 : 0;
        braces -= c == '}' && braces > 0 ? 1 : 0;
      }
    }
    throw SyntaxError(start, "this string is not closed before the end of its line");
  }

  void read_number() {
    const Position start = at_;
    std::string digits;
    bool is_float = false;
    for (;; advance()) {
      const char c = peek();
      if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
        digits += c;
      } else if (c == '.' && !is_float && std::isdigit(static_cast<unsigned char>(peek(1))) != 0) {
        is_float = true;
        digits += c;
      } else if (c != '_') {
        break;
      }
    }
    if (is_name_part(peek())) throw SyntaxError(start, "a number is followed by letters");
    add(is_float ? TokenKind::kFloat : TokenKind::kInteger, std::move(digits), start);
  }

  void read_name() {
    const Position start = at_;
    std::string name;
    for (; is_name_part(peek()); advance()) name += peek();
    add(TokenKind::kName, std::move(name), start);
  }

  void read_symbol() {
    for (const std::string_view symbol : kSymbols) {
      if (!looking_at(symbol)) continue;
      add(TokenKind::kSymbol, std::string(symbol));
      if (symbol == "(" || symbol == "[" || symbol == "{") ++brackets_;
      if ((symbol == ")" || symbol == "]" || symbol == "}") && brackets_ > 0) --brackets_;
      return advance(symbol.size());
    }
    const int byte = static_cast<unsigned char>(peek());
    throw SyntaxError(at_, "unexpected byte " + std::to_string(byte));
  }

  std::string_view source_;
  std::size_t index_ = 0;
  Position at_;
  bool whole_file_;
  int brackets_ = 0;
  std::vector<int> indents_{0};
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  return Lexer(source, Position{}, true).run();
}

std::vector<Token> tokenize_expression(std::string_view source, Position at) {
  return Lexer(source, at, false).run();
}

}  // namespace minispec
