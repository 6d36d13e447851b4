// CRC-32C (Castagnoli): what tells a whole record from a torn or damaged one.
//
// It detects every error burst of up to 32 bits and any change of a single byte. It is no
// protection against somebody who means to change a journal: who may write the build directory may
// as well change the tests.
#pragma once

#include <cstdint>
#include <string_view>

namespace specguard::journal {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace specguard::journal
