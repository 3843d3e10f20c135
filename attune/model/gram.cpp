// Gram matrices by rows: row i gathers over the places where item i occurs, so threads never share a row.
#include "attune/model/gram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/parallel.h"

namespace attune::model {
namespace {

constexpr std::size_t kRowsAtATime = 32;

// counts [users]: how much each counts; empty = 1.
void add_set_row(const data::Dataset& data, std::size_t item, double scale, std::vector<double>& row, std::span<const double> counts = {}) {
  const Sparse &by_user = data.interactions(), &by_item = data.audience();
  const auto users = by_item.row_indices(item);
  const auto given = by_item.row_values(item);
  for (std::size_t n = 0; n < users.size(); ++n) {
    const double x = scale * std::min(given[n], 1.0f) * (counts.empty() ? 1.0 : counts[users[n]]);
    const auto items = by_user.row_indices(users[n]);
    const auto values = by_user.row_values(users[n]);
    for (std::size_t k = 0; k < items.size(); ++k) row[items[k]] += x * std::min(values[k], 1.0f);
  }
}

std::vector<double> levelled(const Sparse& by_user, double level) {
  std::vector<double> counts(by_user.rows, 0.0);
  double sum = 0, people = 0;
  for (std::size_t u = 0; u < by_user.rows; ++u) {
    for (const float x : by_user.row_values(u)) counts[u] += std::min(x, 1.0f);
    sum += counts[u];
    people += counts[u] > 0 ? 1 : 0;
  }
  for (double& c : counts)
    if (c > 0) c = std::pow(c * people / sum, -level);
  return counts;
}

// Where an item occurs: its user and place in that history.
struct Occurrence {
  std::uint32_t user, place;
};

// The log seen from the items, and per event the running sums that make a pair of events cost O(1).
class Sequences {
 public:
  Sequences(const data::Dataset& data, const SequenceRule& rule) : data_(data) {
    std::size_t longest = 0;
    offsets_.assign(data.item_count() + 1, 0);
    starts_.resize(data.user_count() + 1, 0);
    for (std::size_t u = 0; u < data.user_count(); ++u) {
      const auto history = data.history(user_at(u));
      starts_[u + 1] = starts_[u] + history.size();
      longest = std::max(longest, history.size());
      for (const Touch& touch : history) ++offsets_[to_index(touch.item) + 1];
    }
    for (std::size_t i = 0; i < data.item_count(); ++i) offsets_[i + 1] += offsets_[i];
    window_ = rule.window > 0 ? static_cast<std::size_t>(rule.window) : std::max<std::size_t>(longest, 1);
    window_ = std::min(window_, std::max<std::size_t>(longest, 1));
    powers_.resize(2 * window_ + 1);
    for (std::size_t n = 0; n < powers_.size(); ++n) powers_[n] = std::pow(static_cast<double>(rule.decay), static_cast<double>(n));
    place_occurrences();
    run_sums(static_cast<double>(rule.decay) * rule.decay);
  }

  // Adds row `item` of S'S to `a` and of S'T to `r`.
  void add_row(std::size_t item, std::vector<double>& a, std::vector<double>& r) const {
    for (std::uint64_t n = offsets_[item]; n < offsets_[item + 1]; ++n) {
      const auto [user, place] = occurrences_[n];
      const auto history = data_.history(user_at(user));
      const double weight = history[place].weight;
      if (weight == 0) continue;
      const std::size_t length = history.size(), first = place + 1 >= window_ ? place + 1 - window_ : 0;
      for (std::size_t other = first; other < std::min(length, place + window_); ++other)
        a[to_index(history[other].item)] +=
            weight * history[other].weight * meeting(starts_[user], length, std::min<std::size_t>(place, other), std::max<std::size_t>(place, other));
      for (std::size_t t = place + 1; t < length && t - 1 - place < window_; ++t)
        r[to_index(history[t].item)] += weight * powers_[t - 1 - place] * std::max(history[t].weight, 0.0f);
    }
  }

 private:
  void place_occurrences() {
    occurrences_.resize(data_.event_count());
    std::vector<std::uint64_t> next(offsets_.begin(), offsets_.end() - 1);
    for (std::size_t u = 0; u < data_.user_count(); ++u) {
      const auto history = data_.history(user_at(u));
      for (std::size_t p = 0; p < history.size(); ++p)
        occurrences_[next[to_index(history[p].item)]++] = {static_cast<std::uint32_t>(u), static_cast<std::uint32_t>(p)};
    }
  }

