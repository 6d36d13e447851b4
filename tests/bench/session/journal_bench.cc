// What a record costs, with and without a sync, and what folding a large journal costs
// (docs/performance.md). The journal is written into the current directory, whose disk counts.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

#include "journal/fold.h"
#include "journal/journal_writer.h"

namespace {

namespace fs = std::filesystem;
using namespace specguard;

constexpr int kFoldedRecords = 100'000;

journal::AttemptFinished record_of(int test) {
  journal::AttemptFinished record;
  record.at = base::system_clock().wall_now();
  record.attempt = "0123456789abcdef";
  record.test = {.name = "integration/storage/spec_" + std::to_string(test),
                 .content = 0x1234567890ABCDEF,
                 .command = 0xFEDCBA0987654321};
  record.result.outcome = base::Outcome::kPassed;
  record.result.usage.wall = std::chrono::milliseconds(50);
  record.result.usage.user_cpu = std::chrono::microseconds(1200);
  record.result.usage.system_cpu = std::chrono::microseconds(900);
  record.result.usage.peak_memory_bytes = 5 << 20;
  return record;
}

// A journal that is gone when the benchmark is over.
class Journal {
 public:
  Journal() {
    std::ofstream(path_).put('\n');
    auto opened = journal::JournalWriter::open(path_);
    if (opened) writer_.emplace(std::move(opened).value());
  }
  ~Journal() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  journal::JournalWriter& writer() { return *writer_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_ = fs::current_path() / "bench_journal.jsonl";
  std::optional<journal::JournalWriter> writer_;
};

void append(benchmark::State& state) {
  Journal journal;
  const auto record = record_of(1);
  for (auto _ : state)
    if (!journal.writer().append(record)) state.SkipWithError("append failed");
}
BENCHMARK(append);

void append_and_sync(benchmark::State& state) {
  Journal journal;
  const auto record = record_of(1);
  for (auto _ : state)
    if (!journal.writer().append(record) || !journal.writer().sync())
      state.SkipWithError("append or sync failed");
}
BENCHMARK(append_and_sync)->UseRealTime();

// As a launcher does it: open, two records, gone.
void open_and_append_two(benchmark::State& state) {
  Journal journal;
  const auto record = record_of(1);
  for (auto _ : state) {
    auto writer = journal::JournalWriter::open(journal.path());
    if (!writer || !writer->append(record) || !writer->append(record))
      state.SkipWithError("append failed");
  }
}
BENCHMARK(open_and_append_two);

void fold_100000_records(benchmark::State& state) {
  Journal journal;
  {
    std::ofstream file(journal.path(), std::ios::binary);
    for (int i = 0; i < kFoldedRecords / 2; ++i) {
      const auto finished = record_of(i);
      file << journal::encode_record(
                  journal::AttemptStarted{finished.at, finished.attempt, finished.test})
           << journal::encode_record(finished);
    }
  }
  for (auto _ : state) {
    auto folded = journal::fold_journal(journal.path());
    if (!folded || folded->account.records != kFoldedRecords) state.SkipWithError("fold failed");
  }
}
BENCHMARK(fold_100000_records)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
