// Strike: SIGKILL at a moment, to one of those who take part in a session or to all of them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace specguard::testing {

enum class Target {
  kCtest,
  kSupervisor,  // ctest where nobody supervises
  kFront,
  kKeeper,
  kTest,
  kEverything,
  kPowerLoss,  // everything, and what was not synced is cut off or zeros
};
inline constexpr int kTargets = 7;
const char* target_name(Target target);

// Kills one of the target's kind below `root`, the process that the test started. Everything is all
// that carries `mark` (NAME=value) in its environment. False where there was none of that kind.
bool strike(Target target, pid_t root, const std::string& mark, std::mt19937& random);

// What a power loss may leave of a journal: the tail behind its durable beginning is cut off at a
// random byte, or reads as zeros from there.
std::string lose_tail(const std::filesystem::path& journal, std::size_t durable_bytes,
                      std::mt19937& random);

}  // namespace specguard::testing
