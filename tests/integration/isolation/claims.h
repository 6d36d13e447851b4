// The security table of docs/isolation.md, held against the tests: a claim that no test shows, and
// a proof of what the table does not claim, are failures.
#pragma once

#include <set>
#include <string>

namespace specguard::testing {

class Claims {
 public:
  // The rows that say yes in that column ("docker", "podman", "namespace") and name this proof.
  Claims(const std::string& column, const std::string& proof);

  // Call right before the expectations that show it.
  void show(const std::string& claim);

  // What the table claims and nobody showed.
  const std::set<std::string>& unshown() const { return claims_; }

 private:
  std::set<std::string> claims_;
};

}  // namespace specguard::testing
