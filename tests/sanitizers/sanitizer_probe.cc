// Does on purpose what the sanitizers are for: reads behind the end, overflows, races. Which of it,
// the argument says.
#include <climits>
#include <cstring>
#include <memory>
#include <thread>

namespace {

int read_behind_the_end(int size) {
  const auto bytes = std::make_unique<char[]>(static_cast<std::size_t>(size));
  return bytes[static_cast<std::size_t>(size)];
}

[[gnu::noipa]] int add(int a, int b) {
  return a + b;
}

int race(int rounds) {
  int counter = 0;
  const auto count = [&] {
    for (int i = 0; i < rounds * 1000; ++i) ++counter;
  };
  std::thread one(count);
  std::thread other(count);
  one.join();
  other.join();
  return counter;
}

}  // namespace

int main(int argc, char** argv) {
  volatile int number = argc;
  if (argc != 2) return 2;
  if (std::strcmp(argv[1], "address") == 0) return read_behind_the_end(number);
  if (std::strcmp(argv[1], "undefined") == 0) return add(INT_MAX, number);
  if (std::strcmp(argv[1], "thread") == 0) return race(number) == 0;
  return 2;
}
