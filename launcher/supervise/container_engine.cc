#include "supervise/container_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.h"
#include "supervise/docker_daemon.h"
#include "sys/bounded_command.h"
#include "sys/environment.h"
#include "sys/identity.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxListBytes = 1 << 20;
constexpr auto kListLimit = 20s;  // a busy machine

// A daemon that does not answer is the client's to tell of.
base::Result<ContainerEngine> docker_engine(const std::string& program,
                                            const std::optional<DockerDaemon>& daemon) {
  if (daemon) SPECGUARD_TRY_VOID(check_serves_caller(*daemon));
  return ContainerEngine{EngineKind::kDocker, program, daemon && daemon->rootless};
}

ContainerEngine podman_engine(const std::string& program) {
  return {EngineKind::kPodman, program, sys::own_identity().user != 0};
}

}  // namespace

base::Result<ContainerEngine> find_engine(std::string_view asked) {
  const auto docker = sys::find_program("docker");
  const auto podman = sys::find_program("podman");
  if (asked == "docker" && docker) return docker_engine(*docker, find_docker_daemon(*docker));
  if (asked == "podman" && podman) return podman_engine(*podman);
  if (asked != "auto")
    return base::Error(fmt::format(
        "--engine {}: there is no program '{}' in PATH; install it, or choose another engine",
        asked, asked));
  if (docker)
    if (const auto daemon = find_docker_daemon(*docker)) return docker_engine(*docker, daemon);
  if (podman) return podman_engine(*podman);
  if (docker)
    return base::Error(
        "--engine auto: docker is installed, but its daemon does not answer, and podman is not "
        "installed; start the daemon (systemctl start docker), or install podman");
  return base::Error(
      "--engine auto: neither docker nor podman is in PATH; install one of them, or use "
      "--isolation namespace, which needs none");
}

bool may_have_podman_containers() {
  if (sys::own_identity().user == 0) return true;
  for (const char* setting : {"CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINER_HOST"})
    if (sys::environment_variable(setting)) return true;
  const auto home = sys::environment_variable("HOME");
  if (!home) return true;
  const auto data = sys::environment_variable("XDG_DATA_HOME");
  const std::string store = data.value_or(*home + "/.local/share") + "/containers";
  std::error_code unreadable;
  return std::filesystem::exists(store, unreadable) ||
         std::filesystem::exists(*home + "/.config/containers", unreadable);
}

std::vector<ContainerEngine> answering_engines() {
  std::vector<ContainerEngine> engines;
  if (const auto docker = sys::find_program("docker"))
    if (const auto daemon = find_docker_daemon(*docker))
      engines.push_back({EngineKind::kDocker, *docker, daemon->rootless});
  if (const auto podman = sys::find_program("podman")) engines.push_back(podman_engine(*podman));
  return engines;
}

std::optional<std::string> remove_container(const ContainerEngine& engine, const std::string& name,
                                            std::chrono::milliseconds limit) {
  const auto remove = [&] {
    return sys::run_bounded_command({engine.program, "rm", "--force", "--volumes", name}, limit,
                                    4096, sys::ErrorStream::kWithOutput);
  };
  auto answer = remove();
  // Where podman's conmon was killed as well (ctest's TIMEOUT does), the first try waits in vain
  // for its exit file and only then knows that the container has ended; the second one removes it.
  if (engine.kind == EngineKind::kPodman && answer && answer->in_time && answer->exit_code != 0)
    answer = remove();
  const auto failed = [&](std::string_view why) {
    return fmt::format(
        "the container {} may be left over ({}); when {} works again: "
        "test-launcher reap",
        name, why, engine_name(engine.kind));
  };
  if (!answer) return failed("the engine's client cannot be started");
  if (!answer->in_time) return failed("the engine did not answer in time");
  if (answer->exit_code == 0) return std::nullopt;
  // Gone, or going: docker removes a container that ends (--rm) itself, and says so meanwhile.
  constexpr std::array kGone = {"No such container", "no such container", "no container with name",
                                "is already in progress"};
  const bool was_gone = std::any_of(kGone.begin(), kGone.end(), [&](const char* words) {
    return answer->text.find(words) != std::string::npos;
  });
  if (was_gone) return std::nullopt;
  return failed(base::printable(base::last_line(answer->text), 512));
}

bool remove_containers(const ContainerEngine& engine, const std::vector<std::string>& names,
                       std::chrono::milliseconds limit) {
  std::vector<std::string> command = {engine.program, "rm", "--force", "--volumes"};
  // Else it leaves all of them where one is gone already; docker goes on.
  if (engine.kind == EngineKind::kPodman) command.emplace_back("--ignore");
  command.insert(command.end(), names.begin(), names.end());
  const auto answer = sys::run_bounded_command(command, limit, 4096);
  return answer && answer->in_time && answer->exit_code == 0;
}

std::optional<std::vector<std::string>> labelled_containers(const ContainerEngine& engine) {
  const auto answer =
      sys::run_bounded_command({engine.program, "ps", "--all", "--filter",
                                fmt::format("label={}", kOwnerLabel), "--format", "{{.Names}}"},
                               kListLimit, kMaxListBytes);
  if (!answer || !answer->in_time || answer->exit_code != 0) return std::nullopt;
  std::vector<std::string> names;
  for (std::string_view rest = answer->text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.empty()) names.emplace_back(line);
  }
  return names;
}

}  // namespace specguard::supervise
