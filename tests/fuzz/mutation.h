// Inputs that grow out of a corpus by chance: what a compiler without libFuzzer can do.
//
// One seed always gives one sequence of inputs, on every machine, so that a failure can be
// repeated. There is no feedback from coverage: it finds what is near the corpus, and libFuzzer the
// rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace specguard::fuzz {

// All files below a directory, in the order of their names, so that the same corpus is always the
// same.
std::vector<std::string> read_corpus(const std::filesystem::path& directory);

class Mutation {
 public:
  // `corpus` is not empty, and its inputs are copied.
  Mutation(std::vector<std::string> corpus, std::uint64_t seed);

  // An input of the corpus after one to eight changes: bytes flipped, written over, taken out,
  // doubled, cut at the end, or a piece of another input set in. At most kMaxBytes.
  std::string next();

  static constexpr std::size_t kMaxBytes = 64 << 10;

 private:
  std::size_t below(std::size_t bound);  // 0 to bound - 1; 0 for a bound of 0
  std::string piece_of(const std::string& input, std::size_t max_bytes);
  void change(std::string& input);

  std::vector<std::string> corpus_;
  std::mt19937_64 random_;
};

}  // namespace specguard::fuzz
