// Runs a fuzz target without libFuzzer: over each file of a corpus, over each of its beginnings (up
// to 200 of them), and over inputs that grow out of the corpus by chance.
//
//   fuzz_NAME CORPUS      SPECGUARD_FUZZ_RUNS (default 5000) and SPECGUARD_FUZZ_SEED (default 1)
//   choose how many and which
//
// On a failure the input is in the file that is named before the program dies.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

#include "mutation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

const std::string* tried = nullptr;

void try_one(const std::string& input) {
  tried = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// The program is about to die of what it was given: that is worth keeping, whatever stdio thinks of
// a signal handler.
void keep_input(int signal) {
  char name[] = "/tmp/specguard-fuzz-XXXXXX";
  const int file = mkstemp(name);
  if (file >= 0 && write(file, tried->data(), tried->size()) >= 0)
    std::fprintf(stderr, "the input of %zu bytes that failed is in %s\n", tried->size(), name);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, keep_input);
  const auto corpus = specguard::fuzz::read_corpus(argv[1]);
  if (corpus.empty()) return 1;  // a corpus that is not there tests nothing
  for (const std::string& input : corpus) {
    const std::size_t step = input.size() / 200 + 1;
    for (std::size_t size = 0; size < input.size(); size += step) try_one(input.substr(0, size));
    try_one(input);
  }
  const std::uint64_t runs = setting("SPECGUARD_FUZZ_RUNS", 5'000);
  specguard::fuzz::Mutation mutation(corpus, setting("SPECGUARD_FUZZ_SEED", 1));
  for (std::uint64_t run = 0; run < runs; ++run) try_one(mutation.next());
  std::printf("%zu inputs of the corpus, %llu grown out of them\n", corpus.size(),
              static_cast<unsigned long long>(runs));
  return 0;
}
