#include "supervise/container_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "supervise/container_end.h"
#include "supervise/container_init.h"
#include "supervise/container_removal.h"
#include "supervise/docker_client.h"
#include "supervise/docker_daemon.h"
#include "supervise/docker_request.h"
#include "supervise/process_tree.h"
#include "supervise/sweep.h"
#include "sys/cgroup.h"
#include "sys/environment.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr sys::Identity kNobody{65534, 65534};
constexpr std::size_t kMaxHeardBytes = 4096;
constexpr RemovalPatience kPatience{.answer = 10s, .still_making = 400ms};
constexpr RemovalPatience kSweepPatience{.answer = 3s, .still_making = 400ms};
constexpr auto kEndLimit = 3s;  // between the end of the init and that of the client
constexpr auto kLook = 5ms;

bool is_below(const std::string& path, const std::string& directory) {
  return path == directory ||
         (path.starts_with(directory) && path[directory.size()] == '/' && !directory.empty());
}

bool is_of_the_system(const std::string& program) {
  constexpr std::array kDirectories = {"/bin", "/sbin", "/usr", "/lib", "/lib64", "/etc"};
  return std::any_of(kDirectories.begin(), kDirectories.end(),
                     [&](const char* directory) { return is_below(program, directory); });
}

std::vector<std::string> engine_sockets() {
  std::vector<std::string> sockets = {"/var/run/docker.sock", "/run/docker.sock",
                                      "/run/podman/podman.sock"};
  constexpr std::string_view kUnix = "unix://";
  for (const char* name : {"DOCKER_HOST", "CONTAINER_HOST"})
    if (const auto host = sys::environment_variable(name); host && host->starts_with(kUnix))
      sockets.push_back(host->substr(kUnix.size()));
  if (const auto directory = sys::environment_variable("XDG_RUNTIME_DIR")) {
    sockets.push_back(*directory + "/docker.sock");
    sockets.push_back(*directory + "/podman/podman.sock");
  }
  return sockets;
}

base::Result<std::string> launcher_for_inside() {
  SPECGUARD_TRY(std::string program, sys::own_program());
  if (sys::is_static_program(program)) return program;
  return base::Error(
      fmt::format("--isolation container: {} is linked dynamically and may not run in an image; "
                  "build it with -DSPECGUARD_STATIC=ON",
                  program));
}

}  // namespace

std::vector<ContainerMount> container_mounts(const Place& place, const std::string& directory,
                                             const std::string& program) {
  std::vector<ContainerMount> mounts = {{place.build_dir, place.build_dir, true}};
  const auto show = [&](const std::string& path) {
    const bool shown =
        path.empty() || std::any_of(mounts.begin(), mounts.end(), [&](const ContainerMount& mount) {
          return is_below(path, mount.source);
        });
    if (!shown) mounts.push_back({path, path, false});
  };
  show(place.source_dir);
  show(directory);
  if (!place.spec.empty()) show(std::filesystem::path(place.spec).parent_path().string());
  if (!program.empty() && !is_of_the_system(program)) show(program);
  // What lies in another is mounted after it.
  std::stable_sort(mounts.begin(), mounts.end(),
                   [](const ContainerMount& a, const ContainerMount& b) {
                     return a.source.size() < b.source.size();
                   });
  return mounts;
}

sys::Identity container_user(const sys::Identity& own, const std::optional<sys::Ownership>& build) {
  if (own.user != 0) return own;
  if (build && build->owner.user != 0) return build->owner;
  return kNobody;
}

base::Result<void> ContainerBackend::check_place(const std::vector<ContainerMount>& mounts) const {
  for (const ContainerMount& mount : mounts) {
    if (mount.source == "/")
      return base::Error(
          "--isolation container: the root directory cannot be shown; start it from a directory of "
          "the project, or name one with --build-dir");
    if (mount.target == "/tmp")
      return base::Error(
          "--isolation container: /tmp is the test's own inside, so this machine's cannot be shown "
          "there; start it from a directory below, or name one with --build-dir");
    if (mount.source.find('\n') != std::string::npos)
      return base::Error(
          fmt::format("--isolation container: no engine mounts a path with a line "
                      "break: {}",
                      base::printable(mount.source)));
    for (const std::string& socket : engine_sockets()) {
      std::error_code ignored;
      if (is_below(socket, mount.source) && std::filesystem::exists(socket, ignored))
        return base::Error(
            fmt::format("--isolation container: {} would be inside, and with it the engine's own "
                        "socket, {}; keep the project elsewhere",
                        mount.source, socket));
    }
    const auto of = sys::ownership_of(mount.source);
    if (!of)
      return base::Error(
          fmt::format("--isolation container: {} is not there, or may not be looked at",
                      base::printable(mount.source)));
    if (!of->lets_read(user_))
      return base::Error(
          fmt::format("--isolation container: user {} of the container may not read {} (of user "
                      "{}, mode {:o}); "
                      "give it to an ordinary user, whom the test then runs as, or chmod o+rx",
                      user_.user, mount.source, of->owner.user, of->permissions));
  }
  return {};
}

