#include "supervise/container_end.h"

#include <fmt/format.h>

#include <array>

#include "base/quantity.h"
#include "base/text.h"
#include "sys/signals.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using base::Outcome;

constexpr std::size_t kMaxMessageBytes = 600;

Breach launcher_error(std::string reason) {
  return {Outcome::kLauncherError, {.reason = std::move(reason)}};
}

// What the client says in the end, on one line: engines add advice to call --help.
std::string message_of(std::string_view errors) {
  std::string message;
  for (std::string_view rest = errors; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool advice = line.find("--help'") != std::string_view::npos;
    const bool says = line.starts_with("docker: ") || line.starts_with("Error: ") ||
                      line.starts_with("Error response") || line.starts_with("podman: ") ||
                      line.find("level=error") != std::string_view::npos ||
                      line.find("Cannot connect") != std::string_view::npos ||
                      line.find("error waiting for container") != std::string_view::npos;
    if (says && !advice) message += (message.empty() ? "" : "; ") + std::string(line);
  }
  return base::printable(message, kMaxMessageBytes);
}

std::string with_remedy(const ContainerEnd& end, std::string reason) {
  const std::string remedy = engine_remedy(end.engine, end.image, end.client_errors);
  return remedy.empty() ? reason : std::move(reason) + "; " + remedy;
}

Breach not_as_promised(const ContainerEnd& end) {
  std::string reason = fmt::format(
      "the container is not what was asked for: {}; {} passed over it, so the test was not run",
      end.report.refused, engine_name(end.engine));
  if (end.rootless && end.report.refused_of == sys::Refusal::kLimit)
    reason += fmt::format(
        "; an engine without root limits nothing where no cgroup of version 2 with these "
        "controllers is delegated to its user: use root's engine, or --isolation namespace, or "
        "start {} in a cgroup that has limits as tight",
        end.engine == EngineKind::kDocker ? "its daemon" : "ctest");
  return launcher_error(with_remedy(end, std::move(reason)));
}

Breach stopped_from_outside(const ContainerEnd& end) {
  return launcher_error(fmt::format(
      "the container was told to stop from outside ({}): {} stop, or the engine shuts down",
      sys::signal_name(*end.report.signal_from_outside), engine_name(end.engine)));
}

Breach without_report(const ContainerEnd& end) {
  const std::string_view engine = engine_name(end.engine);
  const std::string message = message_of(end.client_errors);
  if (end.client.signal != 0)
    return launcher_error(fmt::format("the {} client was killed ({}); the container was ended",
                                      engine, sys::signal_name(end.client.signal)));
  if (end.report.signal_from_outside) return stopped_from_outside(end);
  if (!message.empty()) return launcher_error(with_remedy(end, message));
  if (end.was_created && end.client.exit_code == 128 + 9)
    return launcher_error(
        fmt::format("the container was killed from outside ({} kill, {} rm, or for want of memory "
                    "with its init), so nobody knows how the test would have ended",
                    engine, engine));
  return launcher_error(
      with_remedy(end, fmt::format("{} ended with exit code {} and without a word of the test",
                                   engine, end.client.exit_code)));
}

Breach not_started(const ContainerEnd& end) {
  const base::Error error = base::Error::from_errno(
      fmt::format("cannot run {} in the image {}", base::printable(end.program), end.image),
      *end.report.start_errno);
  return launcher_error(
      error.message() +
      "; the image must hold it, or it must be below the source or build directory");
}

std::optional<Breach> limit_breach(const ContainerEnd& end, const Ending& ending) {
  const std::string mechanism(engine_name(end.engine));
  if (end.report.cpu_time_met)
    return Breach{Outcome::kCpuTime,
                  {.reason = "used more CPU time than it may",
                   .limit = base::format_duration(end.cpu_limit),
                   .peak = base::format_duration(*end.report.cpu_time_met),
                   .mechanism = mechanism}};
  if (end.report.memory_kills > 0)
    return Breach{
        Outcome::kOutOfMemory,
        {.reason = fmt::format("{} process{} killed: the container was out of memory",
                               end.report.memory_kills,
                               end.report.memory_kills == 1 ? " was" : "es were"),
         .limit = base::format_size(end.bounds.memory_bytes),
         .peak = end.report.peak_memory_bytes ? base::format_size(*end.report.peak_memory_bytes)
                                              : std::string(),
         .mechanism = mechanism}};
  const bool succeeded = ending.signal == 0 && ending.exit_code == 0;
  if (end.report.fork_refusals > 0 && !succeeded)
    return Breach{Outcome::kProcessLimit,
                  {.reason = "was refused a process, and failed",
                   .limit = fmt::format("{}", end.bounds.pids),
                   .mechanism = mechanism}};
  return std::nullopt;
}

struct Remedy {
  std::string_view sign;
  std::string_view text;
};

}  // namespace

std::string engine_remedy(EngineKind engine, std::string_view image, std::string_view message) {
  const std::string_view name = engine_name(engine);
  const auto says = [&](std::string_view sign) {
    return message.find(sign) != std::string_view::npos;
  };
  if (says("No such image") || says("image not known") || says("Unable to find image") ||
      says("did not resolve to an alias"))
    return fmt::format(
        "build or load the image first ({} pull {}, or the target of specguard_container_image()): "
        "a test never downloads one",
        name, base::printable(image, 256));
  constexpr std::array<Remedy, 11> kRemedies = {{
      {"permission denied while trying to connect", "let this user reach the engine"},
      {"Got permission denied", "let this user reach the engine"},
      {"Cannot connect to the Docker daemon", "start the engine, or choose --engine podman"},
      {"error during connect", "start the engine, or choose --engine podman"},
      {"error waiting for container", "the engine ended meanwhile: start it again"},
      {"failed to set into network namespace",
       "--network host takes a daemon without root that has a network of its own "
       "(dockerd-rootless.sh with slirp4netns), not rootlesskit --net=host"},
      {"no subuid ranges",
       "as root, usermod --add-subuids 100000-165535 --add-subgids 100000-165535 for this user, "
       "then podman system migrate"},
      {"group: unknown groupid",
       "podman without root needs a name for the user's group: add it to /etc/group"},
      {"\"newuidmap\": executable file not found",
       "install newuidmap and newgidmap (Debian and Ubuntu: uidmap)"},
      {"no space left on device", "free space where the engine keeps its data"},
      {"exec format error", "the image is for another kind of machine"},
  }};
  for (const Remedy& remedy : kRemedies)
    if (says(remedy.sign)) return std::string(remedy.text);
  return {};
}

ContainerMeaning understand(const ContainerEnd& end) {
  ContainerMeaning meaning{end.client, std::nullopt};
  const sys::TestReport& report = end.report;
  if (!report.refused.empty()) {
    meaning.breach = not_as_promised(end);
    return meaning;
  }
  if (report.start_errno) {
    meaning.breach = not_started(end);
    return meaning;
  }
  if (!report.wait_status || end.client.signal != 0) {
    meaning.breach = without_report(end);
    return meaning;
  }
  meaning.ending = {};
  if (sys::exited(*report.wait_status))
    meaning.ending.exit_code = sys::exit_code(*report.wait_status);
  if (sys::was_signalled(*report.wait_status))
    meaning.ending.signal = sys::terminating_signal(*report.wait_status);
  if (report.signal_from_outside && !end.stop_ordered) {
    meaning.breach = stopped_from_outside(end);
    return meaning;
  }
  meaning.breach = limit_breach(end, meaning.ending);
  return meaning;
}

}  // namespace specguard::supervise
