// Text of any bytes as text of XML 1.0 and of HTML.
#pragma once

#include <string>
#include <string_view>

namespace specguard::session {

// & < > " ' are escaped (so `]]>` is, too). What XML 1.0 has no room for (control characters,
// U+FFFE, U+FFFF) and bytes that are not UTF-8 become U+FFFD.
std::string xml_text(std::string_view text);

// The same for a value in quotes: line ends and tabs become references, which an attribute keeps.
std::string xml_attribute(std::string_view text);

}  // namespace specguard::session
