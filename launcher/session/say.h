// What a session says to people while it runs: on standard error, where ctest's own words do not
// go.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "sys/stream.h"

namespace specguard::session {

// Never fails and never waits longer than a second: nobody may be left unguarded because a reader
// of the log is slow or gone.
template <typename... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  sys::write_within(2, fmt::format(format, std::forward<Values>(values)...),
                    std::chrono::seconds(1));
}

}  // namespace specguard::session
