#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "base/quantity.h"
#include "sys/fd.h"
#include "sys/machine_sample.h"
#include "sys/resource_bound.h"

namespace specguard::sys {
namespace {

using base::Error;
using base::Result;

UniqueFd open_read_only(const std::filesystem::path& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// The start of a file of /proc or of a cgroup, read anew; empty where it cannot be read. The text
// lives in the buffer that is given.
std::string_view reread(const UniqueFd& fd, std::span<char> buffer) {
  if (!fd) return {};
  const ssize_t got = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
  return got > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(got))
                 : std::string_view{};
}

// Reads the next number of a line and takes it off; nullopt at the line's end.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// The number after a key that begins a line ("MemAvailable:", "usage_usec ").
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    std::string_view rest = text.substr(at + key.size());
    return take_number(rest);
  }
  return std::nullopt;
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=123": the total of the line that begins with kind.
std::optional<std::uint64_t> stall_total(std::string_view pressure, std::string_view kind) {
  const std::size_t line = pressure.find(kind);
  if (line == std::string_view::npos) return std::nullopt;
  const std::size_t total = pressure.find("total=", line);
  if (total == std::string_view::npos) return std::nullopt;
  std::string_view rest = pressure.substr(total + 6);
  return take_number(rest);
}

struct CpuTicks {
  std::uint64_t busy = 0;
  std::uint64_t total = 0;
};

// user nice system idle iowait irq softirq steal [guest guest_nice]. The guest fields are contained
// in user and nice. Stolen time is time that is not there to be used, so it counts as used.
CpuTicks parse_cpu_line(std::string_view numbers) {
  CpuTicks ticks;
  for (int field = 0; field < 8; ++field) {
    const auto value = take_number(numbers);
    if (!value) break;
    ticks.total += *value;
    if (field != 3 && field != 4) ticks.busy += *value;  // idle, iowait
  }
  return ticks;
}

// The CPUs this process may run on, where these are fewer than the machine has; empty otherwise.
std::vector<int> restricted_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return {};
  if (CPU_COUNT(&set) >= ::sysconf(_SC_NPROCESSORS_ONLN)) return {};
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

CpuTicks read_cpu_ticks(std::string_view stat, const std::vector<int>& cpus) {
  if (cpus.empty()) return stat.starts_with("cpu ") ? parse_cpu_line(stat.substr(4)) : CpuTicks{};
  CpuTicks sum;
  for (const int cpu : cpus) {
    std::array<char, 24> key{};
    const auto end = fmt::format_to_n(key.data(), key.size(), "\ncpu{} ", cpu);
    const std::string_view word(key.data(), end.size);
    const std::size_t at = stat.find(word);
    if (at == std::string_view::npos) continue;
    const CpuTicks one = parse_cpu_line(stat.substr(at + word.size()));
    sum.busy += one.busy;
    sum.total += one.total;
  }
  return sum;
}

std::optional<double> percent(std::uint64_t part_before, std::uint64_t part_now,
                              std::uint64_t whole_before, std::uint64_t whole_now) {
  // Counters of CPUs that go offline, and iowait of some kernels, can run backwards.
  if (whole_now <= whole_before || part_now < part_before) return std::nullopt;
  const double value = 100.0 * static_cast<double>(part_now - part_before) /
                       static_cast<double>(whole_now - whole_before);
  return value > 100.0 ? 100.0 : value;
}

std::string describe_bound(const ResourceBound& bound, std::size_t restricted) {
  std::string details;
  const auto add = [&](const std::string& text) {
    details += (details.empty() ? "" : ", ") + text;
  };
  if (bound.memory) add(base::format_size(bound.memory->limit_bytes));
  if (bound.cpu) add(fmt::format("{:.3g} CPUs", bound.cpu->cpus));
  if (restricted > 0 && !bound.cpu) add(fmt::format("{} CPUs", restricted));
  if (details.empty()) return "the machine";
  if (bound.group.empty()) return fmt::format("the allowed CPUs ({})", details);
  return fmt::format("cgroup {} ({})", bound.group, details);
}

}  // namespace

double MachineSample::memory_percent() const {
  if (memory_bound_bytes == 0) return 0;
  const auto available = std::min(memory_available_bytes, memory_bound_bytes);
  return 100.0 * (1.0 - static_cast<double>(available) / static_cast<double>(memory_bound_bytes));
}

struct MachineSampler::Files {
  UniqueFd stat, meminfo, memory_pressure, io_pressure, disk;
  UniqueFd bound_memory_usage, bound_memory_stat, bound_cpu_usage;
  ResourceBound bound;
  std::vector<int> cpus;
  std::string bound_text;
  std::vector<char> buffer = std::vector<char>(64 * 1024);

  void sample_memory(MachineSample& sample);
  bool read_cpu(MachineCounters& counters);
};

MachineSampler::MachineSampler(std::unique_ptr<Files> files) : files_(std::move(files)) {}
MachineSampler::MachineSampler(MachineSampler&&) noexcept = default;
MachineSampler& MachineSampler::operator=(MachineSampler&&) noexcept = default;
MachineSampler::~MachineSampler() = default;

const std::string& MachineSampler::bound() const {
  return files_->bound_text;
}

