#include "mutation.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace specguard::fuzz {
namespace {

constexpr std::size_t kMostChanges = 8;
constexpr std::size_t kMostPieceBytes = 64;

// Bytes on which readers of text stumble.
constexpr char kAwkward[] = "\0\n\r\t \"'#$;:\\[]{}0-\x7f\x80\xc3\xff";
constexpr std::string_view kAwkwardBytes(kAwkward, sizeof kAwkward - 1);  // it holds a NUL

}  // namespace

std::vector<std::string> read_corpus(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<std::string> corpus;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

Mutation::Mutation(std::vector<std::string> corpus, std::uint64_t seed)
    : corpus_(std::move(corpus)), random_(seed) {}

std::string Mutation::next() {
  std::string input = corpus_[below(corpus_.size())];
  for (std::size_t changes = 1 + below(kMostChanges); changes > 0; --changes) change(input);
  if (input.size() > kMaxBytes) input.resize(kMaxBytes);
  return input;
}

// By remainder: the library's distributions differ between machines.
std::size_t Mutation::below(std::size_t bound) {
  return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound);
}

std::string Mutation::piece_of(const std::string& input, std::size_t max_bytes) {
  return input.substr(below(input.size()), 1 + below(max_bytes));
}

void Mutation::change(std::string& input) {
  const std::size_t at = below(input.size() + 1);
  switch (below(7)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < input.size()) input[at] = kAwkwardBytes[below(kAwkwardBytes.size())];
      break;
    case 2:
      input.insert(at, 1, kAwkwardBytes[below(kAwkwardBytes.size())]);
      break;
    case 3:
      input.erase(at, 1 + below(kMostPieceBytes));
      break;
    case 4:
      input.insert(at, piece_of(input, kMostPieceBytes));
      break;
    case 5:
      input.insert(at, piece_of(corpus_[below(corpus_.size())], kMostPieceBytes));
      break;
    default:
      if (below(4) == 0) input.resize(at);
  }
}

}  // namespace specguard::fuzz
