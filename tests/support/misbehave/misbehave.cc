// misbehave: a test fixture that does to a launcher what bad tests do. It is no product code and is
// never installed.
//
//   misbehave END HABIT [FILE]
//
// END is how its first process ends: an exit code, or "hang". HABIT is one of the rows of the table
// at the bottom. Every process that it ever makes appends "<pid> <start time> <PID namespace>" to
// FILE.pids before it does anything else, so that a watcher can tell which of them still live,
// whatever they have done to their names, parents, environment, descriptors or root; FILE.ready is
// there once the habit is under way.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

extern char** environ;

namespace {

std::string log_path;
std::string ready_path;
char** arguments;

[[noreturn]] void hang() {
  for (;;) ::pause();
}

void append(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
  ::close(fd);
}

// The start time tells this process from a later one of the same number (proc(5), field 22).
std::string own_start_time() {
  char buffer[1024] = {};
  const int fd = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  const ssize_t got = ::read(fd, buffer, sizeof buffer - 1);
  ::close(fd);
  if (got <= 0) return "0";
  const char* field = std::strrchr(buffer, ')') + 2;
  for (int i = 3; i < 22; ++i) field = std::strchr(field, ' ') + 1;
  return std::string(field, std::strchr(field, ' '));
}

// By which the kernel calls it, as "pid:[4026531836]".
std::string own_pid_namespace() {
  char name[64] = {};
  return ::readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 ? name : "none";
}

void sign_on() {
  append(log_path,
         std::to_string(::getpid()) + " " + own_start_time() + " " + own_pid_namespace() + "\n");
}

void ready() {
  append(ready_path, "ready\n");
}

// A child that signs on and then does something; returns its pid in the parent.
pid_t fork_doing(const std::function<void()>& something) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  sign_on();
  something();
  hang();
}

void close_streams() {
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
}

void leave_child() {
  fork_doing(close_streams);
}

void daemonize() {
  const pid_t middle = fork_doing([] {
    ::setsid();
    fork_doing(close_streams);
    ::_exit(0);
  });
  ::waitpid(middle, nullptr, 0);
}

void ignore_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_IGN);
}

void ignore_term() {
  ignore_signals();
  fork_doing([] {});
}

void stop_itself() {
  fork_doing([] {
    for (;;) ::raise(SIGSTOP);
  });
}

void hold_stdout() {
  fork_doing([] { ::setsid(); });
}

void close_all() {
  fork_doing([] {
    ::setsid();
    ::close_range(0, ~0U, 0);
  });
}

void rename_itself() {
  fork_doing([] {
    ::prctl(PR_SET_NAME, "kworker/u8:1");
    for (char** argument = arguments; *argument != nullptr; ++argument)
      std::memset(*argument, 0, std::strlen(*argument));
    ::setsid();
  });
}

// A process that forks its successor and dies, over and over: no list of processes is ever true.
// Bounded to 5000 hops, or MISBEHAVE_HOPS.
void keep_forking() {
  const char* bound = std::getenv("MISBEHAVE_HOPS");
  const int hops = bound == nullptr ? 5'000 : std::atoi(bound);
  for (int chain = 0; chain < 3; ++chain)
    fork_doing([hops] {
      ::setsid();
      ignore_signals();
      for (int hop = 0; hop < hops; ++hop) {
        const pid_t next = ::fork();
        if (next > 0) ::_exit(0);
        if (next == 0) sign_on();
      }
    });
}

void clear_environment() {
  fork_doing([] {
    ::setsid();
    char* const empty[] = {nullptr};
    char* const command[] = {const_cast<char*>("sleep"), const_cast<char*>("1000"), nullptr};
    ::execve("/bin/sleep", command, empty);
  });
}

