#include "session/xml_text.h"

#include "base/text.h"

namespace specguard::session {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// XML 1.0, production 2, of a well-formed sequence.
bool is_xml_character(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r';
  return sequence != "\xEF\xBF\xBE" && sequence != "\xEF\xBF\xBF";
}

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

std::string_view escape_in_attribute(char c) {
  switch (c) {
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    case '\t':
      return "&#9;";
    default:
      return escape_of(c);
  }
}

template <typename EscapeOf>
std::string escape(std::string_view text, EscapeOf&& escape_of_char) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::size_t length = base::utf8_sequence_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (length == 0 || !is_xml_character(sequence)) {
      out += kReplacement;
    } else if (const std::string_view escaped = escape_of_char(sequence.front());
               length == 1 && !escaped.empty()) {
      out += escaped;
    } else {
      out += sequence;
    }
  }
  return out;
}

}  // namespace

std::string xml_text(std::string_view text) {
  return escape(text, escape_of);
}

std::string xml_attribute(std::string_view text) {
  return escape(text, escape_in_attribute);
}

}  // namespace specguard::session
