// Factor model: the fold-in map is one ridge regression over all users, centred; residuals are what it leaves.
#include "attune/model/factor_model.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/tall.h"

namespace attune::model {
namespace {

// What is known of a user beside the history: how many events counted when the vector was trained.
std::uint32_t counted(std::span<const Touch> history) {
  std::uint32_t n = 0;
  for (const Touch& touch : history) n += touch.weight != 0 ? 1 : 0;
  return n;
}

double total_weight(std::span<const Touch> history) {
  double sum = 0;
  for (const Touch& touch : history) sum += std::abs(static_cast<double>(touch.weight));
  return sum;
}

// Mean of the history's item vectors; dislikes pull away. Zeros for an empty history.
void mean_of(MatrixView items, std::span<const Touch> history, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0f);
  const double sum = total_weight(history);
  if (sum == 0) return;
  for (const Touch& touch : history) axpy(static_cast<float>(static_cast<double>(touch.weight) / sum), items.row(to_index(touch.item)), out);
}

struct Fitted {
  Matrix items;                        // [items, factors]
  Matrix map;                          // [factors, factors]: mean of the history to vector
  std::vector<float> constant;         // [factors] what is added to it
  std::vector<float> nobody;           // [factors] the mean user: for an empty history
  Matrix residuals;                    // [users, factors]
  std::vector<std::uint32_t> events;   // [users] that counted at fit
};

class FactorModel final : public Recommender {
 public:
  FactorModel(std::string name, Json settings, Fitted fitted) : name_(std::move(name)), settings_(std::move(settings)), f_(std::move(fitted)) {}

  std::string name() const override { return name_; }
  std::size_t item_count() const override { return f_.items.rows(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> user = user_vector(query);
    for (std::size_t k = 0; k < items.size(); ++k) out[k] = dot(user, f_.items.row(to_index(items[k])));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    row_dots(f_.items, user_vector(query), out);
  }

  // One part a touch, and the rest: what the model knows of everybody and of this user beside the history.
  Explanation explain(const Query& query, ItemId item) const override {
    float value = 0;
    score(query, {&item, 1}, {&value, 1});
    Explanation e{.what = "model:" + name_, .value = value};
    const auto shares = contributions(query, {&item, 1});
    double rest = static_cast<double>(value);
    for (std::size_t t = 0; t < query.history.size(); ++t) {
      const auto share = static_cast<double>((*shares)(0, t));
      if (share == 0) continue;
      e.parts.push_back({.what = "item:" + std::to_string(to_index(query.history[t].item)), .value = share});
      rest -= share;
    }
    e.parts.push_back({.what = "rest", .value = rest});
    return e;
  }
  // weight_t / sum of weights x v_t M v_j. Taking a touch away also makes the others' shares of the mean larger.
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    const std::vector<float> none(items.size());
    check_score_arguments(item_count(), query, items, none);
    Matrix out(items.size(), query.history.size());
    const double sum = total_weight(query.history);
    if (sum == 0) return out;
    std::vector<float> wish(f_.map.rows());
    for (std::size_t j = 0; j < items.size(); ++j) {
      row_dots(f_.map, f_.items.row(to_index(items[j])), wish);                 // M v_j
      for (std::size_t t = 0; t < query.history.size(); ++t) {
        const Touch& touch = query.history[t];
        out(j, t) = static_cast<float>(static_cast<double>(touch.weight) / sum) * dot(wish, f_.items.row(to_index(touch.item)));
      }
    }
    return out;
  }

  std::optional<MatrixView> item_vectors() const override { return f_.items; }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    check_score_arguments(item_count(), query, {}, {});
    return user_vector(query);
  }

  std::size_t size_bytes() const override {
    return f_.items.size_bytes() + f_.map.size_bytes() + f_.residuals.size_bytes() + f_.events.size() * sizeof(std::uint32_t);
  }
  Json settings() const override { return settings_; }
  void save(ByteWriter& out) const override {
    out.text(name_);
    out.text(settings_.dump());
    out.matrix(f_.items);
    out.matrix(f_.map);
    out.array(std::span<const float>(f_.constant));
    out.array(std::span<const float>(f_.nobody));
    out.matrix(f_.residuals);
    out.array(std::span<const std::uint32_t>(f_.events));
  }

 private:
  // The user's own part counts only while the history still has all that the vector was trained on: with fewer events (a question
  // "what if", an erased user) the answer is from the history alone.
  std::vector<float> user_vector(const Query& query) const {
    const bool is_known = query.user && to_index(*query.user) < f_.events.size() && counted(query.history) >= f_.events[to_index(*query.user)];
    if (total_weight(query.history) == 0) return f_.nobody;
    std::vector<float> mean(f_.items.cols()), u = f_.constant;
    mean_of(f_.items, query.history, mean);
    for (std::size_t c = 0; c < mean.size(); ++c) axpy(mean[c], f_.map.row(c), u);
    if (is_known) axpy(1, f_.residuals.row(to_index(*query.user)), u);
    return u;
  }

