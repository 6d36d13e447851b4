#include "journal/test_identity.h"

namespace specguard::journal {

void Fingerprint::add_bytes(std::string_view bytes) {
  constexpr std::uint64_t kPrime = 0x100000001B3;
  for (const char byte : bytes) state_ = (state_ ^ static_cast<unsigned char>(byte)) * kPrime;
}

Fingerprint& Fingerprint::add(std::string_view field) {
  add(static_cast<std::uint64_t>(field.size()));
  add_bytes(field);
  return *this;
}

Fingerprint& Fingerprint::add(std::uint64_t field) {
  char bytes[8];
  for (char& byte : bytes) {
    byte = static_cast<char>(field & 0xFF);
    field >>= 8;
  }
  add_bytes({bytes, sizeof bytes});
  return *this;
}

std::uint64_t Fingerprint::value() const {
  // FNV's high bits are weak for short inputs; this is the finaliser of MurmurHash3.
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 33)) * 0xFF51AFD7ED558CCD;
  mixed = (mixed ^ (mixed >> 33)) * 0xC4CEB9FE1A85EC53;
  mixed ^= mixed >> 33;
  return mixed == 0 ? 1 : mixed;
}

}  // namespace specguard::journal
