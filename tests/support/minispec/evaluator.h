// minispec, a TEST FIXTURE of SpecGuard: walks the tree, runs the examples, tells the reporter.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ast.h"
#include "reporter.h"
#include "value.h"

namespace minispec {

// Variables of one block; lookups go outward through the parents.
class Scope {
 public:
  explicit Scope(std::shared_ptr<Scope> parent) : parent_(std::move(parent)) {}
  ~Scope();

  Value* find(const std::string& name);
  void declare(const std::string& name, Value value) { names_[name] = std::move(value); }

 private:
  std::shared_ptr<Scope> parent_;
  std::map<std::string, Value> names_;
};

using ScopePtr = std::shared_ptr<Scope>;

// Which examples run: SIMPLE_TEST_FILTER unset, =slow, =skipped.
enum class Filter { kAll, kSlow, kSkipped };

class Evaluator {
 public:
  // `path` is where the program was read from: its modules are looked for beside it.
  Evaluator(Reporter& reporter, Filter filter, std::filesystem::path path)
      : reporter_(reporter), filter_(filter), path_(std::move(path)) {}

  // Runs a whole file. Throws RuntimeError for an error outside any example, and ExitRequest.
  void run(const Node& program);

  // Calls a function value; for builtins such as list.map(f).
  Value call(const Value& callee, List arguments, Position at);

 private:
  enum class Flow { kNext, kBreak, kContinue, kReturn };

  // Statements (evaluator.cc).
  Flow execute(const Node& statement, const ScopePtr& scope);
  Flow execute_block(const Node& block, const ScopePtr& scope);
  Flow execute_if(const Node& statement, const ScopePtr& scope);
  Flow execute_while(const Node& statement, const ScopePtr& scope);
  Flow execute_for(const Node& statement, const ScopePtr& scope);
  void assign(const Node& statement, const ScopePtr& scope);
  void store(const Node& target, Value value, const ScopePtr& scope);
  void print(const Node& statement, const ScopePtr& scope);
  void check_assert(const Node& statement, const ScopePtr& scope);

  // Modules (modules.cc).
  void import(const Node& statement);

  // Groups, examples, expectations (examples.cc).
  void run_group(const Node& group, const ScopePtr& scope);
  void run_example(const Node& example, const ScopePtr& scope);
  void run_example_body(const Node& example, const std::string& title, const ScopePtr& scope);
  bool is_selected(const std::string& keyword) const;
  void check_expectation(const Node& expectation, const ScopePtr& scope);
  std::string explain_condition(const Node& condition, const ScopePtr& scope);
  void check_raise_error(const Node& expectation, const ScopePtr& scope);

  // Expressions (expressions.cc).
  Value evaluate(const Node& expression, const ScopePtr& scope);
  Value evaluate_binary(const Node& expression, const ScopePtr& scope);
  Value evaluate_call(const Node& expression, const ScopePtr& scope);
  Value evaluate_index(const Node& expression, const ScopePtr& scope);
  Value evaluate_name(const Node& expression, const ScopePtr& scope);
  List evaluate_arguments(const Node& call, const ScopePtr& scope);

  struct Hooks {
    std::vector<std::pair<const Node*, ScopePtr>> before;
    std::vector<std::pair<const Node*, ScopePtr>> after;
  };

  Reporter& reporter_;
  Filter filter_;
  std::filesystem::path path_;
  ScopePtr global_ = std::make_shared<Scope>(nullptr);
  std::map<std::string, NodePtr> modules_;  // that were imported, by their files
  Value returned_;  // of the return statement, or of the last expression statement, that ran last
  int calls_ = 0;
  bool in_example_ = false;
  std::vector<std::string> failures_;  // of the running example
  std::vector<Hooks> hooks_{Hooks{}};  // one a group that is open
};

// How many examples the file is sure to run: those under groups and the top level alone, not under
// conditions or loops, and no skip forms. The verdict's declared>=N.
int declared_examples(const Node& program, Filter filter);

}  // namespace minispec
