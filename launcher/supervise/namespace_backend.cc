#include "supervise/namespace_backend.h"

#include <cerrno>
#include <filesystem>

#include "sys/namespace_policy.h"
#include "sys/wait.h"

namespace specguard::supervise {

base::Result<void> NamespaceBackend::prepare(LaunchPlan& plan) {
  const std::string directory = start_directory(plan);
  place_ = complete(std::move(place_), directory);
  const std::string program = find_program(plan);
  const auto directory_of = [](const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
  };

  sys::NamespaceSettings settings;
  settings.writable = place_.build_dir;
  settings.scratch = place_.scratch;
  settings.directory = directory;
  settings.own_network = !place_.host_network;
  settings.grace = grace_;
  // In the order of importance: there is room for a few.
  for (const std::string& path : {program, directory, place_.source_dir, place_.spec,
                                  directory_of(program), directory_of(place_.spec)})
    if (!path.empty()) settings.visible.push_back(path);
  SPECGUARD_TRY(sandbox_, sys::NamespaceSandbox::prepare(settings));

  plan.clone_flags = sandbox_->clone_flags();
  // Any other directory for temporary files is read-only inside.
  for (std::string& entry : plan.environment)
    if (entry.starts_with("TMPDIR=")) entry = "TMPDIR=/tmp";
  return {};
}

std::optional<Breach> NamespaceBackend::interpret_end(Ending& ending) {
  if (!sandbox_) return std::nullopt;
  report_ = sandbox_->read_report();
  if (!report_.wait_status) return std::nullopt;  // the init was killed: so was the test
  const int status = *report_.wait_status;
  ending = {};
  if (sys::exited(status)) ending.exit_code = sys::exit_code(status);
  if (sys::was_signalled(status)) ending.signal = sys::terminating_signal(status);
  return std::nullopt;
}

// The program's own failures to start (ENOENT, ENOEXEC) explain themselves.
std::string NamespaceBackend::remedy(int errno_value) {
  switch (errno_value) {
    case EPERM:
    case EINVAL:
    case ENOSYS:
    case ENOSPC:
    case EUSERS:
      return sys::likely_obstacle(sys::read_namespace_policy(), errno_value);
    case EACCES: {
      const sys::NamespacePolicy policy = sys::read_namespace_policy();
      return policy.apparmor_restricts == 1 ? sys::likely_obstacle(policy, errno_value) : "";
    }
    default:
      return {};
  }
}

}  // namespace specguard::supervise
