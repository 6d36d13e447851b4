// Globs as people write them for files: * ? [abc] [!a-z] and, across directories, **. Pure.
#pragma once

#include <string_view>

namespace specguard::spec {

// `*` and `?` stop at '/', `**` does not. Bytes, not characters; no backslash escapes.
bool glob_matches(std::string_view pattern, std::string_view text);

// A pattern without '/' is tried on the last segment of the path, one with '/' on the whole.
bool glob_matches_path(std::string_view pattern, std::string_view relative_path);

}  // namespace specguard::spec
