// Names that nobody else has.
#pragma once

#include <cstddef>
#include <string>

namespace specguard::sys {

// Lower-case hexadecimal digits, two a byte, from the kernel (getrandom(2)); at most 32 bytes.
std::string random_hex(std::size_t bytes);

}  // namespace specguard::sys
