#include "minispec_support.h"

#include <algorithm>
#include <utility>

namespace specguard::testing {

RunResult run_minispec(const std::string& program, std::map<std::string, std::string> environment) {
  const TempDir directory;
  directory.write("x_spec.spl", program);
  environment.try_emplace("NO_COLOR", "1");
  for (const char* name : {"SIMPLE_TEST_FILTER", "MINISPEC_VERDICT", "MINISPEC_OUTPUT"})
    environment.try_emplace(name, "");
  RunOptions options;
  options.directory = directory.path();
  options.environment = std::move(environment);
  return run({SPECGUARD_MINISPEC, "run", "x_spec.spl"}, options);
}

RunResult run_example(const std::string& statements) {
  std::string program = "describe \"d\":\n    it \"e\":\n";
  for (std::size_t start = 0; start < statements.size();) {
    const std::size_t end = std::min(statements.find('\n', start), statements.size());
    program += "        " + statements.substr(start, end - start) + "\n";
    start = end + 1;
  }
  return run_minispec(program);
}

}  // namespace specguard::testing
