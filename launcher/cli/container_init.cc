#include "cli/container_init.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/exit_codes.h"
#include "supervise/container_init.h"

namespace specguard::cli {

int run_container_init(std::span<char*> arguments) {
  const auto order = supervise::parse_container_init_words(
      std::vector<std::string>(arguments.begin(), arguments.end()));
  const base::Error error = order ? supervise::run_container_init(*order) : order.error();
  fmt::print(stderr, "test-launcher {}: {}\n", supervise::kContainerInit, error.message());
  return order ? kExitLauncherError : kExitUsage;
}

}  // namespace specguard::cli
