// Runs a fuzz target over the files of a corpus, and over cut and flipped copies of each: what a
// compiler without libFuzzer can do.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void try_one(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  int inputs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content((std::istreambuf_iterator<char>(file)), {});
      try_one(content);
      const std::size_t step = content.size() / 200 + 1;
      for (std::size_t at = 0; at < content.size(); at += step) {
        try_one(content.substr(0, at));
        std::string flipped = content;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x20);
        try_one(flipped);
      }
      ++inputs;
    }
  }
  std::printf("%d inputs\n", inputs);
  return inputs > 0 ? 0 : 1;  // a corpus that is not there tests nothing
}
