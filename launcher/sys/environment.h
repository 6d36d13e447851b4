// The environment of the calling process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace specguard::sys {

// The value of a variable; nullopt where it is not set.
std::optional<std::string> environment_variable(const char* name);

// Takes it out of the calling process' environment, which its children inherit.
void remove_environment_variable(const char* name);

// All of it with some entries put in; each is NAME=value, and replaces what is there under that
// name.
std::vector<std::string> environment_with(const std::vector<std::string>& entries);

}  // namespace specguard::sys