  std::string name_;
  Json settings_;
  Fitted f_;
};

// users = means M + constant by ridge, both centred over the users who have a history.
void fit_map(Fitted& f, const Matrix& means, const Matrix& users, std::span<const std::uint8_t> is_there) {
  const std::size_t d = users.cols();
  std::vector<double> mean_x(d), mean_y(d);
  double n = 0;
  for (std::size_t u = 0; u < users.rows(); ++u) {
    if (is_there[u] == 0) continue;
    ++n;
    for (std::size_t c = 0; c < d; ++c) {
      mean_x[c] += static_cast<double>(means(u, c));
      mean_y[c] += static_cast<double>(users(u, c));
    }
  }
  Matrix x(users.rows(), d), y(users.rows(), d);
  for (std::size_t u = 0; u < users.rows(); ++u)
    for (std::size_t c = 0; c < d && is_there[u] != 0; ++c) {
      x(u, c) = means(u, c) - static_cast<float>(mean_x[c] / n);
      y(u, c) = users(u, c) - static_cast<float>(mean_y[c] / n);
    }
  Matrix square = multiply(x, x, {.transpose_a = true});
  f.map = multiply(x, y, {.transpose_a = true});
  double trace = 0;
  for (std::size_t c = 0; c < d; ++c) trace += static_cast<double>(square(c, c));
  const double ridge = 1e-3 * trace / static_cast<double>(d) + 1e-9;     // small: there are many more users than factors
  for (std::size_t c = 0; c < d; ++c) square(c, c) += static_cast<float>(ridge);
  solve_spd(square, f.map, "map from histories to users");
  f.constant.assign(d, 0.0f);
  f.nobody.assign(d, 0.0f);
  for (std::size_t c = 0; c < d && n > 0; ++c) f.nobody[c] = f.constant[c] = static_cast<float>(mean_y[c] / n);
  for (std::size_t r = 0; r < d && n > 0; ++r) axpy(-static_cast<float>(mean_x[r] / n), f.map.row(r), f.constant);
}

}  // namespace

std::unique_ptr<const Recommender> make_factor_model(FactorParts parts, const data::Dataset& data, const Run& run) {
  Fitted f;
  f.items = std::move(parts.items);
  Matrix users = std::move(parts.users);
  Matrix means(users.rows(), users.cols());
  std::vector<std::uint8_t> is_there(users.rows());
  f.events.resize(users.rows());
  parallel_for(0, users.rows(), 256, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) {
      const auto history = data.history(user_at(u));
      f.events[u] = counted(history);
      is_there[u] = data.interactions().row_size(u) > 0 && total_weight(history) > 0 ? 1 : 0;
      mean_of(f.items, history, means.row(u));
      normalise(users.row(u));
    }
  });
  fit_map(f, means, users, is_there);
  f.residuals = std::move(users);
  parallel_for(0, means.rows(), 256, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) {
      const auto own = f.residuals.row(u);
      if (is_there[u] == 0) {
        std::fill(own.begin(), own.end(), 0.0f);
        continue;
      }
      axpy(-1, f.constant, own);
      for (std::size_t c = 0; c < means.cols(); ++c) axpy(-means(u, c), f.map.row(c), own);
      for (float& x : own) x *= parts.own;
    }
  });
  return std::make_unique<const FactorModel>(std::move(parts.name), std::move(parts.settings), std::move(f));
}

std::unique_ptr<const Recommender> load_factor_model(ByteReader& in, const std::string& name) {
  const std::string found = in.text();
  if (found != name) throw Error(Code::bad_data, "expected a model '" + name + "', got '" + found + "'");
  Json settings = Json::parse(in.text(), name + " settings");
  Fitted f;
  f.items = in.matrix();
  f.map = in.matrix();
  f.constant = in.array<float>();
  f.nobody = in.array<float>();
  f.residuals = in.matrix();
  f.events = in.array<std::uint32_t>();
  const std::size_t d = f.items.cols();
  if (f.map.rows() != d || f.map.cols() != d || f.constant.size() != d || f.nobody.size() != d || f.residuals.rows() != f.events.size() ||
      (!f.residuals.empty() && f.residuals.cols() != d))
    throw Error(Code::bad_data, "the " + name + " model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const FactorModel>(name, std::move(settings), std::move(f));
}

}  // namespace attune::model
