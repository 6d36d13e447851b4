// The script for CTest: whatever a name holds, the argument that quotes it ends where it should.
// CMake itself reads scripts back in tests/integration/discover; here its rule for bracket
// arguments is applied to millions of names.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "spec/cmake_script.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace specguard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('\n') != std::string_view::npos) return 0;  // refused before it gets here
  const std::string argument = spec::cmake_argument(text);
  if (argument.front() == '"') {
    SPECGUARD_CHECK(argument.substr(1, argument.size() - 2) == text, "quoted as it is");
    SPECGUARD_CHECK(text.find_first_of("\"\\$;") == std::string_view::npos, "nothing to escape");
    return 0;
  }
  const std::size_t open = argument.find('[', 1);
  const std::string closing = "]" + argument.substr(1, open - 1) + "]";
  const std::size_t end = argument.find(closing, open + 1);
  SPECGUARD_CHECK(end + closing.size() == argument.size(), "it ends at its end, and only there");
  SPECGUARD_CHECK(argument.substr(open + 1, end - open - 1) == text, "what went in comes out");
  return 0;
}
