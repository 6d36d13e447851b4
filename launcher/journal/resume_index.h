// ResumeIndex: what a test's launcher looks its decision up in, without folding anything.
//
// A resuming session has 20 000 launchers, and each needs one entry. So whoever starts the session
// folds once and writes this file: fixed entries sorted by the fingerprint of the name, found by
// binary search in a mapping, that is by touching some four pages. The entry points at the
// `carried` record in the session's journal, which the launcher reads only if it has to replay it.
//
// It is a cache of the journal for the machine that wrote it: native byte order, checked by its
// magic, never kept longer than its session. A launcher that cannot use it runs its test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/record.h"
#include "sys/mapped_file.h"

namespace specguard::journal {

struct IndexEntry {
  std::uint64_t name = 0;  // fingerprint of the name
  std::uint64_t content = 0;
  std::uint64_t command = 0;
  std::uint64_t offset = 0;  // of the `carried` record in the journal
  std::uint32_t size = 0;    // its bytes
  std::uint32_t attempts_recorded = 0;
  std::uint32_t attempts_made = 0;  // in this session; counted up by its launchers
  std::uint16_t crashes_in_a_row = 0;
  std::uint8_t outcome = 0;  // base::Outcome, or kUnfinished
  std::uint8_t must_run = 0;
};
inline constexpr std::uint8_t kUnfinished = 0xFF;

IndexEntry make_entry(const TestState& state, std::uint64_t offset, std::uint32_t size,
                      bool must_run);

base::Result<void> write_index(const std::filesystem::path& path, std::vector<IndexEntry> entries);

class ResumeIndex {
 public:
  static base::Result<ResumeIndex> open(const std::filesystem::path& path);

  // nullptr where the test is not recorded. Valid as long as the index.
  IndexEntry* find(const std::string& test_name) const;

 private:
  explicit ResumeIndex(sys::MappedFile file) : file_(std::move(file)) {}
  std::span<IndexEntry> entries() const;

  sys::MappedFile file_;
};

// Takes the next number of an attempt of this test, from 0; atomic among processes.
std::uint32_t count_attempt(IndexEntry& entry);

}  // namespace specguard::journal
