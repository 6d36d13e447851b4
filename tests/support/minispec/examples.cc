#include "evaluator.h"
#include "matchers.h"

namespace minispec {
namespace {

bool is_skip_form(const std::string& keyword) {
  return keyword == "skip_it" || keyword == "ignore_it" || keyword == "skip";
}

bool is_pending_form(const std::string& keyword) {
  return keyword == "pending" || keyword == "pending_skip";
}

std::string located(const RuntimeError& error) {
  return std::string(error.what()) + " (line " + std::to_string(error.at().line) + ", column " +
         std::to_string(error.at().column) + ")";
}

bool runs_under(const std::string& keyword, Filter filter) {
  switch (filter) {
    case Filter::kSlow:
      return keyword == "slow_it";
    case Filter::kSkipped:
      return is_skip_form(keyword);
    case Filter::kAll:
      break;
  }
  return true;
}

}  // namespace

void Evaluator::run_group(const Node& group, const ScopePtr& scope) {
  reporter_.begin_group(to_text(evaluate(*group.children[0], scope)));
  hooks_.emplace_back();
  const Flow flow = execute_block(*group.children[1], scope);
  hooks_.pop_back();
  reporter_.end_group();
  if (flow != Flow::kNext)
    throw RuntimeError(group.at, "a group's body was left by return, break or continue");
}

bool Evaluator::is_selected(const std::string& keyword) const {
  return runs_under(keyword, filter_);
}

void Evaluator::run_example(const Node& example, const ScopePtr& scope) {
  const std::string title = to_text(evaluate(*example.children[0], scope));
  const bool has_body = example.children.size() > 1;
  if (!has_body && in_example_) throw SkipRequest{title};
  if (in_example_) throw RuntimeError(example.at, "an example inside an example");
  if (!is_selected(example.text)) return;

  if (!has_body || is_pending_form(example.text)) {
    is_skip_form(example.text) ? reporter_.skipped(title, title) : reporter_.pending(title);
  } else if (is_skip_form(example.text) && filter_ != Filter::kSkipped) {
    reporter_.skipped(title, example.text == "skip" ? title : "compiled-only");
  } else {
    run_example_body(example, title, scope);
  }
}

void Evaluator::run_example_body(const Node& example, const std::string& title,
                                 const ScopePtr& scope) {
  failures_.clear();
  in_example_ = true;
  std::string skip_reason;
  bool skipped = false;
  const auto guarded = [&](const Node& block, const ScopePtr& at) {
    try {
      execute_block(block, at);
    } catch (const SkipRequest& request) {
      skipped = true;
      skip_reason = request.reason;
    } catch (const RuntimeError& error) {
      failures_.push_back(located(error));
    }
  };
  for (const Hooks& hooks : hooks_)
    for (const auto& [block, at] : hooks.before) guarded(*block, at);
  if (failures_.empty() && !skipped) guarded(*example.children[1], scope);
  for (auto hooks = hooks_.rbegin(); hooks != hooks_.rend(); ++hooks)
    for (const auto& [block, at] : hooks->after) guarded(*block, at);
  in_example_ = false;
  calls_ = 0;

  if (!failures_.empty()) {
    std::string message = failures_.front();
    for (std::size_t i = 1; i < failures_.size(); ++i) message += "; " + failures_[i];
    reporter_.failed(title, message);
  } else if (skipped) {
    reporter_.skipped(title, skip_reason);
  } else {
    reporter_.passed(title);
  }
}

// A failed expectation is noted and the example goes on, as in the language.
void Evaluator::check_expectation(const Node& expectation, const ScopePtr& scope) {
  const Node& actual = *expectation.children[0];
  std::string message;
  if (expectation.text == "raise_error") return check_raise_error(expectation, scope);
  if (expectation.text.empty()) {
    if (is_truthy(evaluate(actual, scope)) != expectation.negated) return;
    message = "expected " + explain_condition(actual, scope);
  } else {
    const Value value = evaluate(actual, scope);
    const Match match = evaluate_matcher(expectation.text, value,
                                         evaluate_arguments(expectation, scope), expectation.at);
    if (match.holds != expectation.negated) return;
    message =
        "expected " + show(value) + (expectation.negated ? " not to " : " to ") + match.phrase;
  }
  if (!in_example_) throw RuntimeError(expectation.at, message);
  failures_.push_back(std::move(message));
}

void Evaluator::check_raise_error(const Node& expectation, const ScopePtr& scope) {
  const Value function = evaluate(*expectation.children[0], scope);
  const List arguments = evaluate_arguments(expectation, scope);
  const std::string wanted = arguments.empty() ? "" : to_text(arguments.front());
  const std::string phrase = wanted.empty() ? "an error" : "an error with \"" + wanted + "\"";
  const int depth = calls_;
  std::string raised = "nothing was raised";
  bool holds = false;
  try {
    call(function, {}, expectation.at);
  } catch (const RuntimeError& error) {
    calls_ = depth;
    holds = std::string_view(error.what()).find(wanted) != std::string_view::npos;
    raised = std::string("\"") + error.what() + "\" was raised";
  }
  if (holds != expectation.negated) return;
  const std::string message =
      "expected " + phrase + (expectation.negated ? " not to be raised" : "") + ", and " + raised;
  if (!in_example_) throw RuntimeError(expectation.at, message);
  failures_.push_back(message);
}

// "2 to equal 3" for `a == b`, and the like; the sides are evaluated once more to show them.
std::string Evaluator::explain_condition(const Node& condition, const ScopePtr& scope) {
  if (condition.kind == NodeKind::kBinary && condition.text != "and" && condition.text != "or") {
    const std::string left = show(evaluate(*condition.children[0], scope));
    const std::string right = show(evaluate(*condition.children[1], scope));
    if (condition.text == "==") return left + " to equal " + right;
    if (condition.text == "!=") return left + " to not equal " + right;
    return left + " " + condition.text + " " + right;
  }
  if (condition.kind == NodeKind::kNot)
    return show(evaluate(*condition.children[0], scope)) + " to be falsy";
  if (condition.kind == NodeKind::kName)
    return condition.text + " (" + show(evaluate(condition, scope)) + ") to be truthy";
  return "true, got " + show(evaluate(condition, scope));
}

int declared_examples(const Node& program, Filter filter) {
  int count = 0;
  for (const NodePtr& statement : program.children) {
    if (statement->kind == NodeKind::kGroup)
      count += declared_examples(*statement->children[1], filter);
    if (statement->kind == NodeKind::kExample && !is_skip_form(statement->text) &&
        !is_pending_form(statement->text) && runs_under(statement->text, filter))
      ++count;
  }
  return count;
}

}  // namespace minispec
