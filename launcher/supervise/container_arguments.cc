#include "supervise/container_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace specguard::supervise {
namespace {

// One field of a record of comma-separated values.
std::string field(std::string_view key, std::string_view value) {
  std::string text = fmt::format("{}={}", key, value);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// What separates options, or directories, of an overlay.
std::string for_overlay(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (c == ',' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

bool is_always_wanted(std::string_view name) {
  constexpr std::array kPrefixes = {"SPECGUARD_", "SIMPLE_", "LC_"};
  constexpr std::array kNames = {"LANG", "TZ", "TERM", "SOURCE_DATE_EPOCH"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](const char* prefix) { return name.starts_with(prefix); }) ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Every shell writes these anew for each program it starts.
bool is_a_shells_own(std::string_view name) {
  return name == "_" || name == "PWD" || name == "OLDPWD" || name == "SHLVL";
}

// Engines read a trailing '*' as a pattern, and nothing else than a name without a '='.
bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

void add_bounds(const ContainerRequest& request, std::vector<std::string>& words) {
  const ContainerBounds& bounds = request.bounds;
  const auto add = [&](std::string word) { words.push_back(std::move(word)); };
  add(request.host_network ? "--network=host" : "--network=none");
  add(fmt::format("--memory={}", bounds.memory_bytes));
  add(fmt::format("--memory-swap={}", bounds.memory_bytes));
  add(fmt::format("--cpus={:.2f}", in_hundredths(bounds.cpus)));
  add(fmt::format("--pids-limit={}", tasks_with_init(bounds.pids)));
  add("--cap-drop=ALL");
  add("--security-opt=no-new-privileges");
  add("--read-only");
  // Podman would add writable directories of its own.
  if (request.engine == EngineKind::kPodman) add("--read-only-tmpfs=false");
  add(fmt::format("--tmpfs=/tmp:{}", kTemporaryFilesystem));
  add("--user=" + user_value(user_inside(request)));
  if (request.rootless && request.engine == EngineKind::kPodman) add("--userns=keep-id");
}

}  // namespace

std::string_view engine_name(EngineKind kind) {
  return kind == EngineKind::kDocker ? "docker" : "podman";
}

sys::Identity user_inside(const ContainerRequest& request) {
  const bool is_root = request.rootless && request.engine == EngineKind::kDocker;
  return is_root ? sys::Identity{0, 0} : request.user;
}

std::vector<std::string> container_command(const ContainerRequest& request) {
  // Its output comes live through the client; a second copy in the engine's log would grow without
  // bound.
  std::vector<std::string> words = {request.program,     "run",         "--rm", "--interactive",
                                    "--log-driver=none", "--pull=never"};
  words.push_back("--name=" + request.name);
  words.push_back("--cidfile=" + request.id_file);
  for (const auto& [key, value] : request.labels)
    words.push_back(fmt::format("--label={}={}", key, value));
  add_bounds(request, words);
  for (const ContainerMount& mount : request.mounts) words.push_back(mount_option(request, mount));
  words.push_back("--workdir=" + request.directory);
  for (const std::string& name : request.environment) words.push_back("--env=" + name);
  for (const std::string& entry : request.fixed_environment) words.push_back("--env=" + entry);
  words.push_back(fmt::format("--entrypoint={}", kLauncherInside));
  words.push_back(request.image);
  words.insert(words.end(), request.command.begin(), request.command.end());
  return words;
}

std::string mount_option(const ContainerRequest& request, const ContainerMount& mount) {
  if (mount.scratch.empty())
    return fmt::format("--mount=type=bind,{},{}{}", field("source", mount.source),
                       field("target", mount.target), mount.writable ? "" : ",readonly");
  if (request.engine == EngineKind::kPodman && mount.target.find(':') == std::string::npos)
    return fmt::format("--volume={}:{}:O", mount.source, mount.target);
  // An anonymous volume, which --rm removes.
  return fmt::format("--mount=type=volume,{},volume-opt=type=overlay,volume-opt=device=overlay,{}",
                     field("target", mount.target),
                     field("volume-opt", "o=" + overlay_value(mount, request.rootless)));
}

std::string user_value(const sys::Identity& user) {
  return fmt::format("{}:{}", user.user, user.group);
}

std::string overlay_value(const ContainerMount& scratch, bool rootless) {
  return fmt::format("lowerdir={},upperdir={}/upper,workdir={}/work{}", for_overlay(scratch.source),
                     for_overlay(scratch.scratch), for_overlay(scratch.scratch),
                     rootless ? ",userxattr" : "");
}

base::Result<void> check_image_name(std::string_view image) {
  if (image.empty())
    return base::Error(
        "--isolation container needs --image NAME (SPECGUARD_IMAGE, or IMAGE of the CMake call); "
        "specguard_container_image() builds one");
  const bool odd = image.front() == '-' || std::any_of(image.begin(), image.end(), [](char c) {
                     return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
                   });
  if (odd)
    return base::Error(fmt::format("--image '{}': no name of an image", base::printable(image)));
  return {};
}

std::vector<std::string> environment_for_container(const std::vector<std::string>& own,
                                                   const std::vector<std::string>& parent) {
  const std::set<std::string_view> before(parent.begin(), parent.end());
  std::set<std::string> names;
  for (const std::string& entry : own) {
    const std::string_view name = name_of(entry);
    const bool added = !before.empty() && !before.contains(entry) && !is_a_shells_own(name);
    if (is_plain_name(name) && (added || is_always_wanted(name))) names.emplace(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace specguard::supervise
