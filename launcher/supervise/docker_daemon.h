// DockerDaemon: whether docker's daemon answers, and whether it runs without root.
//
// Where its socket is known, one connection tells, and no process is started: who listens there,
// and in which user namespace. A daemon without root is the root of one that maps it to its user;
// root's daemon is root. Anybody else who listens may be a proxy of either. Then, and where only
// docker's client knows the socket (another kind of DOCKER_HOST, a context), the client is asked,
// which takes as long as it takes to start it.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/identity.h"

namespace specguard::supervise {

struct DockerDaemon {
  bool rootless = false;
  std::optional<uid_t> user{};  // as whom it runs without root, where that can be seen
};

// Where docker's daemon listens, where its client would look nowhere else and would add nothing of
// its own (settings of proxies, headers, a version) to what it is told.
std::optional<std::string> docker_socket_without_client();

// `client` is docker's program. nullopt: nobody answers.
std::optional<DockerDaemon> find_docker_daemon(const std::string& client);

// What a daemon without root makes belongs to its user, so it serves nobody else. The Error says
// whose it is and what would help.
base::Result<void> check_serves_caller(const DockerDaemon& daemon);

// Pure: what the client printed for kDockerQuestion. nullopt: the daemon gave no answer.
inline constexpr const char* kDockerQuestion = "{{.ServerVersion}} {{.SecurityOptions}}";
std::optional<DockerDaemon> parse_docker_answer(std::string_view answer);

}  // namespace specguard::supervise
