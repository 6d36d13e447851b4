#include <utility>

#include "builtins.h"
#include "evaluator.h"

namespace minispec {
namespace {

constexpr int kMaxCalls = 1000;

std::int64_t negate(std::int64_t value, Position at) {
  if (value == INT64_MIN) throw RuntimeError(at, "integer overflow");
  return -value;
}

}  // namespace

Value Evaluator::evaluate(const Node& expression, const ScopePtr& scope) {
  if (stack_is_exhausted()) throw RuntimeError(expression.at, "the stack is used up");
  switch (expression.kind) {
    case NodeKind::kNil:
      return {};
    case NodeKind::kTrue:
    case NodeKind::kFalse:
      return Value(expression.kind == NodeKind::kTrue);
    case NodeKind::kInteger:
      return Value(expression.integer);
    case NodeKind::kFloat:
      return Value(expression.number);
    case NodeKind::kText:
      return Value(expression.text);
    case NodeKind::kJoin: {
      std::string joined;
      for (const NodePtr& part : expression.children) joined += to_text(evaluate(*part, scope));
      return Value(std::move(joined));
    }
    case NodeKind::kName:
      return evaluate_name(expression, scope);
    case NodeKind::kList: {
      List items;
      for (const NodePtr& item : expression.children) items.push_back(evaluate(*item, scope));
      return Value::of_list(std::move(items));
    }
    case NodeKind::kMap: {
      Map entries;
      for (std::size_t i = 0; i < expression.names.size(); ++i)
        entries[expression.names[i]] = evaluate(*expression.children[i], scope);
      return Value::of_map(std::move(entries));
    }
    case NodeKind::kLambda:
      return Value(std::make_shared<Function>(
          Function{"lambda", &expression.names, expression.children[0].get(), scope}));
    case NodeKind::kNot:
      return Value(!is_truthy(evaluate(*expression.children[0], scope)));
    case NodeKind::kMinus: {
      const Value value = evaluate(*expression.children[0], scope);
      if (const auto* integer = value.as<std::int64_t>())
        return Value(negate(*integer, expression.at));
      return arithmetic("-", Value(0.0), value, expression.at);
    }
    case NodeKind::kBinary:
      return evaluate_binary(expression, scope);
    case NodeKind::kCall:
    case NodeKind::kMethod:
      return evaluate_call(expression, scope);
    case NodeKind::kIndex:
    case NodeKind::kAttribute:
      return evaluate_index(expression, scope);
    default:
      throw RuntimeError(expression.at, "a statement stands where a value is needed");
  }
}

Value Evaluator::evaluate_name(const Node& expression, const ScopePtr& scope) {
  if (const Value* variable = scope->find(expression.text)) return *variable;
  if (is_builtin(expression.text))
    return Value(std::make_shared<Function>(Function{expression.text, nullptr, nullptr, nullptr}));
  throw RuntimeError(expression.at, "variable '" + expression.text + "' not found");
}

Value Evaluator::evaluate_binary(const Node& expression, const ScopePtr& scope) {
  const std::string& operation = expression.text;
  const Value left = evaluate(*expression.children[0], scope);
  if (operation == "and" && !is_truthy(left)) return left;
  if (operation == "or" && is_truthy(left)) return left;
  if (operation == "??" && !left.is_nil()) return left;
  Value right = evaluate(*expression.children[1], scope);
  if (operation == "and" || operation == "or" || operation == "??") return right;

  const Position at = expression.at;
  if (operation == "==") return Value(equal(left, right, at));
  if (operation == "!=") return Value(!equal(left, right, at));
  if (operation == "<") return Value(compare(left, right, at) < 0);
  if (operation == "<=") return Value(compare(left, right, at) <= 0);
  if (operation == ">") return Value(compare(left, right, at) > 0);
  if (operation == ">=") return Value(compare(left, right, at) >= 0);
  if (operation == "..") return call_builtin("range", {left, right}, at);
  if (operation == "in" || operation == "not in") {
    const Value found = call_method(*this, "contains", right, {left}, at).value_or(Value(false));
    return Value(is_truthy(found) == (operation == "in"));
  }
  return arithmetic(operation, left, right, at);
}

List Evaluator::evaluate_arguments(const Node& call, const ScopePtr& scope) {
  List arguments;
  for (std::size_t i = 1; i < call.children.size(); ++i)
    arguments.push_back(evaluate(*call.children[i], scope));
  return arguments;
}

Value Evaluator::evaluate_call(const Node& expression, const ScopePtr& scope) {
  const Value receiver = evaluate(*expression.children[0], scope);
  List arguments = evaluate_arguments(expression, scope);
  if (expression.kind == NodeKind::kCall)
    return call(receiver, std::move(arguments), expression.at);
  if (auto result = call_method(*this, expression.text, receiver, arguments, expression.at))
    return *result;
  if (const Map* map = receiver.map())  // a function kept in a map
    if (const auto entry = map->find(expression.text); entry != map->end())
      return call(Value(entry->second), std::move(arguments), expression.at);
  throw RuntimeError(expression.at,
                     std::string(type_name(receiver)) + " has no method '" + expression.text + "'");
}

Value Evaluator::call(const Value& callee, List arguments, Position at) {
  const auto* shared = callee.as<std::shared_ptr<Function>>();
  if (shared == nullptr) throw RuntimeError(at, std::string("cannot call ") + type_name(callee));
  const std::shared_ptr<Function> function = *shared;  // the call may replace the variable
  if (function->body == nullptr) return call_builtin(function->name, arguments, at);
  if (arguments.size() != function->parameters->size())
    throw RuntimeError(at, "function '" + function->name + "' takes " +
                               std::to_string(function->parameters->size()) +
                               " argument(s), and got " + std::to_string(arguments.size()));
  if (calls_ >= kMaxCalls)
    throw RuntimeError(at, "recursion deeper than " + std::to_string(kMaxCalls) + " calls");

  const auto scope = std::make_shared<Scope>(function->scope);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    scope->declare((*function->parameters)[i], std::move(arguments[i]));
  ++calls_;
  if (function->body->kind == NodeKind::kBlock) {
    returned_ = Value();
    execute_block(*function->body, scope);
  } else {
    returned_ = evaluate(*function->body, scope);
  }
  --calls_;
  return std::exchange(returned_, Value());
}

Value Evaluator::evaluate_index(const Node& expression, const ScopePtr& scope) {
  const Value owner = evaluate(*expression.children[0], scope);
  const Value index = expression.kind == NodeKind::kAttribute
                          ? Value(expression.text)
                          : evaluate(*expression.children[1], scope);
  if (const Map* map = owner.map()) {
    const auto* key = index.as<std::string>();
    if (key == nullptr) throw RuntimeError(expression.at, "a key of a map is text");
    const auto entry = map->find(*key);
    return entry == map->end() ? Value() : entry->second;
  }
  if (const List* list = owner.list(); list != nullptr && expression.kind == NodeKind::kIndex)
    return (*list)[list_index(*list, index, expression.at)];
  if (const auto* text = owner.as<std::string>();
      text != nullptr && expression.kind == NodeKind::kIndex) {
    const List characters = items_of(owner, expression.at);
    return characters[list_index(characters, index, expression.at)];
  }
  throw RuntimeError(expression.at, std::string("cannot look into ") + type_name(owner));
}

}  // namespace minispec
