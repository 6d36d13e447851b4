#include "cli/reap.h"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "cli/exit_codes.h"
#include "supervise/sweep.h"

namespace specguard::cli {
namespace {

constexpr std::string_view kHelp =
    "usage: test-launcher reap [--dry-run]\n\n"
    "Kills the processes, and removes the control groups and containers, of attempts whose "
    "launcher\n"
    "is dead. Touches nothing else: not what a living launcher watches, and not what others "
    "started.\n\n"
    "  --dry-run   only say what would be cleared\n\n"
    "Exit codes: 0 nothing is left; 1 something could not be cleared; 2 usage.\n";

std::string name_of(const supervise::Leftover& leftover) {
  using Kind = supervise::Leftover::Kind;
  switch (leftover.kind) {
    case Kind::kProcess:
      return fmt::format("process {}", leftover.pid);
    case Kind::kGroup:
      return "group";
    case Kind::kContainer:
      return "container";
  }
  return {};
}

}  // namespace

int run_reap(std::span<char*> arguments) {
  auto mode = supervise::SweepMode::kClear;
  for (const std::string_view argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      fmt::print("{}", kHelp);
      return kExitSuccess;
    }
    if (argument != "--dry-run") {
      fmt::print(stderr, "test-launcher reap: unknown argument '{}'\n\n{}", argument, kHelp);
      return kExitUsage;
    }
    mode = supervise::SweepMode::kFindOnly;
  }
  const bool dry_run = mode == supervise::SweepMode::kFindOnly;
  bool all_cleared = true;
  auto leftovers = supervise::sweep(mode);
  for (supervise::Leftover& container : supervise::sweep_containers(mode))
    leftovers.push_back(std::move(container));
  for (const supervise::Leftover& leftover : leftovers) {
    const std::string what = name_of(leftover);
    const bool is_foreign_process =
        leftover.kind == supervise::Leftover::Kind::kProcess && !leftover.cleared;
    const bool is_promised = leftover.kind == supervise::Leftover::Kind::kGroup || leftover.cleared;
    const char* const verb = dry_run && is_promised ? "would clear"
                             : dry_run              ? "cannot clear"
                             : leftover.cleared     ? "cleared"
                                                    : "could not clear";
    fmt::print("{} {}: {}{}\n", verb, what, leftover.description,
               is_foreign_process ? " (of another user: reap as that user, or as root)" : "");
    all_cleared &= dry_run || leftover.cleared;
  }
  if (leftovers.empty()) fmt::print("nothing was left behind\n");
  return all_cleared ? kExitSuccess : kExitFailure;
}

}  // namespace specguard::cli
