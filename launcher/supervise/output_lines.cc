#include "supervise/output_lines.h"

namespace specguard::supervise {
namespace {

bool is_between(char c, char low, char high) {
  return c >= low && c <= high;
}

// Length of the escape sequence at the start of text, which begins with ESC (ECMA-48).
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return text.size();
  const char kind = text[1];
  if (kind == '[') {  // CSI: parameters, intermediates, one final byte
    std::size_t at = 2;
    while (at < text.size() && is_between(text[at], ' ', '?')) ++at;
    return at < text.size() && is_between(text[at], '@', '~') ? at + 1 : at;
  }
  if (kind == ']') {  // OSC: up to BEL or ESC backslash; any other ESC breaks it off
    const std::size_t end = text.find_first_of("\a\x1b", 2);
    if (end == std::string_view::npos) return 2;  // never ends: keep what follows readable
    if (text[end] == '\a') return end + 1;
    return end + 1 < text.size() && text[end + 1] == '\\' ? end + 2 : end;
  }
  std::size_t at = 1;  // ESC ( B and the like: intermediates, one final byte
  while (at < text.size() && is_between(text[at], ' ', '/')) ++at;
  return at < text.size() && is_between(text[at], '0', '~') ? at + 1 : at;
}

}  // namespace

std::string strip_escapes(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const std::size_t escape = text.find('\x1b');
    plain += text.substr(0, escape);
    if (escape == std::string_view::npos) break;
    text.remove_prefix(escape);
    text.remove_prefix(escape_length(text));
  }
  return plain;
}

}  // namespace specguard::supervise
