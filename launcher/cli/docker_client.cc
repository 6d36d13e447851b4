#include "cli/docker_client.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/exit_codes.h"
#include "supervise/docker_client.h"

namespace specguard::cli {

int run_docker_client(std::span<char*> arguments) {
  const auto exit_code = supervise::run_docker_client(arguments);
  if (exit_code) return *exit_code;
  fmt::print(stderr, "test-launcher {}: {}\n", supervise::kDockerClient,
             exit_code.error().message());
  return kExitUsage;
}

}  // namespace specguard::cli
