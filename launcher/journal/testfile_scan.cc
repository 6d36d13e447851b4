#include "journal/testfile_scan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <deque>
#include <unordered_map>

#include "sys/file.h"

namespace specguard::journal {
namespace {

constexpr std::uint64_t kMaxScriptBytes = 256 << 20;
constexpr std::size_t kMaxScripts = 100'000;
constexpr std::array<std::string_view, 5> kProperties = {"FIXTURES_SETUP", "FIXTURES_CLEANUP",
                                                         "PASS_REGULAR_EXPRESSION",
                                                         "FAIL_REGULAR_EXPRESSION", "WILL_FAIL"};

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// cmake-language(7), as far as generated files use it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<ScriptCommand> run() {
    std::vector<ScriptCommand> commands;
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        skip_comment();
      } else if (is_name_char(text_[at_])) {
        std::string name = take_name();
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
        if (at_ < text_.size() && text_[at_] == '(') {
          ++at_;
          commands.push_back({std::move(name), take_arguments()});
        }
      } else {
        ++at_;
      }
    }
    return commands;
  }

 private:
  std::string take_name() {
    std::string name;
    for (; at_ < text_.size() && is_name_char(text_[at_]); ++at_)
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_])));
    return name;
  }

  std::vector<std::string> take_arguments() {
    std::vector<std::string> arguments;
    for (int depth = 1; at_ < text_.size();) {
      const char c = text_[at_];
      if (is_space(c)) {
        ++at_;
      } else if (c == '#') {
        skip_comment();
      } else if (c == '(' || c == ')') {
        ++at_;
        depth += c == '(' ? 1 : -1;
        if (depth == 0) break;
      } else if (c == '"') {
        arguments.push_back(take_quoted());
      } else if (const std::size_t bracket = bracket_length(); bracket != 0) {
        arguments.push_back(take_bracket(bracket));
      } else {
        arguments.push_back(take_unquoted());
      }
    }
    return arguments;
  }

  // The length of "[==[" here, or 0.
  std::size_t bracket_length() const {
    if (text_[at_] != '[') return 0;
    const std::size_t second = text_.find_first_not_of('=', at_ + 1);
    return second != std::string_view::npos && text_[second] == '[' ? second - at_ + 1 : 0;
  }

  std::string take_bracket(std::size_t length) {
    const std::string close = "]" + std::string(length - 2, '=') + "]";
    std::size_t begin = at_ + length;
    if (begin < text_.size() && text_[begin] == '\n') ++begin;
    const std::size_t end = std::min(text_.find(close, begin), text_.size());
    at_ = std::min(end + close.size(), text_.size());
    return std::string(text_.substr(begin, end - begin));
  }

  std::string take_quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) value += take_char();
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string take_unquoted() {
    std::string value;
    for (; at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '(' && text_[at_] != ')';
         ++at_)
      value += take_char();
    return value;
  }

  char take_char() {
    if (text_[at_] != '\\' || at_ + 1 >= text_.size()) return text_[at_];
    switch (const char c = text_[++at_]) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      default:
        return c;
    }
  }

  void skip_comment() {
    ++at_;
    if (at_ < text_.size())
      if (const std::size_t bracket = bracket_length(); bracket != 0) {
        take_bracket(bracket);
        return;
      }
    at_ = std::min(text_.find('\n', at_), text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_variable(const std::string& word) {
  return word.find("${") != std::string::npos || word.find("$ENV{") != std::string::npos;
}

bool is_true(const std::string& value) {
  return !value.empty() && value != "0" && value != "FALSE" && value != "OFF" && value != "NO";
}

enum class Empty { kKept, kDropped };

// The elements of a CMake list.
std::vector<std::string> split_list(const std::string& list, Empty empty) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\' && i + 1 < list.size() && list[i + 1] == ';')
      items.back() += list[++i];
    else if (list[i] == ';')
      items.emplace_back();
    else
      items.back() += list[i];
  }
  if (empty == Empty::kDropped) std::erase(items, "");
  return items;
}

// Which branches of a script count: of if(EXISTS file), as gtest_discover_tests() writes it, the
// one that ctest would take; of all other conditions, every branch.
class Conditions {
 public:
  // False for what ctest would not run, and for the conditions themselves.
  bool admits(const ScriptCommand& command) {
    if (command.name == "if") {
      stack_.push_back(branch_of(command.arguments));
      return false;
    }
    if (stack_.empty()) return true;
    Branch& top = stack_.back();
    if (command.name == "elseif" || command.name == "else") {
      top = top == Branch::kTaken || top == Branch::kOver ? Branch::kOver : Branch::kMaybe;
    } else if (command.name == "endif") {
      stack_.pop_back();
    } else {
      return std::none_of(stack_.begin(), stack_.end(), [](Branch branch) {
        return branch == Branch::kNotTaken || branch == Branch::kOver;
      });
    }
    return false;
  }

 private:
  enum class Branch { kMaybe, kTaken, kNotTaken, kOver };

  static Branch branch_of(const std::vector<std::string>& arguments) {
    if (arguments.size() != 2 || arguments[0] != "EXISTS" || is_variable(arguments[1]))
      return Branch::kMaybe;
    std::error_code error;
    return std::filesystem::exists(arguments[1], error) ? Branch::kTaken : Branch::kNotTaken;
  }

  std::vector<Branch> stack_;
};

