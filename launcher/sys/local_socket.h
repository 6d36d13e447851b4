// Sockets of this machine, as far as to know whether somebody answers there.
#pragma once

#include <string>

namespace specguard::sys {

// Whether a program accepts connections at this path of the file system. Never blocks.
bool somebody_listens_at(const std::string& path);

}  // namespace specguard::sys
