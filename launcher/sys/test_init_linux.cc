#include "sys/test_init.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace specguard::sys {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Where the init keeps its descriptors; everything else is closed.
constexpr int kReportFd = 3;
constexpr int kLifelineFd = 4;
constexpr int kSignalFd = 5;

// A pipeline's last process often outlives its first by a moment; that is no leak.
constexpr milliseconds kLeftoverGrace{100};
constexpr milliseconds kCpuTimePoll{100};

constexpr int kTriesForOthers = 10;
constexpr int kPauseForOthersMs = 5;

// The test's streams must not stay open here: whoever reads them waits for their end.
void keep_only(int report_fd, int lifeline_fd) {
  const int report = ::fcntl(report_fd, F_DUPFD_CLOEXEC, kSignalFd + 1);
  const int lifeline = ::fcntl(lifeline_fd, F_DUPFD_CLOEXEC, kSignalFd + 1);
  ::dup3(report, kReportFd, O_CLOEXEC);
  ::dup3(lifeline, kLifelineFd, O_CLOEXEC);
  ::close_range(0, kReportFd - 1, 0);
  ::close_range(kLifelineFd + 1, ~0U, 0);
  sigset_t all;
  sigfillset(&all);
  const int signals = ::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals != kSignalFd) {
    ::dup3(signals, kSignalFd, O_CLOEXEC);
    ::close(signals);
  }
}

void send(InitMessage::Kind kind, std::int64_t number) {
  send_init_message(kReportFd, kind, number);
}

bool read_small_file(const char* path, char* buffer, std::size_t size) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = ::read(fd, buffer, size);
  ::close(fd);
  return got > 0;
}

// The number at the start of a file, or after "key ". -1: not there.
std::int64_t read_number(const char* path, const char* key) {
  char text[1024] = {};
  if (!read_small_file(path, text, sizeof text - 1)) return -1;
  const char* at = text;
  const std::size_t length = std::strlen(key);
  while (std::strncmp(at, key, length) != 0) {
    at = std::strchr(at, '\n');
    if (at == nullptr) return -1;
    ++at;
  }
  at += length;
  if (*at < '0' || *at > '9') return -1;
  std::int64_t number = 0;
  for (; *at >= '0' && *at <= '9'; ++at) number = number * 10 + (*at - '0');
  return number;
}

// Engines show a container its own cgroup there, version 2 or 1.
std::int64_t read_either(const char* v2_file, const char* v2_key, const char* v1_file,
                         const char* v1_key) {
  return std::max(read_number(v2_file, v2_key), read_number(v1_file, v1_key));
}

