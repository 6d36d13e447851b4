#include "supervise/docker_request.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace specguard::supervise {
namespace {

using nlohmann::json;

json mount_entry(const ContainerMount& mount, bool rootless) {
  if (mount.scratch.empty())
    return {{"Type", "bind"},
            {"Source", mount.source},
            {"Target", mount.target},
            {"ReadOnly", !mount.writable}};
  // An anonymous volume, which AutoRemove removes.
  return {{"Type", "volume"},
          {"Target", mount.target},
          {"VolumeOptions",
           {{"DriverConfig",
             {{"Options",
               {{"type", "overlay"},
                {"device", "overlay"},
                {"o", overlay_value(mount, rootless)}}}}}}}};
}

json host_config(const ContainerRequest& request) {
  const ContainerBounds& bounds = request.bounds;
  json mounts = json::array();
  for (const ContainerMount& mount : request.mounts)
    mounts.push_back(mount_entry(mount, request.rootless));
  return {{"AutoRemove", true},
          {"RestartPolicy", {{"Name", "no"}}},
          {"LogConfig", {{"Type", "none"}}},
          {"NetworkMode", request.host_network ? "host" : "none"},
          {"Memory", bounds.memory_bytes},
          {"MemorySwap", bounds.memory_bytes},
          {"NanoCpus", std::llround(in_hundredths(bounds.cpus) * 1e9)},
          {"PidsLimit", tasks_with_init(bounds.pids)},
          {"CapDrop", {"ALL"}},
          {"SecurityOpt", {"no-new-privileges"}},
          {"ReadonlyRootfs", true},
          {"Tmpfs", {{"/tmp", kTemporaryFilesystem}}},
          {"Mounts", std::move(mounts)}};
}

}  // namespace

std::string docker_create_request(const ContainerRequest& request) {
  json labels = json::object();
  for (const auto& [key, value] : request.labels) labels[key] = value;
  json environment = request.environment;
  for (const std::string& entry : request.fixed_environment) environment.push_back(entry);
  return base::dump_json({{"Image", request.image},
                          {"Entrypoint", {kLauncherInside}},
                          {"Cmd", request.command},
                          {"User", user_value(user_inside(request))},
                          {"WorkingDir", request.directory},
                          {"Env", std::move(environment)},
                          {"Labels", std::move(labels)},
                          {"AttachStdin", true},
                          {"AttachStdout", true},
                          {"AttachStderr", true},
                          {"OpenStdin", true},
                          {"StdinOnce", true},
                          {"HostConfig", host_config(request)}});
}

}  // namespace specguard::supervise
