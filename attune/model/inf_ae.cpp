// Infinite auto-encoder: what a network of one endlessly wide layer would say of a history, in closed form.
// Source: Sachdeva et al. 2022 (inf-AE): kernel ridge over people with the neural tangent kernel of a ReLU layer (Jacot et al. 2018).
//   score = k(x, X) A,  A = (K + lambda tr(K) / U I)^-1 X,  K = k(X, X)
//   k from the inner product p = x.y / I:  n = w p + b (w = 2, b = .01), r = n / sqrt(n_x n_y), t = acos r,
//   k = w [ sqrt(n_x n_y) (sin t + (pi - t) cos t) / 2pi + n (pi - t) / 2pi ] + b
// Cost: users^3 to fit and users x items of memory: strongest on small dense data; a request takes O(users x items).
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/model/linear_model.h"

namespace attune::model {
namespace {

struct Params {
  float lambda = 5;
  int users = 0;
  float decay = 1;
  int window = 0;
  bool latest = true;
  template <class Visitor>
  void visit(Visitor& v) {
    v("lambda", lambda, "pull towards zero, as a multiple of the mean of the kernel's diagonal; > 0");
    v("users", users, "people learned from, drawn by the seed where there are more; 0 = all");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
  }
};

void check(const Params& p) {
  if (!(p.lambda > 0 && std::isfinite(p.lambda))) throw Error(Code::bad_request, "inf_ae.lambda must be above 0, got " + std::to_string(p.lambda));
  if (p.users < 0) throw Error(Code::bad_request, "inf_ae.users must be 0 (all) or more, got " + std::to_string(p.users));
  check_input(p.decay, p.window, "inf_ae");
}

constexpr double kScale = 2, kBias = 0.01;  // squares of the published spreads of weights and biases, sqrt 2 and .1

// The kernel of two histories from their inner product and their squared lengths, all over the number of items.
double tangent(double product, double own, double other) {
  const double n = kScale * product + kBias, both = std::sqrt((kScale * own + kBias) * (kScale * other + kBias));
  const double r = std::clamp(n / both, -1.0, 1.0), angle = std::numbers::pi - std::acos(r);
  const double layer = both * (std::sqrt(1 - r * r) + angle * r) / (2 * std::numbers::pi);
  return kScale * (layer + n * angle / (2 * std::numbers::pi)) + kBias;
}

class InfAe final : public Recommender {
 public:
  // by_item [items, people] the histories learned from; answers [people, items] = A
  InfAe(Params params, Sparse by_item, Matrix answers)
      : params_(std::move(params)),
        by_item_(std::move(by_item)),
        answers_(std::move(answers)),
        rule_{.decay = params_.decay, .window = params_.window, .latest = params_.latest},
        squares_(by_item_.cols, 0.0) {
    for (std::size_t k = 0; k < by_item_.nnz(); ++k) squares_[by_item_.indices[k]] += std::pow(static_cast<double>(by_item_.values[k]), 2);
  }

  std::string name() const override { return "inf_ae"; }
  std::size_t item_count() const override { return by_item_.rows; }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<double> k = kernel(input(query)).whole;
    for (std::size_t n = 0; n < items.size(); ++n) {
      double sum = 0;
      for (std::size_t u = 0; u < k.size(); ++u) sum += k[u] * answers_(u, to_index(items[n]));
      out[n] = static_cast<float>(sum);
    }
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);  // which says what is wrong
    check_score_arguments(item_count(), query, {}, {});
    std::fill(out.begin(), out.end(), 0.0f);
    const std::vector<double> k = kernel(input(query)).whole;
    for (std::size_t u = 0; u < k.size(); ++u) axpy(static_cast<float>(k[u]), answers_.row(u), out);
  }

  // The kernel grows from what it would be for a stranger of the same length; the growth is shared out in proportion to what each item
  // of the history has in common with the other person. "rest" is the stranger's score.
  Explanation explain(const Query& query, ItemId item) const override {
    check_score_arguments(item_count(), query, {&item, 1}, std::vector<float>(1));
    const std::vector<Scored> row = input(query);
    const Likeness k = kernel(row);
    Explanation whole{.what = "model:inf_ae"};
    double rest = 0;
    for (std::size_t u = 0; u < k.stranger.size(); ++u) rest += k.stranger[u] * answers_(u, to_index(item));
    whole.value = rest;
    for (const Scored& in : row) {
      const std::size_t i = to_index(in.item);
      double part = 0;
      for (std::size_t n = 0; n < by_item_.row_size(i); ++n) {
        const std::size_t u = by_item_.row_indices(i)[n];
        if (k.shared[u] != 0) part += (k.whole[u] - k.stranger[u]) / k.shared[u] * in.score * by_item_.row_values(i)[n] * answers_(u, to_index(item));
      }
      if (in.score == 0) continue;
      whole.parts.push_back({.what = "item:" + std::to_string(i), .value = part});
      whole.value += part;
    }
    whole.parts.push_back({.what = "rest", .value = rest});
    return whole;
  }

  // The history as it stands in the kernel: each item counts at most once and never against.
  std::vector<Scored> input(const Query& query) const override {
    std::vector<Scored> row = input_row(rule_, query.history);
    for (Scored& in : row) in.score = std::clamp(in.score, 0.0f, 1.0f);
    return row;
  }
  std::size_t size_bytes() const override {
    return by_item_.size_bytes() + answers_.size_bytes() + squares_.size() * sizeof(double);
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    out.sparse(by_item_);
    out.matrix(answers_);
  }