  // later_[b] = sum over m >= 0 of v[b + 1 + m] decay^(2m), v = weights of the targets.
  void run_sums(double squared) {
    later_.assign(data_.event_count() + 1, 0);
    for (std::size_t u = 0; u < data_.user_count(); ++u) {
      const auto history = data_.history(user_at(u));
      for (std::size_t b = history.size(); b-- > 1;)
        later_[starts_[u] + b - 1] =
            std::max(history[b].weight, 0.0f) + (b + 1 < history.size() ? squared * later_[starts_[u] + b] : 0.0);
    }
  }

  // Sum of decay^(t-a) decay^(t-b) v[t+1] over the prefixes ending at t >= b that still reach back to a.
  double meeting(std::uint64_t start, std::size_t length, std::size_t a, std::size_t b) const {
    const std::size_t apart = b - a, reach = window_ - apart;  // prefixes t = b .. b + reach - 1
    double sum = later_[start + b];
    if (b + reach < length) sum -= powers_[reach] * powers_[reach] * later_[start + b + reach];
    return powers_[apart] * sum;
  }

  const data::Dataset& data_;
  std::size_t window_ = 1;
  std::vector<double> powers_;             // decay^n
  std::vector<std::uint64_t> starts_;      // [users + 1] first event of each
  std::vector<std::uint64_t> offsets_;     // [items + 1] into occurrences_
  std::vector<Occurrence> occurrences_;
  std::vector<double> later_;              // [events]
};

// Rows made apart, in one matrix.
Sparse gathered(std::vector<std::vector<std::uint32_t>> columns, std::vector<std::vector<float>> values, std::size_t width) {
  Sparse m;
  m.rows = columns.size();
  m.cols = width;
  m.offsets.assign(m.rows + 1, 0);
  for (std::size_t i = 0; i < m.rows; ++i) m.offsets[i + 1] = m.offsets[i] + columns[i].size();
  m.indices.reserve(m.offsets.back());
  m.values.reserve(m.offsets.back());
  for (std::size_t i = 0; i < m.rows; ++i) {
    m.indices.insert(m.indices.end(), columns[i].begin(), columns[i].end());
    m.values.insert(m.values.end(), values[i].begin(), values[i].end());
    columns[i] = {};
    values[i] = {};
  }
  return m;
}

}  // namespace

Matrix set_gram(const data::Dataset& data, const Run& run, float level) {
  const std::vector<double> counts = level == 0 ? std::vector<double>() : levelled(data.interactions(), level);
  const std::size_t n = data.item_count();
  Matrix g(n, n);
  parallel_for(0, n, kRowsAtATime, run, [&](std::size_t first, std::size_t last) {
    std::vector<double> row(n);
    for (std::size_t i = first; i < last; ++i) {
      std::fill(row.begin(), row.end(), 0.0);
      add_set_row(data, i, 1.0, row, counts);
      for (std::size_t j = 0; j < n; ++j) g(i, j) = static_cast<float>(row[j]);
    }
  });
  return g;
}

SequenceGram sequence_gram(const data::Dataset& data, const SequenceRule& rule, const Run& run) {
  const std::size_t n = data.item_count();
  const Sequences sequences(data, rule);
  SequenceGram gram{.a = Matrix(n, n)};
  std::vector<std::vector<std::uint32_t>> columns(n);
  std::vector<std::vector<float>> values(n);
  parallel_for(0, n, kRowsAtATime, run, [&](std::size_t first, std::size_t last) {
    std::vector<double> set(n), a(n), r(n);
    for (std::size_t i = first; i < last; ++i) {
      std::fill(set.begin(), set.end(), 0.0);
      if (rule.alpha != 0) add_set_row(data, i, rule.alpha, set);
      a = set;
      r = set;
      sequences.add_row(i, a, r);
      for (std::size_t j = 0; j < n; ++j) {
        gram.a(i, j) = static_cast<float>(a[j]);
        if (r[j] == 0) continue;
        columns[i].push_back(static_cast<std::uint32_t>(j));
        values[i].push_back(static_cast<float>(r[j]));
      }
    }
  });
  gram.r = gathered(std::move(columns), std::move(values), n);
  return gram;
}

}  // namespace attune::model
