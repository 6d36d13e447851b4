#include "spec/parse_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/quantity.h"
#include "base/text.h"
#include "spec/directives.h"
#include "spec/line_tokens.h"

namespace specguard::spec {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlockQuotes = "\"\"\"";
constexpr int kTabWidth = 4;
constexpr std::size_t kMaxReasonBytes = 500;
constexpr int kMaxTimeoutSecs = 30 * 24 * 3600;

enum class Form {
  kGroup,    // describe, context
  kExample,  // it
  kSlow,     // slow_it
  kSkipped,  // skip_it, ignore_it
  kPending,  // pending_it
  kSkip,     // `skip "reason":` opens a block, `skip("reason")` is about the example it stands in
  kPendingSkip,  // pending_on, pending_skip: a pending example, or about the one it stands in
};

constexpr std::array<std::pair<std::string_view, Form>, 11> kForms = {{
    {"describe", Form::kGroup},
    {"context", Form::kGroup},
    {"it", Form::kExample},
    {"slow_it", Form::kSlow},
    {"skip_it", Form::kSkipped},
    {"ignore_it", Form::kSkipped},
    {"pending_it", Form::kPending},
    {"skip", Form::kSkip},
    {"pending", Form::kPendingSkip},
    {"pending_on", Form::kPendingSkip},
    {"pending_skip", Form::kPendingSkip},
}};

std::optional<Form> find_form(std::string_view word) {
  for (const auto& [name, form] : kForms)
    if (name == word) return form;
  return std::nullopt;
}

void sort_unique(std::vector<std::string>& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  if (words.size() > kMaxTags) words.resize(kMaxTags);
}

class Parser {
 public:
  SpecFacts parse(std::string_view text) {
    // An example that skips itself on a condition: a call that stands anywhere, also where no form
    // can.
    for (const std::string_view call : {"skip(", "pending("})
      facts_.may_skip |= text.find(call) != std::string_view::npos;
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_number_;
      read_line(line);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (in_block_)
      warn(fmt::format("line {}: a \"\"\" is opened and never closed", block_opened_at_));
    sort_unique(facts_.tags);
    sort_unique(facts_.platforms);
    facts_.may_skip |= facts_.skip || facts_.pending || facts_.examples.conditional() > 0;
    return std::move(facts_);
  }

 private:
  void read_line(std::string_view line) {
    if (in_block_) return read_block_line(line);
    int indent = 0;
    std::size_t start = 0;
    for (; start < line.size() && (line[start] == ' ' || line[start] == '\t'); ++start)
      indent += line[start] == '\t' ? kTabWidth - indent % kTabWidth : 1;
    line.remove_prefix(start);
    if (line.empty()) return;
    if (line.front() == '#') return read_comment(line, indent);

    const bool has_form = starts_with_form(line);
    if (!has_form && line.find(kBlockQuotes) == std::string_view::npos) return;
    const LineEnd end = tokenize(line, tokens_);
    if (end == LineEnd::kInsideBlock || line.starts_with(kBlockQuotes)) {
      in_docstring_ = line.starts_with(kBlockQuotes) && indent == 0 && !seen_code_form_;
      if (in_docstring_ && !tokens_.empty()) read_docstring_line(tokens_.front().text);
      in_block_ = end == LineEnd::kInsideBlock;
      block_opened_at_ = line_number_;
    }
    if (has_form) read_forms(indent);
  }

  // A cheap first look, so that most lines are never taken apart.
  static bool starts_with_form(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(" \t(\""), line.size());
    return end < line.size() && find_form(line.substr(0, end));
  }

  void read_block_line(std::string_view line) {
    const std::size_t end = line.find(kBlockQuotes);
    if (in_docstring_) read_docstring_line(line.substr(0, end));
    if (end == std::string_view::npos) return;
    // What follows the closing quotes can open the next block, as `""" + """` does.
    in_block_ = tokenize(line.substr(end + kBlockQuotes.size()), tokens_) == LineEnd::kInsideBlock;
    in_docstring_ = false;
  }

  void read_docstring_line(std::string_view line) {
    if (const auto list = parse_docstring_tags(line)) add_tags(*list, facts_.tags);
  }

  void read_comment(std::string_view line, int indent) {
    const auto directive = parse_directive(line);
    if (!directive) return;
    using Kind = Directive::Kind;
    if (directive->kind == Kind::kTag) return add_tags(directive->value, facts_.tags);
    if (directive->kind == Kind::kSlow) facts_.slow = true;
    // Further in, it is about the example it stands over, and must not hide the others of the file.
    if (indent > 0) return;
    switch (directive->kind) {
      case Kind::kSkip:
        facts_.skip = directive->value.substr(0, kMaxReasonBytes);
        break;
      case Kind::kPending:
        facts_.pending = directive->value.substr(0, kMaxReasonBytes);
        break;
      case Kind::kPlatform:
        add_tags(directive->value, facts_.platforms);
        break;
      case Kind::kTimeoutSecs:
        read_timeout(directive->value);
        break;
      case Kind::kTag:
      case Kind::kSlow:
        break;
    }
  }