ContainerRequest ContainerBackend::make_request(const LaunchPlan& plan,
                                                std::vector<ContainerMount> mounts) const {
  ContainerRequest request;
  request.engine = engine_->kind;
  request.program = engine_->program;
  request.name = control_->name();
  request.image = settings_.image;
  request.id_file = control_->id_file();
  const sys::CgroupOwner owner = sys::this_cgroup_owner();
  request.labels = {{std::string(kOwnerLabel),
                     fmt::format("{}.{}.{:x}", owner.pid, owner.start_ticks, owner.pid_namespace)},
                    {"org.specguard.attempt", settings_.attempt_id},
                    {"org.specguard.test", base::printable(settings_.test, 256)}};
  if (!session_.empty()) request.labels.emplace_back("org.specguard.session", session_);
  request.bounds = settings_.bounds;
  request.host_network = settings_.place.host_network;
  request.user = user_;
  request.rootless = engine_->rootless;
  request.mounts = std::move(mounts);
  request.directory = start_directory(plan);
  request.environment = environment_for_container(plan.environment, settings_.parent_environment);
  if (std::find(request.environment.begin(), request.environment.end(), "HOME") ==
      request.environment.end())
    request.fixed_environment.emplace_back("HOME=/tmp");  // the only place that is surely writable
  ContainerInitOrder order;
  order.promise = {.memory_bytes = settings_.bounds.memory_bytes,
                   .tasks = tasks_with_init(settings_.bounds.pids),
                   .cpus = settings_.bounds.cpus,
                   .own_network = !request.host_network,
                   .root_outside = user_inside(request).user == 0 ? user_.user : 0};
  order.grace = settings_.grace;
  order.cpu_limit = settings_.cpu_limit;
  order.open_files = settings_.bounds.open_files.value_or(0);
  order.file_size_bytes = settings_.bounds.file_size_bytes.value_or(0);
  order.command = plan.command;
  request.command = container_init_words(order);
  return request;
}

base::Result<void> ContainerBackend::prepare(LaunchPlan& plan) {
  SPECGUARD_TRY_VOID(check_image_name(settings_.image));
  SPECGUARD_TRY(engine_, find_engine(settings_.engine));
  sweep_the_dead();
  SPECGUARD_TRY(const std::string launcher, launcher_for_inside());
  const std::string directory = start_directory(plan);
  settings_.place = complete(std::move(settings_.place), directory);
  user_ = container_user(sys::own_identity(), sys::ownership_of(settings_.place.build_dir));
  program_ = plan.command.front();
  const bool has_path = program_.find('/') != std::string::npos;
  auto mounts =
      container_mounts(settings_.place, directory, has_path ? find_program(plan) : std::string());
  std::erase_if(mounts, [](const ContainerMount& mount) {
    std::error_code ignored;  // a program that is only in the image
    return !mount.writable && !std::filesystem::exists(mount.source, ignored);
  });
  SPECGUARD_TRY_VOID(check_place(mounts));
  SPECGUARD_TRY(control_, ControlDirectory::make(settings_.attempt_id, user_, *engine_));
  if (settings_.place.scratch) SPECGUARD_TRY_VOID(show_as_scratch(mounts));
  mounts.push_back({launcher, std::string(kLauncherInside), false});
  mounts.push_back({control_->mounted(), std::string(kControlInside), true});
  SPECGUARD_TRY(plan.command, client_command(make_request(plan, std::move(mounts)), launcher));
  return {};
}

base::Result<std::vector<std::string>> ContainerBackend::client_command(
    const ContainerRequest& request, const std::string& launcher) const {
  std::vector<std::string> client = container_command(request);
  if (request.engine != EngineKind::kDocker) return client;
  const auto socket = docker_socket_without_client();
  if (!socket) return client;
  SPECGUARD_TRY(const std::string file, control_->note_request(docker_create_request(request)));
  return docker_client_command(
      launcher,
      {.socket = *socket, .request_file = file, .name = request.name, .id_file = request.id_file},
      client);
}