bool asks_to_end(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

class Init {
 public:
  explicit Init(const TestInit& settings) : settings_(settings) {}

  [[noreturn]] void run() {
    reap();
    while (!test_ended_) {
      wait(settings_.cpu_limit.count() > 0 ? kCpuTimePoll : milliseconds(-1));
      reap();
      if (!test_ended_) hold_cpu_time();
    }
    send(InitMessage::kEnded, status_);
    if (children_left_) await_children(kLeftoverGrace);
    if (children_left_) {
      report_left();
      ::kill(-1, SIGTERM);  // everybody but the caller and pid 1
      await_children(settings_.grace);
    }
    report_usage();
    ::_exit(WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_));
  }

 private:
  void reap() {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended < 0 && errno == EINTR) continue;
      children_left_ = ended == 0;
      if (ended <= 0) return;
      if (ended != settings_.test) continue;
      status_ = status;
      test_ended_ = true;
    }
  }

  // Until a signal or an order arrives or the time is over; a negative time waits for ever. A dead
  // keeper ends the init, and everything with it.
  void wait(milliseconds limit) {
    const short orders = settings_.takes_orders ? POLLIN : 0;
    pollfd fds[2] = {{kSignalFd, POLLIN, 0}, {kLifelineFd, orders, 0}};
    ::poll(fds, 2, static_cast<int>(limit.count()));
    if ((fds[1].revents & (POLLHUP | POLLERR)) != 0) ::_exit(1);
    if ((fds[1].revents & POLLIN) != 0) obey();
    signalfd_siginfo info{};
    while (::read(kSignalFd, &info, sizeof info) == sizeof info)
      hear(static_cast<int>(info.ssi_signo), info.ssi_pid == 0);
  }

  // A process outside of this PID namespace has no number here: the kernel says 0.
  void hear(int signal, bool from_outside) {
    if (settings_.takes_orders) {
      if (!from_outside) return;  // the test signals its own init
      if (asks_to_end(signal)) send(InitMessage::kFromOutside, signal);
    }
    if (!test_ended_ && sigismember(&settings_.forwarded, signal) == 1)
      ::kill(settings_.test, signal);
  }

  // Everybody but the caller is the test's, here where the caller is pid 1.
  static void obey() {
    unsigned char signal = 0;
    while (::read(kLifelineFd, &signal, 1) == 1) {
      ::kill(-1, signal);
      ::kill(-1, SIGCONT);
    }
  }

  void hold_cpu_time() {
    if (settings_.cpu_limit.count() == 0 || cpu_time_met_) return;
    const auto used = cgroup_cpu_time();
    if (used <= settings_.cpu_limit) return;
    cpu_time_met_ = true;
    send(InitMessage::kCpuTime, used.count());
    ::kill(-1, SIGKILL);
  }

  void await_children(milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    for (reap(); children_left_; reap()) {
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      if (left <= milliseconds(0)) return;
      wait(left);
    }
  }

  // readdir allocates; the raw call does not.
  void report_left() const {
    const int proc = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) return;
    alignas(dirent64) char buffer[4096];
    int named = 0;
    for (;;) {
      const long got = ::syscall(SYS_getdents64, proc, buffer, sizeof buffer);
      if (got <= 0) break;
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
        at += entry->d_reclen;
        const pid_t pid = parse_pid(entry->d_name);
        if (pid > 1 && pid != ::getpid() && named++ < kMaxNamedLeftovers)
          report_left(entry->d_name, pid);
      }
    }
    ::close(proc);
  }

  static pid_t parse_pid(const char* name) {
    pid_t pid = 0;
    for (; *name >= '0' && *name <= '9'; ++name) pid = pid * 10 + (*name - '0');
    return *name == '\0' ? pid : 0;
  }

  static void report_left(const char* name, pid_t pid) {
    InitMessage message;
    message.kind = InitMessage::kLeft;
    message.number = pid;
    char path[64] = "/proc/";
    std::strncat(path, name, 16);
    std::strncat(path, "/cmdline", 9);
    read_small_file(path, message.text.data(), message.text.size() - 1);
    [[maybe_unused]] const ssize_t sent = ::write(kReportFd, &message, sizeof message);
  }

  void report_usage() const {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    send(InitMessage::kUserCpu, usage.ru_utime.tv_sec * 1'000'000 + usage.ru_utime.tv_usec);
    send(InitMessage::kSystemCpu, usage.ru_stime.tv_sec * 1'000'000 + usage.ru_stime.tv_usec);
    if (!settings_.reports_groups) return;
    const GroupCounts now = read_group_counts();
    const GroupCounts& before = settings_.counted_before;
    report_increase(InitMessage::kMemoryKills, before.memory_kills, now.memory_kills);
    report_increase(InitMessage::kForkRefusals, before.fork_refusals, now.fork_refusals);
    if (!settings_.groups_are_shared)
      report_increase(InitMessage::kPeakMemory, 0,
                      read_either("/sys/fs/cgroup/memory.peak", "",
                                  "/sys/fs/cgroup/memory/memory.max_usage_in_bytes", ""));
  }

  static void report_increase(InitMessage::Kind kind, std::int64_t before, std::int64_t now) {
    const std::int64_t increase = now - std::max<std::int64_t>(before, 0);
    if (increase > 0) send(kind, increase);
  }

  const TestInit settings_;
  int status_ = 0;
  bool test_ended_ = false;
  bool children_left_ = false;
  bool cpu_time_met_ = false;
};

std::string words_of(const InitMessage& message) {
  std::string text(message.text.data(), message.text.size());
  text.erase(text.find_last_not_of('\0') + 1);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return base::printable(text);
}

