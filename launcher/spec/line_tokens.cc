#include "spec/line_tokens.h"

namespace specguard::spec {
namespace {

constexpr std::string_view kBlockQuotes = "\"\"\"";

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Where the string that starts after its opening quote ends, or npos. A raw string knows no
// escapes.
std::size_t find_quote(std::string_view text, bool raw) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && !raw)
      ++at;
    else if (text[at] == '"')
      return at;
  }
  return std::string_view::npos;
}

// A character literal such as '"' must not open a string.
std::size_t character_literal_length(std::string_view text) {
  if (text.size() >= 3 && text[1] != '\\' && text[2] == '\'') return 3;
  if (text.size() >= 4 && text[1] == '\\' && text[3] == '\'') return 4;
  return 1;
}

std::size_t word_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_word_character(text[length])) ++length;
  return length;
}

}  // namespace

LineEnd tokenize(std::string_view line, std::vector<Token>& tokens) {
  using Kind = Token::Kind;
  tokens.clear();
  bool raw = false;
  while (!line.empty()) {
    const char c = line.front();
    if (c == '#') break;
    if (line.starts_with(kBlockQuotes)) {
      line.remove_prefix(kBlockQuotes.size());
      const std::size_t end = line.find(kBlockQuotes);
      tokens.push_back({Kind::kString, line.substr(0, end)});
      if (end == std::string_view::npos) return LineEnd::kInsideBlock;
      line.remove_prefix(end + kBlockQuotes.size());
    } else if (c == '"') {
      line.remove_prefix(1);
      const std::size_t end = find_quote(line, raw);
      tokens.push_back({Kind::kString, line.substr(0, end)});
      if (end == std::string_view::npos) break;
      line.remove_prefix(end + 1);
    } else if (c == ' ' || c == '\t') {
      line.remove_prefix(1);
    } else if (c == '\'') {
      line.remove_prefix(character_literal_length(line));
    } else if (const std::size_t length = word_length(line); length > 0) {
      const std::string_view word = line.substr(0, length);
      line.remove_prefix(length);
      const bool is_prefix = (word == "f" || word == "r") && line.starts_with('"');
      raw = is_prefix && word == "r";
      if (!is_prefix) tokens.push_back({Kind::kWord, word});
      continue;
    } else {
      tokens.push_back({Kind::kPunctuation, line.substr(0, 1)});
      line.remove_prefix(1);
    }
    raw = false;
  }
  return LineEnd::kCode;
}

}  // namespace specguard::spec
