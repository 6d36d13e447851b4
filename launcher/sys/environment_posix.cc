#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "sys/environment.h"

namespace specguard::sys {
namespace {

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

void remove_environment_variable(const char* name) {
  ::unsetenv(name);
}

std::vector<std::string> environment_with(const std::vector<std::string>& entries) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool replaced = std::any_of(entries.begin(), entries.end(), [&](const std::string& ours) {
      return name_of(ours) == name_of(*entry);
    });
    if (!replaced) merged.emplace_back(*entry);
  }
  merged.insert(merged.end(), entries.begin(), entries.end());
  return merged;
}

}  // namespace specguard::sys
