// The golden file: hand-computed figures of single users, in every convention we claim to follow.
#include <cmath>
#include <fstream>
#include <sstream>

#include "attune/eval/evaluate.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

struct Golden {
  std::string name;
  std::size_t items = 0;
  std::vector<float> scores;
  bool has_list = false;
  std::vector<unsigned> list, seen, targets;
  std::vector<std::pair<std::string, double>> expected;
};

template <class T>
std::vector<T> numbers(std::istringstream& line) {
  std::vector<T> list;
  for (T v; line >> v;) list.push_back(v);
  return list;
}

std::vector<Golden> read_golden() {
  std::ifstream file(std::string(ATTUNE_SOURCE_DIR) + "/tests/unit/eval/golden_cases.txt");
  std::vector<Golden> cases;
  for (std::string text; std::getline(file, text);) {
    std::istringstream line(text.substr(0, text.find('#')));
    std::string word;
    if (!(line >> word)) continue;
    if (word == "case") {
      cases.push_back({.name = text.substr(5)});
      continue;
    }
    Golden& one = cases.back();
    if (word == "scores") one.items = (one.scores = numbers<float>(line)).size();
    else if (word == "items") line >> one.items;
    else if (word == "list") one.has_list = true, one.list = numbers<unsigned>(line);
    else if (word == "seen") one.seen = numbers<unsigned>(line);
    else if (word == "targets") one.targets = numbers<unsigned>(line);
    else if (std::string metric, value; word == "expect" && line >> metric >> value) one.expected.emplace_back(metric, std::stod(value));
    else ADD_FAILURE() << "cannot read '" << text << "'";
  }
  return cases;
}

double measured(const Golden& golden, const std::string& name) {
  const data::Split split = split_of(golden.items, {{{}, golden.seen, golden.targets}});
  Answerer answerer;
  if (golden.has_list) answerer.list = [&](const data::Case&) { return ids(golden.list); };
  else answerer.scores = [&](const data::Case&, std::span<float> out) { std::copy(golden.scores.begin(), golden.scores.end(), out.begin()); };
  EvalOptions options{.bootstrap = 0};
  const auto at = name.find('@');
  options.metrics = {name.substr(0, at)};
  if (at != std::string::npos) options.ks = {std::stoi(name.substr(at + 1))};
  const Evaluation evaluation = evaluate(split, answerer, options, attune::Run{});
  const Figure* figure = evaluation.find(name);
  return figure == nullptr || figure->n == 0 ? std::nan("") : figure->mean;
}

}  // namespace

TEST("every figure of the golden file comes out as worked out by hand") {
  const auto cases = read_golden();
  ASSERT_GE(cases.size(), 18u);
  std::size_t figures = 0;
  for (const Golden& golden : cases)
    for (const auto& [name, expected] : golden.expected) {
      const double got = measured(golden, name);
      if (std::isnan(expected)) EXPECT_TRUE(std::isnan(got)) << golden.name << ": " << name << " is " << got;
      else EXPECT_NEAR(got, expected, 1e-11) << golden.name << ": " << name;
      ++figures;
    }
  EXPECT_GE(figures, 90u);
}

}  // namespace attune::eval
