// `test-launcher container-init`: what the launcher outside of a container starts inside. No
// person's command, and not listed.
#pragma once

#include <span>

namespace specguard::cli {

int run_container_init(std::span<char*> arguments);

}  // namespace specguard::cli
