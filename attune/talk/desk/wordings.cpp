// Wordings: see the header.
#include "attune/talk/desk/wordings.h"

#include <algorithm>
#include <map>

namespace attune::talk::desk {
namespace {

Matrix without_row(const Matrix& m, std::size_t left_out) {
  Matrix some(m.rows() - 1, m.cols());
  for (std::size_t r = 0, to = 0; r < m.rows(); ++r)
    if (r != left_out) std::copy(m.row(r).begin(), m.row(r).end(), some.row(to++).begin());
  return some;
}

}  // namespace

WordingsFound find_by_other_wordings(const std::vector<Faq>& questions, const std::vector<Matrix>& rows, const SearchWeights& weights) {
  std::map<std::string, std::uint32_t> numbers;
  std::map<std::string, std::size_t> wordings;
  std::vector<Entry> entries;
  for (const Faq& f : questions) {
    ++wordings[f.name];
    entries.push_back({f.question, numbers.try_emplace(f.name, static_cast<std::uint32_t>(numbers.size())).first->second});
  }
  WordingsFound found;
  for (std::size_t q = 0; q < entries.size(); ++q) {
    if (wordings[questions[q].name] < 2) continue;
    std::vector<Entry> others = entries;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(q));
    std::vector<Matrix> left;
    std::vector<std::span<const float>> views;
    for (const Matrix& m : rows) left.push_back(without_row(m, q)), views.push_back(m.row(q));
    const std::vector<Hit> hits = Search(others, std::move(left), weights).find(entries[q].text, views, 3);
    const auto is_right = [&](const Hit& h) { return h.answer == entries[q].answer; };
    ++found.asked;
    found.first += !hits.empty() && is_right(hits.front());
    found.near += std::any_of(hits.begin(), hits.end(), is_right);
  }
  return found;
}

}  // namespace attune::talk::desk