base::Result<void> ContainerBackend::show_as_scratch(std::vector<ContainerMount>& mounts) const {
  for (ContainerMount& mount : mounts) {
    if (!mount.writable) continue;
    const bool podman = engine_->kind == EngineKind::kPodman;
    const auto of = sys::ownership_of(mount.source);
    if (!of) return base::Error(fmt::format("--scratch: {} is not there", mount.source));
    SPECGUARD_TRY(mount.scratch, control_->make_scratch(*of));
    // Podman gives the overlay's options to mount(8), to which these mean something.
    if (podman && mount.source.find_first_of(",:\\") != std::string::npos) {
      SPECGUARD_TRY(mount.source, control_->make_plain_name(mount.source));
    }
  }
  return {};
}

void ContainerBackend::hear(std::string_view output) {
  heard_ += output.substr(output.size() - std::min(output.size(), kMaxHeardBytes));
  if (heard_.size() > kMaxHeardBytes) heard_.erase(0, heard_.size() - kMaxHeardBytes);
}

// The engine's own processes are not the test's: they are in our own PID namespace.
std::optional<std::vector<pid_t>> ContainerBackend::processes() {
  return processes_of_attempt_in_container(settings_.attempt_id);
}

bool ContainerBackend::request_stop() {
  stop_ordered_ = true;
  return control_ && control_->order(SIGTERM);
}

void ContainerBackend::force_stop() {
  if (!control_) return;
  may_be_left_ = true;
  stop_ordered_ = true;
  control_->order(SIGKILL);
  for (const auto end = steady_clock::now() + kEndLimit; steady_clock::now() < end;) {
    if (ProcessTree::living().empty()) return;
    std::this_thread::sleep_for(kLook);
  }
  const auto asked = steady_clock::now();
  auto warning = remove_container(*engine_, control_->name(), kEndLimit);
  // An answer, be it no, lets clean_up() look again. Silence would last for ever.
  if (warning && steady_clock::now() - asked >= kEndLimit) unanswered_ = std::move(warning);
}

std::optional<Breach> ContainerBackend::interpret_end(Ending& ending) {
  if (!control_) return std::nullopt;
  report_ = control_->read_report();
  ContainerEnd end;
  end.engine = engine_->kind;
  end.rootless = engine_->rootless;
  end.image = settings_.image;
  end.program = program_;
  end.bounds = settings_.bounds;
  end.cpu_limit = settings_.cpu_limit;
  end.report = report_;
  end.client = ending;
  end.client_errors = heard_;
  end.was_created = control_->has_id();
  end.stop_ordered = stop_ordered_;
  ContainerMeaning meaning = understand(end);
  // A client that ended by itself and tells of no id has made nothing.
  if (ending.signal != 0 || (!report_.wait_status && end.was_created)) may_be_left_ = true;
  ending = meaning.ending;
  return meaning.breach;
}

void ContainerBackend::measure(base::Usage& usage) {
  // The engine's client is not the test.
  usage.user_cpu = report_.user_cpu;
  usage.system_cpu = report_.system_cpu;
  usage.peak_memory_bytes = report_.peak_memory_bytes;
  usage.peak_processes.reset();
  usage.read_bytes.reset();
  usage.written_bytes.reset();
}

std::optional<std::string> ContainerBackend::clean_up() {
  if (!control_) return clean_up_for_a_dead_keeper();
  const std::string name = control_->name();
  if (!may_be_left_) control_->remove();
  control_.reset();
  if (!may_be_left_) return std::nullopt;
  if (unanswered_) return unanswered_;
  return remove_container_and_directory(name, engine_, kPatience);
}

// In the front, whose copy of this object never saw prepare().
std::optional<std::string> ContainerBackend::clean_up_for_a_dead_keeper() const {
  const std::string name = control_directory_of(settings_.attempt_id);
  if (name.empty()) return std::nullopt;
  return remove_container_and_directory(name, std::nullopt, kPatience);
}

// What dead launchers left that had no time to clean up: seen by their directories, at the cost of
// one look. `reap` asks the engines as well. An engine that does not do it is not asked again: the
// time is that of this test.
void ContainerBackend::sweep_the_dead() const {
  for (const std::string& name : dead_control_directories())
    if (remove_container_and_directory(name, engine_, kSweepPatience)) return;
}

}  // namespace specguard::supervise
