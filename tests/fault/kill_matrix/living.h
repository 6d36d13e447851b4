// What a test of the kill matrix left, by the log in which every process of misbehave signed on.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace specguard::testing {

// The processes that misbehave ever made and that still live. Of a chain that forks on, every
// process in the log may be dead by the time it is looked at: such a log must also have come to
// rest.
std::vector<pid_t> living(const std::filesystem::path& log, const std::string& habit);

// Control groups that the habit "freeze" made. One stays busy for a moment after its last process
// has died.
void remove_groups(const std::filesystem::path& log);

}  // namespace specguard::testing
