#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "sys/file.h"
#include "sys/lineage.h"
#include "sys/process.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

constexpr std::uint64_t kMagic = 0x5B;
constexpr int kPidBits = 22;
constexpr int kNamespaceBits = 16;
constexpr int kStartBits = 18;

constexpr std::uint64_t low_bits(std::uint64_t value, int count) {
  return value & ((std::uint64_t{1} << count) - 1);
}

// 0 where /proc does not say; the kernel numbers namespaces from 0xF0000000.
std::uint32_t own_namespace_hash() {
  struct stat info {};
  if (::stat("/proc/self/ns/pid", &info) != 0) return 0;
  const auto inode = static_cast<std::uint64_t>(info.st_ino);
  return static_cast<std::uint32_t>(low_bits(inode ^ (inode >> kNamespaceBits), kNamespaceBits));
}

}  // namespace

base::Result<Lineage> Lineage::of_this_process() {
  const auto stat = read_process_stat(::getpid());
  if (!stat) return base::Error("cannot read /proc/self/stat: is /proc mounted?");
  Lineage lineage;
  lineage.keeper_ = stat->pid;
  lineage.namespace_hash_ = own_namespace_hash();
  lineage.start_low_bits_ = static_cast<std::uint32_t>(low_bits(stat->start_ticks, kStartBits));
  return lineage;
}

std::uint64_t Lineage::encode() const {
  std::uint64_t tag = kMagic;
  tag = tag << kPidBits | low_bits(static_cast<std::uint64_t>(keeper_), kPidBits);
  tag = tag << kNamespaceBits | namespace_hash_;
  return tag << kStartBits | start_low_bits_;
}

std::optional<Lineage> Lineage::decode(std::uint64_t tag) {
  if (tag >> (kPidBits + kNamespaceBits + kStartBits) != kMagic) return std::nullopt;
  Lineage lineage;
  lineage.start_low_bits_ = static_cast<std::uint32_t>(low_bits(tag, kStartBits));
  lineage.namespace_hash_ = static_cast<std::uint32_t>(low_bits(tag >> kStartBits, kNamespaceBits));
  lineage.keeper_ = static_cast<pid_t>(low_bits(tag >> (kStartBits + kNamespaceBits), kPidBits));
  if (lineage.keeper_ == 0) return std::nullopt;
  return lineage;
}

std::optional<Lineage> Lineage::carried_by(pid_t pid) {
  const auto limits = read_file("/proc/" + std::to_string(pid) + "/limits", 64 * 1024);
  if (!limits) return std::nullopt;
  constexpr std::string_view kRow = "Max realtime timeout";
  std::string_view text = *limits;
  const std::size_t row = text.find(kRow);
  if (row == std::string_view::npos) return std::nullopt;
  text.remove_prefix(row + kRow.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t tag = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), tag).ec != std::errc{})
    return std::nullopt;  // "unlimited"
  return decode(tag);
}

bool Lineage::may_be_alive() const {
  if (namespace_hash_ != own_namespace_hash()) return true;
  const auto stat = read_process_stat(keeper_);
  if (!stat) return !is_gone(keeper_);
  return !stat->is_dead() && low_bits(stat->start_ticks, kStartBits) == start_low_bits_;
}

std::vector<pid_t> Lineage::processes() const {
  std::vector<pid_t> found;
  for (const pid_t pid : all_processes()) {
    if (pid == ::getpid() || carried_by(pid) != *this) continue;
    const auto stat = read_process_stat(pid);
    if (stat && !stat->is_dead()) found.push_back(pid);
  }
  return found;
}

bool put_on_lineage(std::uint64_t tag) {
  rlimit limit{};
  if (calls().getrlimit(RLIMIT_RTTIME, &limit) != 0) return false;
  if (limit.rlim_max <
      tag) {  // somebody did set a real bound: it counts, and the tag is not put on
    errno = EPERM;
    return false;
  }
  limit.rlim_cur = tag;
  return calls().setrlimit(RLIMIT_RTTIME, &limit) == 0;
}

}  // namespace specguard::sys
