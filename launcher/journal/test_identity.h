// TestIdentity: which test a record is about, and in which state of its sources.
//
// Resume decides by name and content, never by index: CTest's numbers shift when a test is added.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace specguard::journal {

struct TestIdentity {
  std::string name;           // CTest's name of the test, byte for byte
  std::uint64_t content = 0;  // fingerprint of the spec file's content; 0 where there is no spec
  std::uint64_t command = 0;  // fingerprint of the command, the files it names, and the settings

  friend bool operator==(const TestIdentity&, const TestIdentity&) = default;
};

// A 64-bit fingerprint (FNV-1a with a final mix) over fields. Each field goes in with its length,
// so that {"ab", "c"} and {"a", "bc"} differ. Good against accidents: two versions of one spec
// collide once in 1.8e19 edits; it is no defence against somebody who computes a collision.
class Fingerprint {
 public:
  Fingerprint& add(std::string_view field);
  Fingerprint& add(std::uint64_t field);
  std::uint64_t value() const;  // never 0, which means "there is none"

 private:
  void add_bytes(std::string_view bytes);
  std::uint64_t state_ = 0xCBF29CE484222325;
};

}  // namespace specguard::journal
