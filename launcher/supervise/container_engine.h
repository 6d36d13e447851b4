// ContainerEngine: the program by which containers are had, and the few things it is asked besides
// running one. Every question is bounded in time; what it prints is not trusted.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "supervise/container_arguments.h"

namespace specguard::supervise {

inline constexpr std::string_view kOwnerLabel = "org.specguard.owner";

struct ContainerEngine {
  EngineKind kind = EngineKind::kDocker;
  std::string program;  // absolute
  // It runs as the caller, in a user namespace whose root the caller is.
  bool rootless = false;
};

// `asked` is "docker", "podman" or "auto": docker where its daemon answers, else podman. The Error
// says what was looked for, or whose the engine is, and what would help.
base::Result<ContainerEngine> find_engine(std::string_view asked);

// Those that are installed and answer.
std::vector<ContainerEngine> answering_engines();

// False for an ordinary user who has no podman store where it is by default, and no setting that
// may put it elsewhere. To ask podman would make the store, and leave a process of podman's own.
bool may_have_podman_containers();

// Kills and removes a container of that name. nullopt: it is gone, or never was. Else why not.
std::optional<std::string> remove_container(const ContainerEngine& engine, const std::string& name,
                                            std::chrono::milliseconds limit);

// The same for several at the price of one start of the client. False where one of them may be
// there still.
bool remove_containers(const ContainerEngine& engine, const std::vector<std::string>& names,
                       std::chrono::milliseconds limit);

// The names of all containers, running or not, that carry our label; nullopt where the engine gives
// no answer.
std::optional<std::vector<std::string>> labelled_containers(const ContainerEngine& engine);

}  // namespace specguard::supervise
