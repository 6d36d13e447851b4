// `docker-client`: what `exec` starts instead of docker's client. Not for people.
#pragma once

#include <span>

namespace specguard::cli {

int run_docker_client(std::span<char*> arguments);

}  // namespace specguard::cli
