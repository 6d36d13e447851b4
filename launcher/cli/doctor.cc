#include "cli/doctor.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/exit_codes.h"
#include "supervise/docker_daemon.h"
#include "supervise/resource_control.h"
#include "sys/bounded_command.h"
#include "sys/cgroup.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/random.h"

namespace specguard::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHelp =
    "usage: test-launcher doctor [--json]\n\n"
    "Says, for each limit and each kind of isolation, by what means this machine and this user "
    "can\n"
    "enforce it, or why not and what would help. Starts no test and changes nothing.\n";

struct Check {
  std::string topic;
  std::string name;
  std::string mechanism;  // empty: cannot be had here
  std::string detail;
  std::string remedy;
};

// What the limits would be held by is found out by asking for all of them.
void check_limits(std::vector<Check>& checks) {
  supervise::Limits all;
  all.cpu_time = 1h;
  all.memory_bytes = std::uint64_t{1} << 30;
  all.cpus = 0.5;
  all.pids = 1024;
  all.open_files = 64;
  all.file_size_bytes = std::uint64_t{1} << 30;
  const auto control = supervise::ResourceControl::open(all, "doctor");
  if (!control) {
    checks.push_back({"limit", "all", {}, control.error().message(), {}});
    return;
  }
  for (const char* name : {"timeout", "idle-timeout", "output-limit"})
    checks.push_back({"limit", name, "launcher", {}, {}});
  for (const supervise::Enforcement& held : (*control)->enforcement())
    checks.push_back({"limit", held.limit, held.mechanism, held.caveat, held.remedy});
}

std::string first_line(const std::filesystem::path& path) {
  std::string text = sys::read_file(path, 64 * 1024).value_or("");
  text.resize(std::min(text.find('\n'), text.size()));
  return base::printable(text, 200);
}

// What a client says at last: the answer, or why there is none.
std::string words_of(const sys::CommandOutput& answer) {
  return base::printable(base::last_line(answer.text), 200);
}

std::optional<sys::CommandOutput> ask_engine(const std::vector<std::string>& command) {
  return sys::run_bounded_command(command, 3s, 4096, sys::ErrorStream::kWithOutput);
}

// Without root its `version` makes a store of images and starts a process that stays; and even
// `--version` makes directories for what it would run, which are thrown away here.
std::optional<sys::CommandOutput> ask_podman(const std::string& program) {
  if (sys::own_identity().user == 0) return ask_engine({program, "--version"});
  std::error_code error;
  const std::string scratch =
      std::filesystem::temp_directory_path(error) / ("specguard-doctor." + sys::random_hex(8));
  if (error || !sys::make_new_directory(scratch)) return std::nullopt;
  auto answer = ask_engine({"/usr/bin/env", "XDG_RUNTIME_DIR=" + scratch, program, "--version"});
  std::filesystem::remove_all(scratch, error);
  return answer;
}

// "podman version 4.3.1"
std::string version_in(const std::string& answer) {
  return answer.substr(answer.rfind(' ') + 1);
}

std::string daemon_remedy(const std::optional<sys::CommandOutput>& answer) {
  if (answer && !answer->in_time)
    return "the daemon hangs, or the machine is very busy: look at its log, and start it again";
  if (answer && answer->text.find("permission denied") != std::string::npos)
    return "let this user reach its socket (as root: usermod -aG docker USER, then a new login; "
           "who can is root of the machine)";
  return "start the daemon (as root: systemctl start docker); it was looked for where DOCKER_HOST "
         "or 'docker context ls' says";
}

// An engine without root limits what is delegated to its user, and nothing else. `started` is in
// whose control group its containers are then.
void note_missing_limits(Check& check, const std::vector<std::string>& missing,
                         std::string_view started) {
  check.detail += ", without root";
  if (missing.empty()) return;
  check.detail += fmt::format(
      "; it sets no limit on {}, so a test runs only where {} was started in a control group that "
      "has one",
      fmt::join(missing, ", "), started);
  check.remedy = fmt::format(
      "boot with control groups of version 2 alone, and delegate them to this user (systemctl edit "
      "user@.service: [Service] Delegate=cpu cpuset io memory pids); or start {} in a group with "
      "these limits",
      started);
}

// Whose it is, and what it limits.
void check_docker_without_root(Check& check, const std::string& program) {
  const auto daemon = supervise::find_docker_daemon(program);
  if (!daemon || !daemon->rootless) return;
  if (!supervise::check_serves_caller(*daemon)) {
    check.mechanism.clear();
    check.detail +=
        fmt::format(", without root, of {}: it serves nobody else",
                    daemon->user ? fmt::format("user {}", *daemon->user) : "another user");
    check.remedy = "run ctest as the user of the daemon, or name another one by DOCKER_HOST";
    return;
  }
  const auto answer =
      ask_engine({program, "info", "--format",
                  "{{if not .MemoryLimit}}memory {{end}}{{if not .PidsLimit}}processes {{end}}"
                  "{{if not .CPUCfsQuota}}CPUs {{end}}"});
  if (!answer || !answer->in_time || answer->exit_code != 0) {
    check.detail += ", without root; it gave no answer about what it limits";
    return;
  }
  std::vector<std::string> missing;
  std::istringstream words(answer->text);
  for (std::string word; words >> word;) missing.push_back(base::printable(word, 32));
  note_missing_limits(check, missing, "the daemon");
}

