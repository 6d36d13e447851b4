#include "cli/exec_isolation.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "supervise/container_backend.h"
#include "supervise/namespace_backend.h"
#include "sys/process.h"
#include "sys/process_control.h"
#include "sys/supervised_child.h"

namespace specguard::cli {
namespace {

std::string absolute_path(const std::filesystem::path& path) {
  if (path.empty()) return {};
  std::error_code error;
  return std::filesystem::absolute(path, error).lexically_normal().string();
}

supervise::Place place_of(const ExecOptions& options) {
  supervise::Place place;
  place.build_dir = absolute_path(options.build_dir);
  place.spec = absolute_path(options.spec);
  place.scratch = options.scratch;
  place.host_network = options.network == "host";
  return place;
}

// The engine bounds the test; the keeper's own means would bound the engine's client.
supervise::ContainerBounds take_bounds(supervise::Limits& limits) {
  supervise::ContainerBounds bounds;
  bounds.memory_bytes = limits.memory_bytes.value_or(bounds.memory_bytes);
  bounds.cpus = std::min(limits.cpus.value_or(bounds.cpus), double(sys::usable_cpus()));
  bounds.pids = limits.pids.value_or(bounds.pids);
  bounds.open_files = limits.open_files;
  bounds.file_size_bytes = limits.file_size_bytes;
  limits.memory_bytes.reset();
  limits.cpus.reset();
  limits.pids.reset();
  limits.open_files.reset();
  limits.file_size_bytes.reset();
  return bounds;
}

base::Result<void> contain(const ExecOptions& options, supervise::Attempt& attempt) {
  SPECGUARD_TRY_VOID(supervise::check_image_name(options.image));
  supervise::ContainerSettings settings;
  settings.place = place_of(options);
  settings.attempt_id = attempt.id;
  settings.test = options.name;
  settings.image = options.image;
  settings.engine = options.engine;
  settings.bounds = take_bounds(attempt.limits);
  settings.cpu_limit = attempt.limits.cpu_time.value_or(settings.cpu_limit);
  attempt.limits.cpu_time.reset();
  settings.grace = options.limits.kill_after;
  settings.parent_environment = sys::environment_of(sys::parent_pid());
  attempt.backend = std::make_unique<supervise::ContainerBackend>(std::move(settings));
  return {};
}

}  // namespace

base::Result<void> isolate(const ExecOptions& options, supervise::Attempt& attempt) {
  switch (options.isolation) {
    case IsolationKind::kProcess:
      if (options.scratch) return base::Error("--scratch needs --isolation namespace or container");
      if (options.network == "none")
        return base::Error("--network none needs --isolation namespace or container");
      return {};
    case IsolationKind::kNamespace:
      attempt.backend = std::make_unique<supervise::NamespaceBackend>(place_of(options),
                                                                      options.limits.kill_after);
      return {};
    case IsolationKind::kContainer:
      return contain(options, attempt);
  }
  return {};
}

}  // namespace specguard::cli