// Every generated script from the top one down. `visit` takes each command and the script it is in.
// False where something could not be followed.
template <typename Visit>
bool walk_scripts(const std::filesystem::path& build_dir, Visit&& visit) {
  namespace fs = std::filesystem;
  std::unordered_set<std::string> seen;
  std::deque<fs::path> scripts = {build_dir / "CTestTestfile.cmake"};
  bool complete = true;
  const auto follow = [&](const fs::path& base, const std::string& name) {
    if (is_variable(name) || name.find("$<") != std::string::npos)
      complete = false;
    else
      scripts.push_back(base / name);  // an absolute one replaces the base
  };
  for (; !scripts.empty() && seen.size() < kMaxScripts; scripts.pop_front()) {
    const fs::path script = scripts.front();
    if (!seen.insert(script.native()).second) continue;
    const auto text = sys::read_file(script, kMaxScriptBytes);
    if (!text) {
      complete = false;
      continue;
    }
    Conditions conditions;
    for (const ScriptCommand& command : scan_script(*text)) {
      if (!conditions.admits(command)) continue;
      visit(command, script);
      const auto& arguments = command.arguments;
      if (arguments.empty()) continue;
      const fs::path base = script.parent_path();
      if (command.name == "subdirs" || command.name == "add_subdirectory")
        for (const std::string& directory : arguments)
          follow(base, directory + "/CTestTestfile.cmake");
      // Our own scripts' includes of our modules register nothing by themselves; what they do is
      // this.
      if (command.name == "include" && !arguments.front().starts_with("${_specguard_modules}/"))
        follow(base, arguments.front());
      if (command.name == "_specguard_test_time_discover" && arguments.size() > 2)
        follow(base, arguments[2] + "-tests.cmake");
    }
  }
  return complete && scripts.empty();
}

void note_properties(const ScriptCommand& command, std::unordered_set<std::string>& tests) {
  const auto& arguments = command.arguments;
  const auto keyword = std::find(arguments.begin(), arguments.end(), "PROPERTIES");
  const bool matters = std::any_of(keyword, arguments.end(), [](const std::string& word) {
    return std::find(kProperties.begin(), kProperties.end(), word) != kProperties.end();
  });
  if (matters) tests.insert(arguments.begin(), keyword);
}

// "file;line;command" again and again, from add_test outwards. Where a person wrote the test is the
// outermost call; the last triple of CMake's is the file alone, with line 0.
void take_place(const std::string& triples, ScannedTest& test) {
  const std::vector<std::string> items = split_list(triples, Empty::kKept);
  for (std::size_t i = 0; i + 1 < items.size(); i += 3) {
    const int line = std::atoi(items[i + 1].c_str());
    if (line <= 0) continue;
    test.file = items[i];
    test.line = line;
  }
}

void set_property(const std::string& name, const std::string& value, ScannedTest& test) {
  if (name == "LABELS") {
    for (std::string& label : split_list(value, Empty::kDropped))
      test.labels.push_back(std::move(label));
  } else if (name == "_BACKTRACE_TRIPLES") {
    take_place(value, test);
  } else if (name == "WILL_FAIL") {
    test.will_fail = is_true(value);
  } else if (name == "DISABLED") {
    test.disabled = is_true(value);
  } else if (name == "PASS_REGULAR_EXPRESSION" || name == "FAIL_REGULAR_EXPRESSION") {
    test.judged_by_output = !value.empty();
  }
}

// Gathers what the commands say, whatever order the scripts come in.
class SuiteGatherer {
 public:
  void visit(const ScriptCommand& command, const std::filesystem::path& script) {
    const auto& arguments = command.arguments;
    if (arguments.empty()) return;
    if (command.name == "add_test") add(arguments.front(), script);
    if (command.name == "set_directory_properties") {
      const auto labels = std::find(arguments.begin(), arguments.end(), "LABELS");
      if (labels != arguments.end() && labels + 1 != arguments.end())
        directory_labels_[script.native()] = *(labels + 1);
    }
    if (command.name != "set_tests_properties") return;
    const auto keyword = std::find(arguments.begin(), arguments.end(), "PROPERTIES");
    for (auto name = arguments.begin(); name != keyword; ++name) {
      const auto known = by_name_.find(*name);
      if (known == by_name_.end()) continue;
      for (auto word = keyword; arguments.end() - word > 2; word += 2)
        set_property(*(word + 1), *(word + 2), suite_.tests[known->second]);
    }
  }

  ScannedSuite take(bool complete) {
    suite_.complete = suite_.complete && complete;
    for (std::size_t i = 0; i < suite_.tests.size(); ++i)
      if (const auto labels = directory_labels_.find(scripts_[i]);
          labels != directory_labels_.end())
        set_property("LABELS", labels->second, suite_.tests[i]);
    return std::move(suite_);
  }

 private:
  void add(const std::string& name, const std::filesystem::path& script) {
    if (is_variable(name)) {
      suite_.complete = false;
      return;
    }
    const auto [it, is_new] = by_name_.try_emplace(name, suite_.tests.size());
    if (!is_new) return;
    suite_.tests.push_back({.name = name});
    scripts_.push_back(script.native());
  }

  ScannedSuite suite_;
  std::vector<std::string> scripts_;  // of each test
  std::unordered_map<std::string, std::size_t> by_name_;
  std::unordered_map<std::string, std::string> directory_labels_;
};

}  // namespace

std::vector<ScriptCommand> scan_script(std::string_view text) {
  return Scanner(text).run();
}

std::unordered_set<std::string> tests_that_must_run(const std::filesystem::path& build_dir) {
  std::unordered_set<std::string> tests;
  walk_scripts(build_dir, [&](const ScriptCommand& command, const std::filesystem::path&) {
    if (command.name == "set_tests_properties") note_properties(command, tests);
  });
  return tests;
}

ScannedSuite scan_suite(const std::filesystem::path& build_dir) {
  SuiteGatherer gatherer;
  const bool complete = walk_scripts(
      build_dir, [&](const ScriptCommand& command, const std::filesystem::path& script) {
        gatherer.visit(command, script);
      });
  return gatherer.take(complete);
}

}  // namespace specguard::journal
