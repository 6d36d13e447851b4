#include "supervise/container_init.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "supervise/container_arguments.h"
#include "supervise/control_directory.h"
#include "sys/child.h"
#include "sys/child_limits.h"
#include "sys/process_control.h"
#include "sys/test_init.h"
#include "sys/wait.h"

namespace specguard::supervise {
namespace {

constexpr std::size_t kSettings = 9;
constexpr int kExitLauncherError = 125;

template <typename T>
bool take(const std::string& word, T& value) {
  const char* const end = word.data() + word.size();
  const auto [at, error] = std::from_chars(word.data(), end, value);
  return error == std::errc{} && at == end;
}

[[noreturn]] void refuse(const ControlEnds& ends, const std::string& why,
                         sys::Refusal of = sys::Refusal::kIsolation) {
  sys::send_init_message(ends.report.get(), sys::InitMessage::kRefused, static_cast<int>(of),
                         why.c_str());
  std::_Exit(kExitLauncherError);
}

void refuse_what_is_not_as_promised(const ContainerInitOrder& order, const ControlEnds& ends,
                                    bool groups_are_shared) {
  const ContainerFacts facts = read_container_facts();
  if (const std::string broken = broken_isolation(order.promise, facts); !broken.empty())
    refuse(ends, broken);
  if (const std::string broken = broken_limit(order.promise, facts); !broken.empty())
    refuse(ends, broken, sys::Refusal::kLimit);
  if (order.cpu_limit.count() == 0) return;
  if (sys::cgroup_cpu_time().count() < 0)
    refuse(ends, "its CPU time cannot be seen", sys::Refusal::kLimit);
  if (groups_are_shared)
    refuse(ends, "it has no cgroup of its own, so its CPU time cannot be told from that of others",
           sys::Refusal::kLimit);
}

[[noreturn]] void become_test(const ContainerInitOrder& order, const sys::ChildStart& start,
                              int report_fd) {
  std::vector<char*> words;
  for (const std::string& word : order.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  sys::ChildLimits limits;
  if (order.open_files > 0) limits.rlimits.push_back(sys::open_files_limit(order.open_files));
  if (order.file_size_bytes > 0)
    limits.rlimits.push_back(sys::file_size_limit(order.file_size_bytes));
  int errno_value = sys::begin_child(start).errno_value;
  if (errno_value == 0) errno_value = sys::enter_limits(limits);
  if (errno_value == 0) {
    sys::finish_child(start);
    errno_value = sys::execute(words.data()).errno_value();
  }
  sys::send_init_message(report_fd, sys::InitMessage::kNotStarted, errno_value);
  std::_Exit(kExitLauncherError);
}

}  // namespace

std::vector<std::string> container_init_words(const ContainerInitOrder& order) {
  std::vector<std::string> words = {std::string(kContainerInit),
                                    fmt::format("{}", order.promise.memory_bytes),
                                    fmt::format("{}", order.promise.tasks),
                                    fmt::format("{:.2f}", in_hundredths(order.promise.cpus)),
                                    order.promise.own_network ? "none" : "host",
                                    fmt::format("{}", order.grace.count()),
                                    fmt::format("{}", order.cpu_limit.count()),
                                    fmt::format("{}", order.open_files),
                                    fmt::format("{}", order.file_size_bytes),
                                    fmt::format("{}", order.promise.root_outside)};
  words.insert(words.end(), order.command.begin(), order.command.end());
  return words;
}

base::Result<ContainerInitOrder> parse_container_init_words(const std::vector<std::string>& words) {
  const base::Error unknown("container-init is the launcher's own, inside a container");
  if (words.size() <= kSettings) return unknown;
  ContainerInitOrder order;
  std::chrono::milliseconds::rep grace = 0;
  std::chrono::microseconds::rep cpu_limit = 0;
  if (!take(words[0], order.promise.memory_bytes) || !take(words[1], order.promise.tasks) ||
      !take(words[2], order.promise.cpus) || !take(words[4], grace) || !take(words[5], cpu_limit) ||
      !take(words[6], order.open_files) || !take(words[7], order.file_size_bytes) ||
      !take(words[8], order.promise.root_outside))
    return unknown;
  order.promise.own_network = words[3] != "host";
  order.grace = std::chrono::milliseconds(grace);
  order.cpu_limit = std::chrono::microseconds(cpu_limit);
  order.command.assign(words.begin() + kSettings, words.end());
  return order;
}

base::Error run_container_init(const ContainerInitOrder& order) {
  auto ends = open_control_inside(std::string(kControlInside));
  if (!ends && ends.error().errno_value() == EACCES)
    return base::Error(
        ends.error().message() +
        "; the container's user is another one outside: a daemon that remaps users "
        "(userns-remap), or that runs without root as somebody else, cannot be used; "
        "use podman, or --isolation namespace");
  if (!ends) return ends.error();
  const bool groups_are_shared = sys::are_groups_shared();
  refuse_what_is_not_as_promised(order, *ends, groups_are_shared);

  const sys::InheritedSignals inherited = sys::InheritedSignals::capture();
  sys::block_all_signals();
  sys::prepare_test_init();
  const sys::GroupCounts counted_before = sys::read_group_counts();
  const auto test = sys::fork_process();
  if (!test) refuse(*ends, test.error().message());
  if (*test == 0) {
    sys::leave_test_init();
    become_test(order, {.keeper = sys::parent_pid(), .signals = &inherited}, ends->report.get());
  }

  sys::send_init_message(ends->report.get(), sys::InitMessage::kBegan, 0);

  constexpr std::array kForwarded = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
  sys::TestInit init;
  init.test = *test;
  init.report_fd = ends->report.get();
  init.lifeline_fd = ends->orders.get();
  init.forwarded = sys::signal_set(kForwarded);
  init.grace = order.grace;
  init.reports_groups = true;
  init.counted_before = counted_before;
  init.groups_are_shared = groups_are_shared;
  init.takes_orders = true;
  init.cpu_limit = order.cpu_limit;
  sys::run_test_init(init);
}

}  // namespace specguard::supervise