  void read_timeout(std::string_view value) {
    const auto seconds = base::parse_integer(value, 1, kMaxTimeoutSecs);
    if (seconds)
      facts_.timeout = std::chrono::seconds(*seconds);
    else
      warn(fmt::format("line {}: @timeout_secs: {}", line_number_, seconds.error().message()));
  }

  // The line's forms: one as a rule, more in `describe "X": it "Y": ...`.
  void read_forms(int indent) {
    for (std::size_t at = 0; at + 1 < tokens_.size(); ++at) {
      if (tokens_[at].kind != Token::Kind::kWord || (at > 0 && !tokens_[at - 1].is(":"))) continue;
      const auto form = find_form(tokens_[at].text);
      if (!form) continue;
      const bool call = tokens_[at + 1].is("(");
      const std::size_t name = at + (call ? 2 : 1);
      if (name >= tokens_.size() || tokens_[name].kind != Token::Kind::kString) continue;
      read_form(*form, indent + static_cast<int>(at));
      if (*form != Form::kSkip && *form != Form::kPendingSkip) read_tag_arguments(name + 1);
    }
  }

  void read_form(Form form, int indent) {
    if (skip_block_indent_ && indent <= *skip_block_indent_) skip_block_indent_.reset();
    const bool opens_block = tokens_.back().is(":");
    if (form == Form::kSkip && opens_block) {
      if (!skip_block_indent_) skip_block_indent_ = indent;
      return;
    }
    if (form == Form::kSkip || (form == Form::kPendingSkip && !opens_block))
      return reclassify_enclosing_example(form, indent);

    if (!seen_code_form_) facts_.line = line_number_;
    seen_code_form_ = true;
    if (form == Form::kGroup) return;
    int& count = skip_block_indent_ ? facts_.examples.skipped : count_of(form);
    ++count;
    enclosing_example_ = &count;
    enclosing_indent_ = indent;
    facts_.slow |= form == Form::kSlow;
  }

  int& count_of(Form form) {
    switch (form) {
      case Form::kSlow:
        return facts_.examples.slow;
      case Form::kSkipped:
        return facts_.examples.skipped;
      case Form::kPending:
      case Form::kPendingSkip:
        return facts_.examples.pending;
      default:
        return facts_.examples.plain;
    }
  }

  void reclassify_enclosing_example(Form form, int indent) {
    if (enclosing_example_ == nullptr || indent <= enclosing_indent_) return;
    --*enclosing_example_;
    enclosing_example_ = form == Form::kSkip ? &facts_.examples.skipped : &facts_.examples.pending;
    ++*enclosing_example_;
  }

  // `tag: "x"`, `tags: ["a", "b"]` after the name.
  void read_tag_arguments(std::size_t at) {
    for (; at + 2 < tokens_.size(); ++at) {
      if (!tokens_[at].is_word("tag") && !tokens_[at].is_word("tags")) continue;
      if (!tokens_[at + 1].is(":") && !tokens_[at + 1].is("=")) continue;
      at += 2;
      if (tokens_[at].kind == Token::Kind::kString) {
        add_tag_argument(tokens_[at].text);
      } else if (tokens_[at].is("[")) {
        for (++at; at < tokens_.size() && !tokens_[at].is("]"); ++at)
          if (tokens_[at].kind == Token::Kind::kString) add_tag_argument(tokens_[at].text);
      }
    }
  }

  void add_tag_argument(std::string_view text) {
    add_tags(fmt::format("\"{}\"", text), facts_.tags);  // white space in it divides nothing
  }

  void add_tags(std::string_view list, std::vector<std::string>& tags) {
    std::vector<std::string> refused;
    split_tags(list.substr(0, 4096), tags, refused);
    for (const std::string& tag : refused)
      warn(fmt::format("line {}: '{}' cannot be a label", line_number_, base::printable(tag, 80)));
    if (tags.size() > 4 * kMaxTags) sort_unique(tags);
  }

  void warn(std::string text) {
    if (facts_.warnings.size() < kMaxWarnings) facts_.warnings.push_back(std::move(text));
  }

  SpecFacts facts_;
  std::vector<Token> tokens_;
  int line_number_ = 0;
  bool seen_code_form_ = false;  // from the first group or example on, no docstring is the module's

  bool in_block_ = false;  // between """ and """
  bool in_docstring_ = false;
  int block_opened_at_ = 0;

  std::optional<int> skip_block_indent_;
  int* enclosing_example_ = nullptr;  // the count that the example above was added to
  int enclosing_indent_ = 0;
};

}  // namespace

SpecFacts parse_spec(std::string_view text) {
  return Parser().parse(text);
}

}  // namespace specguard::spec
