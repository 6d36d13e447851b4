#include "journal/state_directory.h"

#include <algorithm>

namespace specguard::journal {

bool is_session_id(std::string_view id) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !id.empty() && id.size() <= 100 && id.front() != '.' &&
         id.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace specguard::journal