void take(const InitMessage& message, TestReport& report) {
  const std::int64_t number = message.number;
  switch (message.kind) {
    case InitMessage::kEnded:
      report.wait_status = static_cast<int>(number);
      break;
    case InitMessage::kBegan:
      report.began = true;
      break;
    case InitMessage::kNotStarted:
      report.start_errno = static_cast<int>(number);
      break;
    case InitMessage::kMemoryKills:
      report.memory_kills = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
      break;
    case InitMessage::kPeakMemory:
      report.peak_memory_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
      break;
    case InitMessage::kForkRefusals:
      report.fork_refusals = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
      break;
    case InitMessage::kFromOutside:
      report.signal_from_outside = static_cast<int>(number);
      break;
    case InitMessage::kCpuTime:
      report.cpu_time_met = std::chrono::microseconds(number);
      break;
    case InitMessage::kRefused:
      report.refused = words_of(message);
      report.refused_of =
          number == static_cast<int>(Refusal::kLimit) ? Refusal::kLimit : Refusal::kIsolation;
      break;
    case InitMessage::kUserCpu:
      report.user_cpu = std::chrono::microseconds(number);
      break;
    case InitMessage::kSystemCpu:
      report.system_cpu = std::chrono::microseconds(number);
      break;
    case InitMessage::kLeft:
      if (report.left.size() < kMaxNamedLeftovers)
        report.left.push_back({static_cast<int>(number), words_of(message)});
      break;
    default:
      break;  // a launcher of another version
  }
}

StepFailure failed(const char* step) {
  return {errno, step};
}

}  // namespace

void send_init_message(int report_fd, InitMessage::Kind kind, std::int64_t number,
                       const char* text) noexcept {
  InitMessage message;
  message.kind = kind;
  message.number = number;
  std::strncpy(message.text.data(), text, message.text.size() - 1);
  [[maybe_unused]] const ssize_t sent = ::write(report_fd, &message, sizeof message);
}

std::chrono::microseconds cgroup_cpu_time() noexcept {
  const std::int64_t v2 = read_number("/sys/fs/cgroup/cpu.stat", "usage_usec ");
  if (v2 >= 0) return std::chrono::microseconds(v2);
  const std::int64_t v1_ns = read_number("/sys/fs/cgroup/cpuacct/cpuacct.usage", "");
  return std::chrono::microseconds(v1_ns < 0 ? -1 : v1_ns / 1000);
}

GroupCounts read_group_counts() noexcept {
  return {
      read_either("/sys/fs/cgroup/memory.events", "oom_kill ",
                  "/sys/fs/cgroup/memory/memory.oom_control", "oom_kill "),
      read_either("/sys/fs/cgroup/pids.events", "max ", "/sys/fs/cgroup/pids/pids.events", "max ")};
}

// A number of tasks, not a list: version 1 leaves out of that who has no number in this namespace.
// The engine's own starter may be seen for a moment.
bool are_groups_shared() noexcept {
  for (int tries = 0; tries < kTriesForOthers; ++tries) {
    if (tries > 0) ::poll(nullptr, 0, kPauseForOthersMs);
    if (read_either("/sys/fs/cgroup/pids.current", "", "/sys/fs/cgroup/pids/pids.current", "") <= 1)
      return false;
  }
  return true;
}

void prepare_test_init() noexcept {
  ::prctl(PR_SET_NAME, "specguard-init", 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void leave_test_init() noexcept {
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // /proc/self would be root's
}

void run_test_init(const TestInit& init) noexcept {
  keep_only(init.report_fd, init.lifeline_fd);
  Init(init).run();
}

TestReport read_test_report(int fd) {
  TestReport report;
  InitMessage message;
  for (int count = 0; count < 4 * kMaxNamedLeftovers; ++count) {
    ssize_t got = 0;
    do {
      got = ::read(fd, &message, sizeof message);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof message) break;
    take(message, report);
  }
  return report;
}

StepFailure drop_privileges() noexcept {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("set no_new_privs");
  // The first that the kernel does not know ends the set.
  int capability = 0;
  while (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) ++capability;
  if (errno != EINVAL || capability == 0) return failed("drop the capability bounding set");
  // Ambient capabilities go with the permitted and inheritable ones.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (::syscall(SYS_capset, &header, none) != 0) return failed("drop all capabilities");
  return {};
}

}  // namespace specguard::sys
