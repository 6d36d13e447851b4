#include <sys/random.h>

#include <array>

#include "base/check.h"
#include "sys/random.h"

namespace specguard::sys {

std::string random_hex(std::size_t bytes) {
  std::array<unsigned char, 32> random{};
  SPECGUARD_CHECK(bytes <= random.size(), "more random bytes than a name needs");
  // Up to 256 bytes come whole and without EINTR (getrandom(2)).
  const ssize_t got = ::getrandom(random.data(), bytes, 0);
  SPECGUARD_CHECK(got == static_cast<ssize_t>(bytes), "the kernel has no random bytes");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kDigits[random[i] >> 4];
    text += kDigits[random[i] & 0xF];
  }
  return text;
}

}  // namespace specguard::sys
