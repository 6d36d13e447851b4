// DockerRequest: what a container is to be, as the docker daemon is told it. The same as
// container_command() says to docker's client, field by field; a test compares what docker makes of
// both. Pure.
// Source: Docker Engine API, "Create a container".
#pragma once

#include <string>

#include "supervise/container_arguments.h"

namespace specguard::supervise {

// One JSON object. As on the command line, an environment variable without a value gets that of
// whoever sends it.
std::string docker_create_request(const ContainerRequest& request);

}  // namespace specguard::supervise
