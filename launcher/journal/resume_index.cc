#include "journal/resume_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>

#include "sys/file.h"

namespace specguard::journal {
namespace {

// Eight bytes; read as a number by a machine of other byte order they differ.
constexpr std::uint64_t kMagic = 0x53477265'73756D31;  // "SGresum1"
constexpr std::size_t kHeaderBytes = 16;               // magic, number of entries
static_assert(sizeof(IndexEntry) == 48 && kHeaderBytes % alignof(IndexEntry) == 0);

std::uint64_t name_key(const std::string& name) {
  return Fingerprint().add(name).value();
}

}  // namespace

IndexEntry make_entry(const TestState& state, std::uint64_t offset, std::uint32_t size,
                      bool must_run) {
  IndexEntry entry;
  entry.name = name_key(state.test.name);
  entry.content = state.test.content;
  entry.command = state.test.command;
  entry.offset = offset;
  entry.size = size;
  entry.attempts_recorded = state.attempts;
  entry.crashes_in_a_row = static_cast<std::uint16_t>(std::min(state.crashes_in_a_row, 1000u));
  entry.outcome = state.finished ? static_cast<std::uint8_t>(state.result.outcome) : kUnfinished;
  entry.must_run = must_run ? 1 : 0;
  return entry;
}

base::Result<void> write_index(const std::filesystem::path& path, std::vector<IndexEntry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const IndexEntry& a, const IndexEntry& b) { return a.name < b.name; });
  const std::uint64_t header[] = {kMagic, entries.size()};
  std::string content(kHeaderBytes + entries.size() * sizeof(IndexEntry), '\0');
  std::memcpy(content.data(), header, kHeaderBytes);
  if (!entries.empty())
    std::memcpy(content.data() + kHeaderBytes, entries.data(), entries.size() * sizeof(IndexEntry));
  return sys::replace_file(path, content);
}

base::Result<ResumeIndex> ResumeIndex::open(const std::filesystem::path& path) {
  SPECGUARD_TRY(auto file, sys::MappedFile::open(path));
  std::uint64_t header[2] = {};
  const std::size_t size = file.bytes().size();
  if (size >= kHeaderBytes) std::memcpy(header, file.bytes().data(), kHeaderBytes);
  if (header[0] != kMagic || header[1] != (size - kHeaderBytes) / sizeof(IndexEntry) ||
      (size - kHeaderBytes) % sizeof(IndexEntry) != 0)
    return base::Error(fmt::format("{}: not an index of this machine", path.string()));
  return ResumeIndex(std::move(file));
}

std::span<IndexEntry> ResumeIndex::entries() const {
  const std::span<std::byte> rest = file_.bytes().subspan(kHeaderBytes);
  return {reinterpret_cast<IndexEntry*>(rest.data()), rest.size() / sizeof(IndexEntry)};
}

IndexEntry* ResumeIndex::find(const std::string& test_name) const {
  const std::uint64_t key = name_key(test_name);
  const auto all = entries();
  const auto it = std::lower_bound(
      all.begin(), all.end(), key,
      [](const IndexEntry& entry, std::uint64_t wanted) { return entry.name < wanted; });
  return it != all.end() && it->name == key ? &*it : nullptr;
}

std::uint32_t count_attempt(IndexEntry& entry) {
  return std::atomic_ref<std::uint32_t>(entry.attempts_made).fetch_add(1);
}

}  // namespace specguard::journal
