#include "evaluator.h"

#include "builtins.h"

namespace minispec {

Scope::~Scope() {
  for (auto& [name, value] : names_) release_later(std::move(value));
}

Value* Scope::find(const std::string& name) {
  for (Scope* scope = this; scope != nullptr; scope = scope->parent_.get())
    if (const auto found = scope->names_.find(name); found != scope->names_.end())
      return &found->second;
  return nullptr;
}

void Evaluator::run(const Node& program) {
  for (const NodePtr& statement : program.children)
    if (execute(*statement, global_) == Flow::kReturn) return;
}

Evaluator::Flow Evaluator::execute_block(const Node& block, const ScopePtr& scope) {
  const auto inner = std::make_shared<Scope>(scope);
  for (const NodePtr& statement : block.children)
    if (const Flow flow = execute(*statement, inner); flow != Flow::kNext) return flow;
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute(const Node& statement, const ScopePtr& scope) {
  if (stack_is_exhausted()) throw RuntimeError(statement.at, "the stack is used up");
  switch (statement.kind) {
    case NodeKind::kDeclare:
      scope->declare(statement.text, evaluate(*statement.children[0], scope));
      return Flow::kNext;
    case NodeKind::kAssign:
      assign(statement, scope);
      return Flow::kNext;
    case NodeKind::kIf:
      return execute_if(statement, scope);
    case NodeKind::kWhile:
      return execute_while(statement, scope);
    case NodeKind::kFor:
      return execute_for(statement, scope);
    case NodeKind::kFunction:
      scope->declare(statement.text,
                     Value(std::make_shared<Function>(Function{
                         statement.text, &statement.names, statement.children[0].get(), scope})));
      return Flow::kNext;
    case NodeKind::kImport:
      import(statement);
      return Flow::kNext;
    case NodeKind::kReturn:
      returned_ = statement.children.empty() ? Value() : evaluate(*statement.children[0], scope);
      return Flow::kReturn;
    case NodeKind::kBreak:
      return Flow::kBreak;
    case NodeKind::kContinue:
      return Flow::kContinue;
    case NodeKind::kPass:
      return Flow::kNext;
    case NodeKind::kPrint:
      print(statement, scope);
      return Flow::kNext;
    case NodeKind::kAssert:
      check_assert(statement, scope);
      return Flow::kNext;
    case NodeKind::kExpect:
      check_expectation(statement, scope);
      return Flow::kNext;
    case NodeKind::kGroup:
      run_group(statement, scope);
      return Flow::kNext;
    case NodeKind::kExample:
      run_example(statement, scope);
      return Flow::kNext;
    case NodeKind::kHook:
      (statement.text == "before_each" ? hooks_.back().before : hooks_.back().after)
          .emplace_back(statement.children[0].get(), scope);
      return Flow::kNext;
    default:
      returned_ = evaluate(statement, scope);
      return Flow::kNext;
  }
}

Evaluator::Flow Evaluator::execute_if(const Node& statement, const ScopePtr& scope) {
  const auto& parts = statement.children;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    if (is_truthy(evaluate(*parts[i], scope))) return execute_block(*parts[i + 1], scope);
  return parts.size() % 2 == 1 ? execute_block(*parts.back(), scope) : Flow::kNext;
}

Evaluator::Flow Evaluator::execute_while(const Node& statement, const ScopePtr& scope) {
  while (is_truthy(evaluate(*statement.children[0], scope))) {
    const Flow flow = execute_block(*statement.children[1], scope);
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute_for(const Node& statement, const ScopePtr& scope) {
  for (Value& item : items_of(evaluate(*statement.children[0], scope), statement.at)) {
    const auto inner = std::make_shared<Scope>(scope);
    inner->declare(statement.text, std::move(item));
    const Flow flow = execute_block(*statement.children[1], inner);
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

void Evaluator::assign(const Node& statement, const ScopePtr& scope) {
  const Node& target = *statement.children[0];
  Value value = evaluate(*statement.children[1], scope);
  if (statement.text != "=")  // += and the like
    value = arithmetic(statement.text.substr(0, 1), evaluate(target, scope), value, statement.at);
  store(target, std::move(value), scope);
}

void Evaluator::store(const Node& target, Value value, const ScopePtr& scope) {
  if (target.kind == NodeKind::kName) {
    Value* variable = scope->find(target.text);
    if (variable == nullptr)
      throw RuntimeError(target.at, "variable '" + target.text + "' not found");
    *variable = std::move(value);
    return;
  }
  const Value owner = evaluate(*target.children[0], scope);
  const Value index = target.kind == NodeKind::kAttribute ? Value(target.text)
                                                          : evaluate(*target.children[1], scope);
  if (Map* map = owner.map(); map != nullptr && index.as<std::string>() != nullptr)
    (*map)[*index.as<std::string>()] = std::move(value);
  else if (List* list = owner.list())
    (*list)[list_index(*list, index, target.at)] = std::move(value);
  else
    throw RuntimeError(target.at, std::string("cannot assign into ") + type_name(owner));
}

void Evaluator::print(const Node& statement, const ScopePtr& scope) {
  std::string text;
  for (const NodePtr& part : statement.children) {
    if (!text.empty()) text += ' ';
    text += to_text(evaluate(*part, scope));
  }
  print_line(text);
}

void Evaluator::check_assert(const Node& statement, const ScopePtr& scope) {
  const Node& condition = *statement.children[0];
  if (is_truthy(evaluate(condition, scope))) return;
  throw RuntimeError(statement.at,
                     statement.children.size() > 1
                         ? to_text(evaluate(*statement.children[1], scope))
                         : "assertion failed: " + explain_condition(condition, scope));
}

}  // namespace minispec
