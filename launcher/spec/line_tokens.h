// One line of a spec, taken apart just far enough to tell code from strings and comments. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace specguard::spec {

struct Token {
  enum class Kind { kWord, kString, kPunctuation };
  Kind kind;
  std::string_view text;  // of a string: what stands between the quotes, escapes as written

  bool is(std::string_view punctuation) const {
    return kind == Kind::kPunctuation && text == punctuation;
  }
  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
};

enum class LineEnd { kCode, kInsideBlock };  // kInsideBlock: a """ was opened and not closed

// Fills tokens (cleared first; the caller keeps the buffer) with the line's, up to a comment. A
// string that is not closed ends with the line; a """ that is not closed is reported and has its
// text as the last token.
LineEnd tokenize(std::string_view line, std::vector<Token>& tokens);

}  // namespace specguard::spec
