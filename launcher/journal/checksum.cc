#include "journal/checksum.h"

#include <array>

namespace specguard::journal {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41, bits reversed

// Slicing by four: tables[k][b] is the checksum of byte b followed by k zero bytes.
constexpr auto make_tables() {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = value;
  }
  for (std::size_t byte = 0; byte < 256; ++byte)
    for (std::size_t k = 1; k < 4; ++k)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xFF];
  return tables;
}

constexpr auto kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t value = 0xFFFFFFFF;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (; bytes.size() >= 4; bytes.remove_prefix(4)) {
    value ^= at(0) | at(1) << 8 | at(2) << 16 | static_cast<std::uint32_t>(at(3)) << 24;
    value = kTables[3][value & 0xFF] ^ kTables[2][(value >> 8) & 0xFF] ^
            kTables[1][(value >> 16) & 0xFF] ^ kTables[0][value >> 24];
  }
  for (const char byte : bytes)
    value = (value >> 8) ^ kTables[0][(value ^ static_cast<unsigned char>(byte)) & 0xFF];
  return ~value;
}

}  // namespace specguard::journal
