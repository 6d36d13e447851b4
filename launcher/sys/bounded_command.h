// Helper programs (debuggers, container engines) that may be missing, hang, or talk without end.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace specguard::sys {

// The first executable of that name in PATH.
std::optional<std::string> find_program(std::string_view name);

struct CommandOutput {
  std::string text;  // standard output, cut at max_bytes
  int exit_code = -1;
  bool in_time = true;  // false: it was killed, with its process group
};

// What the caller looks after meanwhile: once `fd` has something to read, or its other end is
// closed, the program is killed, and the output is not in time. -1: nothing.
struct Interruption {
  int fd = -1;
  bool came() const;
};

enum class ErrorStream { kDropped, kWithOutput };

// Runs a program without input; its standard error is dropped, or joins the text. Never takes
// longer than the limit by more than it takes to kill a process; dies with the caller. nullopt: it
// could not be started.
std::optional<CommandOutput> run_bounded_command(const std::vector<std::string>& command,
                                                 std::chrono::milliseconds limit,
                                                 std::size_t max_bytes,
                                                 ErrorStream errors = ErrorStream::kDropped,
                                                 Interruption interruption = {});

// Whether an ordinary process may make itself a user namespace: tried in a child.
bool can_make_user_namespace();

}  // namespace specguard::sys