void check_podman_without_root(Check& check) {
  if (sys::own_identity().user == 0) return;
  const auto map = sys::read_cgroup_map();
  const bool may_limit = map && map->mode() == "v2";
  note_missing_limits(check,
                      may_limit ? std::vector<std::string>{}
                                : std::vector<std::string>{"memory", "processes", "CPUs"},
                      "ctest");
}

void check_engine(std::vector<Check>& checks, const char* name) {
  const auto program = sys::find_program(name);
  if (!program) {
    checks.push_back({"isolation", name, {}, "not installed", fmt::format("install {}", name)});
    return;
  }
  // Docker's `version` asks the daemon, which may be dead or hang; podman has none.
  const bool has_daemon = std::string_view(name) == "docker";
  const auto answer = has_daemon
                          ? ask_engine({*program, "version", "--format", "{{.Server.Version}}"})
                          : ask_podman(*program);
  if (answer && answer->in_time && answer->exit_code == 0) {
    Check check{"isolation", name, "container", "version " + version_in(words_of(*answer)), {}};
    has_daemon ? check_docker_without_root(check, *program) : check_podman_without_root(check);
    checks.push_back(std::move(check));
    return;
  }
  const std::string words = !answer            ? "it could not be started"
                            : !answer->in_time ? "no answer within 3 s"
                                               : words_of(*answer);
  checks.push_back(
      {"isolation",
       name,
       {},
       fmt::format("installed, but: {}", words),
       has_daemon ? daemon_remedy(answer) : "let 'podman --version' work for this user first"});
}

void check_isolation(std::vector<Check>& checks) {
  checks.push_back({"isolation", "process", "subreaper", {}, {}});
  const bool namespaces = sys::can_make_user_namespace();
  checks.push_back({"isolation", "namespace", namespaces ? "user namespace" : "",
                    namespaces ? "" : "this user may not make a user namespace",
                    namespaces ? ""
                               : "sysctl user.max_user_namespaces=15000 (and on Debian and Ubuntu "
                                 "kernel.unprivileged_userns_clone=1, "
                                 "kernel.apparmor_restrict_unprivileged_userns=0)"});
  check_engine(checks, "docker");
  check_engine(checks, "podman");
}

void check_machine(std::vector<Check>& checks) {
  const auto map = sys::read_cgroup_map();
  checks.push_back({"machine", "cgroup mode", map ? std::string(map->mode()) : "none", {}, {}});
  const bool pressure = !first_line("/proc/pressure/memory").empty();
  checks.push_back({"machine", "pressure (PSI)", pressure ? "/proc/pressure" : "",
                    pressure ? "" : "the kernel does not measure pressure",
                    pressure ? "" : "boot with psi=1"});
  const bool debugger = sys::find_program("eu-stack") || sys::find_program("gdb");
  const std::string scope = first_line("/proc/sys/kernel/yama/ptrace_scope");
  // 1 lets only ancestors look, and those whom a process names: the test's first one names the
  // keeper, which starts the debugger.
  const bool may_trace =
      scope.empty() || scope == "0" || (sys::own_identity().user == 0 && scope != "3");
  checks.push_back(
      {"machine", "stacks of hung tests",
       !debugger                       ? ""
       : sys::find_program("eu-stack") ? "eu-stack"
                                       : "gdb",
       !debugger   ? "neither eu-stack nor gdb is installed"
       : may_trace ? ""
                   : fmt::format("{}kernel.yama.ptrace_scope is {}",
                                 scope == "1" ? "of a test's first process only: " : "", scope),
       !debugger   ? "install elfutils or gdb"
       : may_trace ? ""
                   : "sysctl kernel.yama.ptrace_scope=0"});
  const std::string cores = first_line("/proc/sys/kernel/core_pattern");
  checks.push_back({"machine", "core dumps", cores,
                    cores.empty() ? "kernel.core_pattern is empty, so none is written" : "",
                    cores.empty() ? "sysctl kernel.core_pattern=core" : ""});
}

void print_text(const std::vector<Check>& checks) {
  std::string_view topic;
  for (const Check& check : checks) {
    if (check.topic != topic) fmt::print("{}\n", check.topic);
    topic = check.topic;
    fmt::print("  {:<22} {}\n", check.name, check.mechanism.empty() ? "no" : check.mechanism);
    if (!check.detail.empty()) fmt::print("  {:<22}   {}\n", "", check.detail);
    if (!check.remedy.empty()) fmt::print("  {:<22}   remedy: {}\n", "", check.remedy);
  }
}

void print_json(const std::vector<Check>& checks) {
  nlohmann::json list = nlohmann::json::array();
  for (const Check& check : checks)
    list.push_back({{"topic", check.topic},
                    {"name", check.name},
                    {"available", !check.mechanism.empty()},
                    {"mechanism", check.mechanism},
                    {"detail", check.detail},
                    {"remedy", check.remedy}});
  fmt::print("{}", base::dump_json_pretty({{"version", 1}, {"checks", std::move(list)}}));
}

}  // namespace

int run_doctor(std::span<char*> arguments) {
  bool json = false;
  for (const std::string_view argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      fmt::print("{}", kHelp);
      return kExitSuccess;
    }
    if (argument != "--json") {
      fmt::print(stderr, "test-launcher doctor: unknown argument '{}'\n\n{}", argument, kHelp);
      return kExitUsage;
    }
    json = true;
  }
  std::vector<Check> checks;
  check_limits(checks);
  check_isolation(checks);
  check_machine(checks);
  json ? print_json(checks) : print_text(checks);
  return kExitSuccess;
}

}  // namespace specguard::cli
