#include "modules.h"

#include <algorithm>
#include <fstream>

#include "evaluator.h"
#include "parser.h"

namespace minispec {
namespace {

constexpr std::size_t kMaxSourceBytes = 16 << 20;

std::filesystem::path find_file(const std::filesystem::path& start, std::string slashed) {
  std::error_code error;
  const std::filesystem::path relative = "src/" + slashed + ".spl";
  for (std::filesystem::path at = start;; at = at.parent_path()) {
    if (std::filesystem::is_regular_file(at / relative, error)) return at / relative;
    if (!at.has_relative_path()) return {};
  }
}

}  // namespace

std::optional<std::string> read_source(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string source;
  char buffer[65536];
  while (file && source.size() <= kMaxSourceBytes) {
    file.read(buffer, sizeof buffer);
    source.append(buffer, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) return std::nullopt;
  return source;
}

std::filesystem::path find_module(const std::filesystem::path& program, const std::string& dotted) {
  std::error_code error;
  const std::filesystem::path start = std::filesystem::absolute(program, error).parent_path();
  std::string slashed = dotted;
  std::replace(slashed.begin(), slashed.end(), '.', '/');
  std::filesystem::path found = find_file(start, slashed);
  if (found.empty() && slashed.find('/') != std::string::npos)
    found = find_file(start, slashed.substr(0, slashed.rfind('/')));
  return found;
}

// Runs the module in the program's own scope, once. A module that is not there belongs to the
// language (`use std.spec`), and what it has is built in.
void Evaluator::import(const Node& statement) {
  const std::filesystem::path file = find_module(path_, statement.text);
  if (file.empty() || modules_.contains(file.string())) return;
  const std::optional<std::string> source = read_source(file);
  if (!source) throw RuntimeError(statement.at, "cannot read " + file.string());
  NodePtr& module = modules_[file.string()];
  try {
    module = parse_program(*source);
  } catch (const SyntaxError& error) {
    throw RuntimeError(statement.at, file.string() + ":" + std::to_string(error.at().line) + ":" +
                                         std::to_string(error.at().column) +
                                         ": syntax error: " + error.what());
  }
  run(*module);
}

}  // namespace minispec
