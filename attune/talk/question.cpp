// Questions: entropy of each attribute's values over the pool.
#include "attune/talk/question.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace attune::talk {
namespace {

constexpr std::size_t kMostQuestions = 3;     // of one dialogue
constexpr std::size_t kLeastPool = 12;        // fewer items are sooner looked at than asked about
constexpr double kLeastBits = 0.8;
constexpr std::size_t kOptions = 4;
constexpr double kLeastKnown = 0.6;           // share of the pool that has the attribute

bool is_settled(const Dialogue& dialogue, const std::string& attribute) {
  for (const Constraint& c : dialogue.wants.constraints)
    if (c.attribute == attribute && c.op != Constraint::is_not) return true;
  return std::find(dialogue.asked.begin(), dialogue.asked.end(), attribute) != dialogue.asked.end();
}

double bits(double share) { return share > 0 ? -share * std::log2(share) : 0; }

}  // namespace

std::optional<Question> choose_question(const Lexicon& lexicon, const Dialogue& dialogue, std::span<const ItemId> pool) {
  if (dialogue.asked.size() >= kMostQuestions || pool.size() < kLeastPool) return std::nullopt;
  std::optional<Question> best;
  double best_bits = kLeastBits;
  for (const Attribute& attribute : lexicon.attributes()) {
    if (attribute.name == kTakers || is_settled(dialogue, attribute.name)) continue;
    double total = 0, known = 0;
    std::map<std::string, double> weights;
    std::vector<float> numbers;
    for (std::size_t n = 0; n < pool.size(); ++n) {
      const double weight = 1 / std::log2(static_cast<double>(n) + 2);
      total += weight;
      const std::size_t i = to_index(pool[n]);
      if (attribute.is_number) {
        if (i < attribute.numbers.size() && !std::isnan(attribute.numbers[i])) numbers.push_back(attribute.numbers[i]), known += weight;
        continue;
      }
      const Json* json = lexicon.world().item(pool[n]).attributes.find(attribute.name);
      const Json* first = json != nullptr && json->is_array() ? (json->size() > 0 ? &json->as_array().front() : nullptr) : json;
      if (first == nullptr || !(first->is_string() || first->is_bool())) continue;
      weights[first->is_bool() ? (first->as_bool() ? "true" : "false") : first->as_string()] += weight;
      known += weight;
    }
    if (total == 0 || known < kLeastKnown * total) continue;
    Question question{.attribute = attribute.name, .options = {}, .number = 0};
    double expected = 0;
    if (attribute.is_number) {
      // Only what people have a mind about: a price, a year, a length. One answer splits the pool in two.
      if (attribute.role != Role::price && attribute.role != Role::year && attribute.role != Role::length) continue;
      std::sort(numbers.begin(), numbers.end());
      question.number = numbers[numbers.size() / 2];
      const double below = static_cast<double>(std::lower_bound(numbers.begin(), numbers.end(), numbers[numbers.size() / 2]) - numbers.begin()) / static_cast<double>(numbers.size());
      if (numbers.front() == numbers.back()) continue;
      expected = (bits(below) + bits(1 - below)) * known / total;
    } else {
      std::vector<std::pair<double, std::string>> order;
      for (const auto& [value, weight] : weights) order.emplace_back(weight, value);
      std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
      double rest = known;
      for (std::size_t n = 0; n < order.size() && n < kOptions; ++n) {
        if (order[n].second.size() > 60) continue;
        question.options.push_back(order[n].second);
        expected += bits(order[n].first / known);
        rest -= order[n].first;
      }
      expected = (expected + bits(rest / known)) * known / total;
      // Values that hardly repeat are no question: the options would name a few items each.
      if (question.options.size() < 2 || rest > 0.6 * known) continue;
    }
    if (expected > best_bits) best = std::move(question), best_bits = expected;
  }
  return best;
}

}  // namespace attune::talk
