#include "supervise/docker_daemon.h"

#include <fmt/format.h>

#include <chrono>

#include "sys/bounded_command.h"
#include "sys/environment.h"
#include "sys/file.h"
#include "sys/local_socket.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;
constexpr std::uint64_t kMaxMapBytes = 1 << 16;
constexpr auto kAnswerLimit = 5s;

// What docker's client is told by its user; empty where there is no such file.
std::string docker_configuration() {
  const std::string directory =
      sys::environment_variable("DOCKER_CONFIG")
          .value_or(sys::environment_variable("HOME").value_or("") + "/.docker");
  return sys::read_file(directory + "/config.json", kMaxConfigBytes).value_or("");
}

// Where docker's client would look is not always a socket: another machine, another context. Then
// only the client itself can tell.
std::optional<std::string> docker_socket(std::string_view configuration) {
  constexpr std::string_view kUnix = "unix://";
  if (const auto host = sys::environment_variable("DOCKER_HOST"); host && !host->empty())
    return host->starts_with(kUnix) ? std::optional(host->substr(kUnix.size())) : std::nullopt;
  if (sys::environment_variable("DOCKER_CONTEXT")) return std::nullopt;
  if (configuration.find("currentContext") != std::string::npos) return std::nullopt;
  return "/var/run/docker.sock";
}

// nullopt: whoever listens may be somebody between.
std::optional<DockerDaemon> daemon_that_is(const sys::Listener& listener) {
  if (listener.user == uid_t{0}) return DockerDaemon{};
  if (!listener.user || listener.pid == 0) return std::nullopt;
  const auto map = sys::read_file(fmt::format("/proc/{}/uid_map", listener.pid), kMaxMapBytes);
  if (!map || sys::user_outside(*map, 0) != listener.user) return std::nullopt;
  return DockerDaemon{.rootless = true, .user = listener.user};
}

}  // namespace

std::optional<std::string> docker_socket_without_client() {
  for (const char* setting : {"DOCKER_API_VERSION", "DOCKER_CUSTOM_HEADERS"})
    if (sys::environment_variable(setting)) return std::nullopt;
  const std::string configuration = docker_configuration();
  for (const char* setting : {"\"proxies\"", "\"HttpHeaders\""})
    if (configuration.find(setting) != std::string::npos) return std::nullopt;
  return docker_socket(configuration);
}

std::optional<DockerDaemon> parse_docker_answer(std::string_view answer) {
  if (answer.find_first_of(" \n") == 0 || answer.empty()) return std::nullopt;
  return DockerDaemon{.rootless = answer.find("name=rootless") != std::string_view::npos};
}

std::optional<DockerDaemon> find_docker_daemon(const std::string& client) {
  if (const auto socket = docker_socket(docker_configuration())) {
    const auto listener = sys::find_listener(*socket);
    if (!listener) return std::nullopt;
    if (const auto known = daemon_that_is(*listener)) return known;
  }
  const auto answer =
      sys::run_bounded_command({client, "info", "--format", kDockerQuestion}, kAnswerLimit, 4096);
  if (!answer || !answer->in_time || answer->exit_code != 0) return std::nullopt;
  return parse_docker_answer(answer->text);
}

base::Result<void> check_serves_caller(const DockerDaemon& daemon) {
  const uid_t own = sys::own_identity().user;
  if (!daemon.rootless || (own != 0 && daemon.user.value_or(own) == own)) return {};
  return base::Error(fmt::format(
      "docker's daemon runs without root, as {}, and user {} asks: what a container writes would "
      "not be this user's; run ctest as the user of the daemon, or choose a daemon of root "
      "(DOCKER_HOST) or --engine podman",
      daemon.user ? fmt::format("user {}", *daemon.user) : "another user", own));
}

}  // namespace specguard::supervise