// As root a new root directory and another user; as anybody else a new root of one's own namespace,
// where that is allowed.
void change_root_and_user() {
  fork_doing([] {
    ::setsid();
    if (::geteuid() != 0 && ::unshare(CLONE_NEWUSER) != 0) return;
    if (::chroot("/proc") != 0 || ::chdir("/") != 0) return;
    if (::setgid(65534) == 0 && ::setuid(65534) != 0) return;
  });
}

// Its own freezer: version 1 where the hierarchy is there, else version 2, beside version 1 or
// alone. Without rights to any it merely hangs.
void freeze_itself() {
  const std::string name = "misbehave-" + std::to_string(::getpid());
  const std::string old_group = "/sys/fs/cgroup/freezer/" + name;
  const bool beside = ::access("/sys/fs/cgroup/unified", F_OK) == 0;
  const std::string new_group = (beside ? "/sys/fs/cgroup/unified/" : "/sys/fs/cgroup/") + name;
  const pid_t child = fork_doing([] { ::setsid(); });
  const auto put = [](const std::string& path, const std::string& text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
    return done;
  };
  if (::mkdir(old_group.c_str(), 0755) == 0) {
    put(old_group + "/cgroup.procs", std::to_string(child));
    put(old_group + "/freezer.state", "FROZEN");
  } else if (::mkdir(new_group.c_str(), 0755) == 0) {
    put(new_group + "/cgroup.procs", std::to_string(child));
    put(new_group + "/cgroup.freeze", "1");
  }
}

void use_vfork() {
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execl("/proc/self/exe", arguments[0], "hang", "sign-on", log_path.c_str(), nullptr);
    ::_exit(127);
  }
}

void use_posix_spawn() {
  char* const command[] = {arguments[0], const_cast<char*>("hang"), const_cast<char*>("sign-on"),
                           log_path.data(), nullptr};
  pid_t pid = 0;
  ::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, command, environ);
}

void make_zombies() {
  for (int i = 0; i < 500; ++i)
    if (::fork() == 0) ::_exit(0);
  fork_doing([] {});
}

void print_without_end() {
  const std::string line(1024, 'x');
  for (;;)
    if (::write(1, line.data(), line.size()) < 0) ::_exit(1);
}

void eat_memory() {
  for (;;) {
    constexpr std::size_t kChunk = 8u << 20;
    void* memory =
        ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) ::_exit(3);
    std::memset(memory, 1, kChunk);
    ::usleep(1000);
  }
}

void burn_cpu() {
  for (std::atomic<unsigned> turns = 0;; ++turns) {
  }
}

const std::map<std::string, void (*)()> kHabits = {
    {"none", [] {}},
    {"sign-on", [] {}},
    {"leave-child", leave_child},
    {"daemonize", daemonize},
    {"ignore-term", ignore_term},
    {"stop-itself", stop_itself},
    {"hold-stdout", hold_stdout},
    {"close-all", close_all},
    {"rename", rename_itself},
    {"keep-forking", keep_forking},
    {"clear-environment", clear_environment},
    {"change-root-and-user", change_root_and_user},
    {"freeze", freeze_itself},
    {"vfork", use_vfork},
    {"posix-spawn", use_posix_spawn},
    {"zombies", make_zombies},
    {"print-without-end", print_without_end},
    {"eat-memory", eat_memory},
    {"burn-cpu", burn_cpu},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !kHabits.contains(argv[2])) {
    std::fprintf(stderr,
                 "misbehave (a test fixture): misbehave EXIT-CODE|hang HABIT [FILE]\nhabits:");
    for (const auto& [name, habit] : kHabits) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  arguments = argv;
  const std::string end = argv[1];
  const std::string habit = argv[2];
  if (argc > 3) {
    log_path = habit == "sign-on" ? argv[3] : std::string(argv[3]) + ".pids";
    if (habit != "sign-on") ready_path = std::string(argv[3]) + ".ready";
  }
  sign_on();
  kHabits.at(habit)();
  ready();
  if (end == "hang") hang();
  return std::atoi(end.c_str());
}
