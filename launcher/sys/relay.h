// Carrying bytes both ways between a connection and a program's own input and output, as nc(1)
// does.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace specguard::sys {

// Sends what can be read from `input` to the connected socket, and then no more (shutdown(2));
// hands what arrives to `take`. Neither way waits for the other. Returns when the other side has
// closed. Input that cannot be read, and a side that takes no more of it, count as the input's end.
// The Error says that the connection broke.
base::Result<void> relay(int connection, int input,
                         const std::function<void(std::string_view)>& take);

}  // namespace specguard::sys
