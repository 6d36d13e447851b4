// Text from outside (names, command lines, output, engine messages) made safe to print.
#pragma once

#include <string>
#include <string_view>

namespace specguard::base {

// Control characters and bytes that are not UTF-8 become \xNN escapes, so that no test can write to
// the terminal through our messages; text longer than max_bytes ends in "...".
std::string printable(std::string_view text, std::size_t max_bytes = 4096);

// The last line that is not blank, without what ends it: there programs say what went wrong.
std::string_view last_line(std::string_view text);

// Bytes of the well-formed UTF-8 sequence at the start of the text, or 0 where there is none. The
// text must not be empty.
std::size_t utf8_sequence_length(std::string_view text);

// True where every byte sequence is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_valid_utf8(std::string_view text);

}  // namespace specguard::base
