#include "supervise/container_removal.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <thread>

#include "supervise/control_directory.h"
#include "sys/process_control.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kAskAgain = 200ms;
constexpr RemovalPatience kBackgroundPatience{.answer = 60s, .still_making = 3s};

// Those that are known to have been made, at one go. What is gone then is taken out of `names`.
void remove_at_once(EngineKind kind, std::vector<std::string>& names) {
  std::optional<ContainerEngine> engine;
  const auto others = std::partition(names.begin(), names.end(), [&](const std::string& name) {
    const auto of = engine_of_control_directory(name);
    const bool is_one = of && of->kind == kind && control_directory_has_id(name);
    if (is_one) engine = of;
    return is_one;
  });
  const std::vector<std::string> made(names.begin(), others);
  if (made.size() < 2 || !remove_containers(*engine, made, kBackgroundPatience.answer)) return;
  for (const std::string& name : made) remove_control_directory(name);
  names.erase(names.begin(), others);
}

bool remove_all(std::vector<std::string> names) {
  for (const EngineKind kind : {EngineKind::kDocker, EngineKind::kPodman})
    remove_at_once(kind, names);
  bool all_gone = true;
  for (const std::string& name : names)
    all_gone &= !remove_container_and_directory(name, std::nullopt, kBackgroundPatience);
  return all_gone;
}

// What the process does that is started for it.
[[noreturn]] void remove_and_exit(const std::vector<std::string>& names, int kept_fd) noexcept {
  try {
    const auto detached = sys::detach_from_starter(kept_fd);
    std::_Exit(detached && remove_all(names) ? EXIT_SUCCESS : EXIT_FAILURE);
  } catch (const std::exception&) {
    std::_Exit(EXIT_FAILURE);
  }
}

}  // namespace

std::optional<std::string> remove_container_and_directory(
    const std::string& name, const std::optional<ContainerEngine>& fallback,
    const RemovalPatience& patience) {
  auto engine = engine_of_control_directory(name);
  if (!engine) engine = fallback;
  if (!engine) return name + " does not say which engine has its container";
  const auto give_up = steady_clock::now() + patience.still_making;
  for (;;) {
    if (auto warning = remove_container(*engine, name, patience.answer)) return warning;
    if (control_directory_has_id(name) || steady_clock::now() >= give_up) break;
    std::this_thread::sleep_for(kAskAgain);
  }
  remove_control_directory(name);
  return std::nullopt;
}

base::Result<ContainerRemoval> ContainerRemoval::start(const std::vector<std::string>& names) {
  SPECGUARD_TRY(sys::Pipe pipe, sys::open_pipe());
  SPECGUARD_TRY(const pid_t pid, sys::fork_process());
  if (pid == 0) remove_and_exit(names, pipe.write_end.get());
  return ContainerRemoval(pid, names.size(), std::move(pipe.read_end));
}

ContainerRemoval::State ContainerRemoval::wait_until(steady_clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
  const auto ready = sys::wait_readable({ended_.get()}, std::max(left, 0ms));
  if (!ready || *ready != ended_.get()) return State::kRunning;
  int status = 0;
  const bool done =
      sys::wait_for(pid_, status) && sys::exited(status) && sys::exit_code(status) == EXIT_SUCCESS;
  return done ? State::kDone : State::kFailed;
}

}  // namespace specguard::supervise