 private:
  struct Likeness {
    std::vector<double> whole, stranger, shared;  // [people] kernel, kernel at inner product 0, inner product
  };
  Likeness kernel(const std::vector<Scored>& row) const {
    const std::size_t people = by_item_.cols;
    Likeness k{.whole = std::vector<double>(people), .stranger = std::vector<double>(people), .shared = std::vector<double>(people, 0.0)};
    double own = 0;
    for (const Scored& in : row) {
      const std::size_t i = to_index(in.item);
      own += static_cast<double>(in.score) * in.score;
      for (std::size_t n = 0; n < by_item_.row_size(i); ++n) k.shared[by_item_.row_indices(i)[n]] += static_cast<double>(in.score) * by_item_.row_values(i)[n];
    }
    const double items = static_cast<double>(item_count());
    for (std::size_t u = 0; u < people; ++u) {
      k.whole[u] = tangent(k.shared[u] / items, own / items, squares_[u] / items);
      k.stranger[u] = tangent(0, own / items, squares_[u] / items);
    }
    return k;
  }

  Params params_;
  Sparse by_item_;
  Matrix answers_;
  InputRule rule_;
  std::vector<double> squares_;  // [people] of the lengths of their histories
};

// Histories learned from: [people, items], values at most 1, people without any left out.
Sparse people_of(const data::Dataset& data, const Params& params, const Run& run) {
  const Sparse& all = data.interactions();
  std::vector<std::size_t> chosen;
  for (std::size_t u = 0; u < all.rows; ++u)
    if (all.row_size(u) > 0) chosen.push_back(u);
  if (params.users > 0 && static_cast<std::size_t>(params.users) < chosen.size()) {
    Random random(run.seed);
    random.shuffle(std::span(chosen));
    chosen.resize(static_cast<std::size_t>(params.users));
    std::sort(chosen.begin(), chosen.end());
  }
  Sparse x;
  x.cols = all.cols;
  x.rows = chosen.size();
  for (const std::size_t u : chosen) {
    x.indices.insert(x.indices.end(), all.row_indices(u).begin(), all.row_indices(u).end());
    for (const float value : all.row_values(u)) x.values.push_back(std::min(value, 1.0f));
    x.offsets.push_back(x.indices.size());
  }
  return x;
}

Matrix kernel_of(const Sparse& x, const Sparse& by_item, const Run& run) {
  const std::size_t people = x.rows;
  const double items = static_cast<double>(x.cols);
  std::vector<double> squares(people, 0.0);
  for (std::size_t u = 0; u < people; ++u)
    for (const float value : x.row_values(u)) squares[u] += static_cast<double>(value) * value / items;
  Matrix k(people, people);
  parallel_for(0, people, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) {
      const auto row = k.row(u);
      for (std::size_t n = 0; n < x.row_size(u); ++n) {
        const std::size_t i = x.row_indices(u)[n];
        for (std::size_t m = 0; m < by_item.row_size(i); ++m) row[by_item.row_indices(i)[m]] += x.row_values(u)[n] * by_item.row_values(i)[m];
      }
      for (std::size_t v = 0; v < people; ++v) row[v] = static_cast<float>(tangent(row[v] / items, squares[u], squares[v]));
    }
  });
  return k;
}

}  // namespace

std::unique_ptr<const Recommender> fit_inf_ae(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  const Sparse x = people_of(data, params, run);
  if (x.nnz() == 0) throw Error(Code::bad_data, "inf_ae has nothing to learn from: no event has a positive weight");
  const std::size_t needed = (x.rows * x.rows + x.rows * x.cols) * sizeof(float) + 2 * x.size_bytes();
  if (needed > run.memory_bytes)
    throw NeedsMoreMemory("inf_ae: " + std::to_string(x.rows) + " people and " + std::to_string(x.cols) + " items need " + std::to_string(needed >> 20) +
                          " MB, the budget is " + std::to_string(run.memory_bytes >> 20) + " MB; set inf_ae.users to learn from fewer people, or raise [memory] budget");
  Sparse by_item = transpose(x);
  Matrix k = kernel_of(x, by_item, run);
  double trace = 0;
  for (std::size_t u = 0; u < x.rows; ++u) trace += k(u, u);
  for (std::size_t u = 0; u < x.rows; ++u) k(u, u) += static_cast<float>(params.lambda * trace / static_cast<double>(x.rows));
  Matrix answers(x.rows, x.cols);
  for (std::size_t u = 0; u < x.rows; ++u)
    for (std::size_t n = 0; n < x.row_size(u); ++n) answers(u, x.row_indices(u)[n]) = x.row_values(u)[n];
  run.report("inf_ae: solving", 1, 2);
  solve_spd(k, answers, "inf_ae's kernel of people");
  run.report("inf_ae: done", 2, 2);
  return std::make_unique<const InfAe>(params, std::move(by_item), std::move(answers));
}

std::unique_ptr<const Recommender> load_inf_ae(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of inf_ae"));
  check(params);
  Sparse by_item = in.sparse();
  Matrix answers = in.matrix();
  if (answers.rows() != by_item.cols || answers.cols() != by_item.rows)
    throw Error(Code::bad_data, "the inf_ae model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const InfAe>(params, std::move(by_item), std::move(answers));
}

std::vector<Setting> settings_inf_ae() { return settings_of<Params>(); }

}  // namespace attune::model
