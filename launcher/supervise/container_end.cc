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

// The message of a line of Go's logrus, `time="..." level=error msg="..."`; any other as it is.
std::string_view without_log_fields(std::string_view line) {
  constexpr std::string_view kBegin = " msg=\"";
  const std::size_t begin = line.find(kBegin);
  if (!line.starts_with("time=\"") || begin == std::string_view::npos || line.back() != '"')
    return line;
  line.remove_prefix(begin + kBegin.size());
  line.remove_suffix(1);
  return line;
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
    if (says && !advice) {
      message += message.empty() ? "" : "; ";
      message += without_log_fields(line);
    }
  }
  return base::printable(message, kMaxMessageBytes);
}

std::string with_remedy(const ContainerEnd& end, std::string reason) {
  const std::string remedy = engine_remedy(end);
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

bool has_begun(const sys::TestReport& report) {
  return report.began || report.wait_status || report.start_errno || !report.refused.empty();
}

// Asked to end before there was a test: what was asked for took too long, or hangs.
Breach not_begun(const ContainerEnd& end) {
  const std::string_view engine = engine_name(end.engine);
  Breach breach = launcher_error(fmt::format(
      "{} had not started the container when the test's time was over: it hangs, or the "
      "machine is too busy; see whether '{} info' answers, else start {} again",
      engine, engine, end.engine == EngineKind::kDocker ? "its daemon" : "it"));
  breach.test_never_began = true;
  return breach;
}

Breach without_report(const ContainerEnd& end) {
  const std::string_view engine = engine_name(end.engine);
  const std::string message = message_of(end.client_errors);
  if (end.stop_ordered && !has_begun(end.report)) return not_begun(end);
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
  std::string reason = fmt::format("{} ended with exit code {} and without a word of the test",
                                   engine, end.client.exit_code);
  // Where there was no test, all that was said are the client's words.
  if (const std::string_view last = base::last_line(end.client_errors);
      !has_begun(end.report) && !last.empty())
    reason += ": " + base::printable(last, kMaxMessageBytes);
  return launcher_error(with_remedy(end, std::move(reason)));
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

constexpr std::string_view kLetIn =
    "let this user reach it (as root: usermod -aG docker USER, then a new login; who can is root "
    "of the machine), or use podman, or --isolation namespace";
constexpr std::string_view kStartDaemon =
    "start its daemon (as root: systemctl start docker; one without root: systemctl --user start "
    "docker), look at DOCKER_HOST and 'docker context ls', or choose --engine podman";

constexpr auto kRemedies = std::to_array<Remedy>({
    {"permission denied while trying to connect", kLetIn},
    {"Cannot connect to the Docker daemon", kStartDaemon},
    {"error during connect", kStartDaemon},
    {"context not found", kStartDaemon},
    {"error waiting for container",
     "its daemon ended while the test ran: its log says why (journalctl -u docker; of one without "
     "root: journalctl --user -u docker)"},
    {"failed to set into network namespace",
     "--network host takes a daemon without root that has a network of its own "
     "(dockerd-rootless.sh with slirp4netns), not rootlesskit --net=host"},
    {"failed to mount local volume",
     "--scratch takes the kernel's overlay file system (as root: modprobe overlay; Linux 5.11 "
     "where the engine runs without root)"},
    {"no subuid ranges",
     "as root, usermod --add-subuids 100000-165535 --add-subgids 100000-165535 for this user, "
     "then podman system migrate"},
    {"group: unknown groupid",
     "podman without root needs a name for the user's group: add it to /etc/group"},
    {"\"newuidmap\": executable file not found",
     "install newuidmap and newgidmap (Debian and Ubuntu: uidmap)"},
    {"no space left on device", "free space where the engine keeps its data"},
    {"exec format error", "the image is for another kind of machine"},
});

}  // namespace

std::string engine_remedy(const ContainerEnd& end) {
  const std::string_view name = engine_name(end.engine);
  const auto says = [&](std::string_view sign) {
    return end.client_errors.find(sign) != std::string_view::npos;
  };
  if (says("No such image") || says("image not known") || says("Unable to find image") ||
      says("did not resolve to an alias"))
    return fmt::format(
        "build or load the image first ({} pull {}, or the target of specguard_container_image()): "
        "a test never downloads one",
        name, base::printable(end.image, 256));
  if (says("Minimum memory limit") || says("unable to set memory limit"))
    return fmt::format(
        "--memory {} is too little to start a container; 6M is the least that any "
        "engine takes",
        base::format_size(end.bounds.memory_bytes));
  if (says("invalid reference format") || says("repository name must be lowercase"))
    return fmt::format("--image '{}' is not the name of an image", base::printable(end.image, 256));
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
