// No input may crash or hang the fixture: a crash would be read as a bug of the launcher.
#include <gmock/gmock.h>

#include <random>

#include "minispec_support.h"

namespace specguard::testing {
namespace {

using ::testing::HasSubstr;

std::string repeated(const std::string& unit, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += unit;
  return text;
}

TEST(MinispecRobustnessTest, SyntaxErrorsNameFileLineAndColumn) {
  const std::pair<const char*, const char*> cases[] = {
      {"val = 3\n", "x_spec.spl:1:5: syntax error: expected the name of the variable, found '='"},
      {"print 1\nprint (2\n", "x_spec.spl:3:1: syntax error: expected ',' between the arguments"},
      {"print \"open\n", "x_spec.spl:1:7: syntax error: this string is not closed"},
      {"\"\"\"open\n", "x_spec.spl:1:1: syntax error: this \"\"\" string is not closed"},
      {"  print 1\n", "x_spec.spl:1:3: syntax error: this line is indented"},
      {"if 1:\n        print 1\n    print 2\n", "x_spec.spl:3:5: syntax error: this line's indent"},
      {"if true:\nprint 1\n", "x_spec.spl:2:1: syntax error: expected an indented block"},
      {"expect 1 to resemble 2\n", "x_spec.spl:1:1: syntax error: unknown matcher 'resemble'"},
      {"expect 1 to equal\n", "x_spec.spl:1:1: syntax error: matcher 'equal' takes 1 argument(s)"},
      {"print \"ab{1 +}\"\n", "x_spec.spl:1:14: syntax error: expected a value"},
      {"it \"no body\"\n", "x_spec.spl:1:13: syntax error: expected ':' before the body of 'it'"},
      {"print 12x\n", "x_spec.spl:1:7: syntax error: a number is followed by letters"},
      {"print 99999999999999999999\n", "x_spec.spl:1:7: syntax error: this number does not fit"},
      {"class Cart:\n", "x_spec.spl:1:7: syntax error: expected the end of the statement"},
      {"1 = 2\n", "x_spec.spl:1:3: syntax error: only a variable"},
  };
  for (const auto& [program, message] : cases) {
    const RunResult result = run_minispec(program);
    EXPECT_THAT(result.err, HasSubstr(message)) << program;
    EXPECT_EQ(result.exit_code, 1) << program;
  }
}

TEST(MinispecRobustnessTest, DepthIsBoundedInEveryDirection) {
  constexpr int kDeep = 100'000;
  const std::string programs[] = {
      "print " + repeated("(", kDeep),
      "print " + repeated("[", kDeep),
      "print " + repeated("-", kDeep) + "1",
      "print " + repeated("not ", kDeep) + "1",
      "print 1" + repeated(" + 1", kDeep),
      "print a" + repeated(".b", kDeep),
      "print 2" + repeated(" ** 2", kDeep),
      "print " + repeated("fn(): ", kDeep) + "1",
      "print \"" + repeated("{\"", kDeep),
      repeated("if true: ", kDeep) + "pass",
      "fn f(n): f(n + 1)\nf(0)\n",
      "fn f(n):\n    f(n + 1)\nf(0)\n",
      "val f = [1]\nf[0] = fn(): f[0]()\nf[0]()\n",
  };
  for (const std::string& program : programs) {
    const RunResult result = run_minispec(program + "\n");
    EXPECT_TRUE(result.exited && result.exit_code == 1)
        << program.substr(0, 40) << ": signal " << result.signal;
    EXPECT_FALSE(result.err.empty()) << program.substr(0, 40);
  }
}

TEST(MinispecRobustnessTest, DeepValuesAreBuiltShownComparedAndFreed) {
  const RunResult result = run_minispec(
      "var deep = []\n"
      "for i in 0..200000: deep = [deep]\n"
      "print deep.to_text().contains(\"...\")\n"
      "deep = 0\n"
      "var chain = fn(): 1\n"
      "for i in 0..100000:\n"
      "    val previous = chain\n"
      "    chain = fn(): previous()\n"
      "chain = 0\n"
      "val self = {}\n"
      "self.me = self\n"
      "print self.to_text().contains(\"...\")\n");
  EXPECT_EQ(result.out, "true\ntrue\n") << result.err << " signal " << result.signal;
  const RunResult compared =
      run_minispec("val a = {}\na.me = a\nval b = {}\nb.me = b\nprint a == b\n");
  EXPECT_THAT(compared.err, HasSubstr("nested too deep to compare"));
}

TEST(MinispecRobustnessTest, SizesAreBounded) {
  for (const char* program : {"print \"x\" * 1000000000000", "print range(0, 1000000000)",
                              "print range(-9000000000000000000, 9000000000000000000)",
                              "var s = \"x\" * 1000\nwhile true: s = s + s", "print 2 ** 100000000",
                              "sleep_ms(-1)", "print -9223372036854775807 - 2",
                              "print [1].first().abs(1).join(2)", "print [nil, 1, \"a\"].sort()"}) {
    const RunResult result = run_minispec(std::string(program) + "\n");
    EXPECT_TRUE(result.exited && result.exit_code == 1) << program << ": " << result.out;
    EXPECT_THAT(result.err, HasSubstr("error: ")) << program;
  }
}

TEST(MinispecRobustnessTest, BytesOfAnyKindAreAnAnswerNeverACrash) {
  const std::string seeds[] = {
      "describe \"d\":\n    it \"e {1 + 2}\", tags: [\"a\"]:\n        expect [1, {a: 2}] to "
      "contain 1\n",
      "fn f(a, b = 1) -> i64:\n    for i in 0..3:\n        if a: return i\n    a.b[0] += 1\n",
      "expect(fn(): 1).not.to raise_error \"x\"\nprint 'raw', \"\"\"doc\"\"\", -1.5 ** 2\n",
  };
  std::mt19937 random(7);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  const std::string alphabet = "\"'{}[]()\\:.,\n\t #=+-*/%<>!?0a\x80\xff" + std::string(1, '\0');
  for (int round = 0; round < 150; ++round) {
    std::string program = seeds[below(std::size(seeds))];
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t at = below(program.size());
      if (below(3) == 0)
        program.erase(at, 1 + below(5));
      else
        program.insert(at, 1, alphabet[below(alphabet.size())]);
      if (program.empty()) program = " ";
    }
    const RunResult result = run_minispec(program);
    ASSERT_TRUE(result.deadline_met) << program;
    ASSERT_TRUE(result.exited && result.exit_code <= 1) << program << "\nsignal " << result.signal;
  }
}

}  // namespace
}  // namespace specguard::testing
