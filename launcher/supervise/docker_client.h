// DockerClient: `docker run` by the daemon's socket, which saves the start of docker's own client:
// 15 of 258 ms, and two thirds of the CPU time on this side (docs/performance.md).
//
// It is a program of its own, below the keeper, as docker's client is: it creates the container,
// attaches to it, starts it, carries its streams, and ends with its exit code once it is removed.
// What it has to say of a failure is what docker's client would say. Until the container is
// created it can step aside: where the socket does not answer as a docker daemon does, or refuses
// the container, it becomes the client, which knows every daemon and has the words for it.
// Source: Docker Engine API, of which it uses what every version since 1.30 has.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace specguard::supervise {

struct DockerRun {
  std::string socket;        // where the daemon listens
  std::string request_file;  // docker_create_request()
  std::string name;          // of the container
  std::string id_file;       // where its id is written, or its name where it may be there
};

// The name of the launcher's subcommand for it.
inline constexpr std::string_view kDockerClient = "docker-client";

// As a command of `launcher` that becomes `client`, docker's own, where it has to.
std::vector<std::string> docker_client_command(const std::string& launcher, const DockerRun& run,
                                               const std::vector<std::string>& client);

// Does it with the words after the subcommand's name, and returns the exit code. The Error is our
// own launcher's doing, of another version, or that there is no docker to become.
base::Result<int> run_docker_client(std::span<char*> words);

}  // namespace specguard::supervise