Result<MachineSampler> MachineSampler::open(const SamplerOptions& options) {
  auto files = std::make_unique<Files>();
  const std::filesystem::path proc = options.root / "proc";
  files->stat = open_read_only(proc / "stat");
  files->meminfo = open_read_only(proc / "meminfo");
  if (!files->stat || !files->meminfo)
    return Error::from_errno(fmt::format("open {}/stat and meminfo", proc.string()), errno);
  // The kernel may be built without pressure accounting; then these stay closed.
  files->memory_pressure = open_read_only(proc / "pressure/memory");
  files->io_pressure = open_read_only(proc / "pressure/io");
  if (!options.disk_directory.empty())
    files->disk =
        UniqueFd(::open(options.disk_directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

  const std::string_view meminfo = reread(files->meminfo, files->buffer);
  const std::uint64_t machine_bytes = number_after(meminfo, "MemTotal:").value_or(0) * 1024;
  if (options.root == "/") files->cpus = restricted_cpus();  // not of a made-up machine
  const double machine_cpus = files->cpus.empty()
                                  ? static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN))
                                  : static_cast<double>(files->cpus.size());
  files->bound = find_resource_bound(options.root, machine_bytes, machine_cpus);
  if (const auto& memory = files->bound.memory) {
    files->bound_memory_usage = open_read_only(memory->usage_file);
    files->bound_memory_stat = open_read_only(memory->stat_file);
    if (!files->bound_memory_usage) files->bound.memory.reset();
  }
  if (const auto& cpu = files->bound.cpu) {
    files->bound_cpu_usage = open_read_only(cpu->usage_file);
    if (!files->bound_cpu_usage) files->bound.cpu.reset();
  }
  files->bound_text = describe_bound(files->bound, files->cpus.size());
  return MachineSampler(std::move(files));
}

void MachineSampler::Files::sample_memory(MachineSample& sample) {
  const std::string_view text = reread(meminfo, buffer);
  sample.memory_bound_bytes = number_after(text, "MemTotal:").value_or(0) * 1024;
  // Kernels before 3.14 have no MemAvailable; free and cached is what they can say.
  sample.memory_available_bytes = number_after(text, "MemAvailable:")
                                      .value_or(number_after(text, "MemFree:").value_or(0) +
                                                number_after(text, "Cached:").value_or(0)) *
                                  1024;
  if (!bound.memory) return;
  std::string_view usage = reread(bound_memory_usage, buffer);
  const auto used = take_number(usage);
  if (!used) return;
  const std::uint64_t inactive =
      number_after(reread(bound_memory_stat, buffer), bound.memory->inactive_key).value_or(0);
  const std::uint64_t needed = *used > inactive ? *used - inactive : 0;
  const std::uint64_t limit = bound.memory->limit_bytes;
  // The machine may run out before the group does, so the scarcer of the two counts.
  sample.memory_bound_bytes = limit;
  sample.memory_available_bytes =
      std::min(sample.memory_available_bytes, limit > needed ? limit - needed : 0);
}

bool MachineSampler::Files::read_cpu(MachineCounters& counters) {
  if (bound.cpu) {
    std::string_view text = reread(bound_cpu_usage, buffer);
    const auto usage =
        bound.cpu->usage_is_stat ? number_after(text, "usage_usec ") : take_number(text);
    if (!usage) return false;
    counters.cpu_busy = bound.cpu->usage_is_stat ? *usage * 1000 : *usage;
    const auto now =
        static_cast<double>(std::chrono::nanoseconds(counters.at.time_since_epoch()).count());
    counters.cpu_total = static_cast<std::uint64_t>(now * bound.cpu->cpus);
    return true;
  }
  const CpuTicks ticks = read_cpu_ticks(reread(stat, buffer), cpus);
  counters.cpu_busy = ticks.busy;
  counters.cpu_total = ticks.total;
  return ticks.total > 0;
}

Result<MachineSample> MachineSampler::sample(const std::optional<MachineCounters>& before,
                                             MachineCounters& counters) {
  Files& files = *files_;
  MachineSample sample;
  MachineCounters now;
  now.at = sample.at = base::system_clock().now();
  const bool has_cpu = files.read_cpu(now);
  files.sample_memory(sample);
  if (sample.memory_bound_bytes == 0)
    return Error("read meminfo: no MemTotal line, so memory cannot be watched");
  const auto memory_stall = stall_total(reread(files.memory_pressure, files.buffer), "some ");
  const auto io_stall = stall_total(reread(files.io_pressure, files.buffer), "full ");
  now.memory_stall_us = memory_stall.value_or(0);
  now.io_stall_us = io_stall.value_or(0);

  if (before && before->at < now.at) {
    const auto microseconds = [](base::MonotonicTime time) {
      return static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
    };
    const auto then_us = microseconds(before->at);
    const auto now_us = microseconds(now.at);
    if (has_cpu)
      sample.cpu_percent =
          percent(before->cpu_busy, now.cpu_busy, before->cpu_total, now.cpu_total);
    if (memory_stall)
      sample.memory_pressure_percent =
          percent(before->memory_stall_us, now.memory_stall_us, then_us, now_us);
    if (io_stall)
      sample.io_pressure_percent = percent(before->io_stall_us, now.io_stall_us, then_us, now_us);
  }
  struct statvfs disk {};
  if (files.disk && ::fstatvfs(files.disk.get(), &disk) == 0)
    sample.disk_free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  counters = now;
  return sample;
}

}  // namespace specguard::sys
