// AlphaRec as a fitted thing. A user is made at the moment of the question from the history alone, by the very formula of the fit:
//   u = (f(mean text of the history) + 1/root(n) sum over its items of given_i) / (layers + 1),   given_i = sum over k < layers of layer k's
// vector of i / root(takers of i): what i passes on to whoever takes it. Cost of a request: O(history x hidden) and one pass over items.
#include "attune/model/alpharec.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/tall.h"
#include "attune/model/alpharec_train.h"
#include "attune/model/graph.h"
#include "attune/model/text_factors.h"

namespace attune::model {
namespace {

struct Params {
  std::string map = "mlp";
  std::string texts;
  int factors = 128;
  int hidden = 192;
  int layers = 2;
  int epochs = 60;
  int patience = 5;
  int judge_every = 2;
  int batch = 512;
  float lr = 0.002f;
  float tau = 0.15f;
  int negatives = 0;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("map", map, "mlp (one hidden layer, as published) or linear (a tenth of the time)");
    v("texts", texts, "encoders whose vectors are read, NAME,NAME; empty = all there are");
    v("factors", factors, "what the map leads to; 1..4096");
    v("hidden", hidden, "mlp: width of the hidden layer; 1..8192");
    v("layers", layers, "passes along the graph; 0..8");
    v("epochs", epochs, "passes over all users, at most; 1..100000");
    v("patience", patience, "judgements on held-out cases without a better one before it stops; 0 = never");
    v("judge_every", judge_every, "epochs between judgements");
    v("batch", batch, "users a step");
    v("lr", lr, "step of Adam; above 0");
    v("tau", tau, "temperature of the cosines; smaller looks more at the nearest wrong items; above 0");
    v("negatives", negatives, "items drawn a step as negatives; 0 = the whole catalogue, which is exact");
    v("ips_power", ips_power, "pairs weigh 1 / propensity, propensity = share of the most popular to this power; 0 = off; 0..2");
    v("ips_clip", ips_clip, "propensities are at least this; above 0, at most 1");
  }
};

void check(const Params& p) {
  const auto hold = [](bool is_good, const char* name, const char* range) {
    if (!is_good) throw Error(Code::bad_request, std::string("alpharec.") + name + " must be " + range);
  };
  hold(p.map == "mlp" || p.map == "linear", "map", "mlp or linear");
  hold(p.factors >= 1 && p.factors <= 4096, "factors", "1..4096");
  hold(p.hidden >= 1 && p.hidden <= 8192, "hidden", "1..8192");
  hold(p.layers >= 0 && p.layers <= 8, "layers", "0..8");
  hold(p.epochs >= 1 && p.epochs <= 100000, "epochs", "1..100000");
  hold(p.patience >= 0, "patience", ">= 0");
  hold(p.judge_every >= 1, "judge_every", ">= 1");
  hold(p.batch >= 1, "batch", ">= 1");
  hold(p.lr > 0 && p.lr <= 10, "lr", "above 0, at most 10");
  hold(p.tau > 0, "tau", "above 0");
  hold(p.negatives >= 0, "negatives", ">= 0");
  hold(p.ips_power >= 0 && p.ips_power <= 2, "ips_power", "0..2");
  hold(p.ips_clip > 0 && p.ips_clip <= 1, "ips_clip", "above 0, at most 1");
}

struct Fitted {
  std::shared_ptr<const TextFactors> text;
  TextMap map;
  Matrix items;                        // [items, factors] of length 1
  Matrix given;                        // [items, factors] what an item passes on
  Matrix inner;                        // [items, hidden, or factors when linear] texts after the first product, before its bias
};

Fitted fitted_on(const data::Dataset& data, std::shared_ptr<const TextFactors> text, TextMap map, int layers, const Run& run) {
  Fitted f{.text = std::move(text), .map = std::move(map)};
  const Matrix texts = f.text->rows(data);
  const std::size_t users = data.user_count(), items = data.item_count();
  const Graph graph = make_graph(data.interactions(), data.audience());
  Matrix layer = apply(f.map, node_texts(data, texts, run)), next(layer.rows(), layer.cols());
  const std::size_t d = layer.cols();
  f.items = Matrix(items, d);
  f.given = Matrix(items, d);
  for (int k = 0; k <= layers; ++k) {
    if (k > 0) {
      propagate(graph, layer, next, run);
      std::swap(layer, next);
    }
    for (std::size_t i = 0; i < items; ++i) {
      axpy(1, layer.row(users + i), f.items.row(i));
      const auto takers = static_cast<float>(data.audience().row_size(i));
      if (k < layers && takers > 0) axpy(1 / std::sqrt(takers), layer.row(users + i), f.given.row(i));
    }
  }
  for (std::size_t i = 0; i < items; ++i) normalise(f.items.row(i));
  f.inner = multiply(texts, f.map.is_linear() ? f.map.last : f.map.hidden);
  return f;
}

// The part of the history a user is made of: one row an item whose weights add up to more than 0.
struct Taken {
  std::vector<std::uint32_t> items;    // ascending
  std::vector<float> totals;
  double sum = 0;
};
Taken taken_of(std::span<const Touch> history) {
  std::map<std::uint32_t, double> sums;
  for (const Touch& touch : history) sums[static_cast<std::uint32_t>(to_index(touch.item))] += static_cast<double>(touch.weight);
  Taken taken;
  for (const auto& [item, weight] : sums)
    if (weight > 0) {
      taken.items.push_back(item);
      taken.totals.push_back(static_cast<float>(weight));
      taken.sum += weight;
    }
  return taken;
}

class AlphaRec final : public Recommender {
 public:
  AlphaRec(Params params, Fitted fitted) : params_(std::move(params)), f_(std::move(fitted)) {}

  std::string name() const override { return "alpharec"; }
  std::size_t item_count() const override { return f_.items.rows(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> user = vector_of(query);
    for (std::size_t k = 0; k < items.size(); ++k) out[k] = dot(user, f_.items.row(to_index(items[k])));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    row_dots(f_.items, vector_of(query), out);
  }

  // What each item of the history passes along the graph, and what the text of it all adds: with a linear map that too is a share a item.
  Explanation explain(const Query& query, ItemId item) const override {
    float value = 0;
    score(query, {&item, 1}, {&value, 1});
    Explanation e{.what = "model:alpharec", .value = value};
    const Taken taken = taken_of(query.history);
    const std::vector<double> parts = shares(taken, to_index(item));
    double rest = static_cast<double>(value);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      e.parts.push_back({.what = "item:" + std::to_string(taken.items[k]), .value = parts[k]});
      rest -= parts[k];
    }
    e.parts.push_back({.what = f_.map.is_linear() ? "rest" : "text:" + (params_.texts.empty() ? std::string("all") : params_.texts), .value = rest});
    return e;
  }
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    const std::vector<float> none(items.size());
    check_score_arguments(item_count(), query, items, none);
    if (!f_.map.is_linear()) return std::nullopt;        // the hidden layer is no sum over the history
    const Taken taken = taken_of(query.history);
    Matrix out(items.size(), query.history.size());
    for (std::size_t j = 0; j < items.size(); ++j) {
      const std::vector<double> parts = shares(taken, to_index(items[j]));
      for (std::size_t t = 0; t < query.history.size(); ++t) {
        const auto item = static_cast<std::uint32_t>(to_index(query.history[t].item));
        const auto at = static_cast<std::size_t>(std::lower_bound(taken.items.begin(), taken.items.end(), item) - taken.items.begin());
        if (at < taken.items.size() && taken.items[at] == item)
          out(j, t) = static_cast<float>(parts[at] * static_cast<double>(query.history[t].weight) / static_cast<double>(taken.totals[at]));
      }
    }
    return out;
  }

  std::optional<MatrixView> item_vectors() const override { return f_.items; }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    check_score_arguments(item_count(), query, {}, {});
    return vector_of(query);
  }
  // Nobody has taken it yet, so nothing passes to it: the map of its text alone.
  std::optional<std::vector<float>> item_vector(const NewItem& item) const override {
    const auto row = f_.text->row(item);
    if (!row) return std::nullopt;
    const Matrix v = apply(f_.map, {row->data(), 1, row->size()});
    std::vector<float> out(v.all().begin(), v.all().end());
    normalise(out);
    return out;
  }

  std::size_t size_bytes() const override {
    return f_.items.size_bytes() + f_.given.size_bytes() + f_.inner.size_bytes() + f_.map.hidden.size_bytes() + f_.map.last.size_bytes() + f_.text->size_bytes();
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    f_.text->save(out);
    out.matrix(f_.map.hidden);
    out.array(std::span<const float>(f_.map.hidden_bias));
    out.matrix(f_.map.last);
    out.array(std::span<const float>(f_.map.last_bias));
    out.matrix(f_.items);
    out.matrix(f_.given);
    out.matrix(f_.inner);
  }
  std::unique_ptr<const Recommender> moved(const data::Dataset& data, const Run& run) const {
    TextMap map{.hidden = f_.map.hidden.clone(), .hidden_bias = f_.map.hidden_bias, .last = f_.map.last.clone(), .last_bias = f_.map.last_bias};
    return std::make_unique<const AlphaRec>(params_, fitted_on(data, f_.text, std::move(map), params_.layers, run));
  }

 private:
  // Before it is made of length 1; zeros for an empty history.
  std::vector<float> raw_vector(const Taken& taken) const {
    std::vector<float> u(f_.items.cols());
    if (taken.items.empty()) return u;
    Matrix inner(1, f_.inner.cols());
    for (std::size_t k = 0; k < taken.items.size(); ++k) axpy(static_cast<float>(static_cast<double>(taken.totals[k]) / taken.sum), f_.inner.row(taken.items[k]), inner.row(0));
    if (f_.map.is_linear()) {
      axpy(1, inner.row(0), u);
    } else {
      axpy(1, f_.map.hidden_bias, inner.row(0));
      for (std::size_t h = 0; h < inner.cols(); ++h) axpy(inner(0, h) > 0 ? inner(0, h) : 0.01f * inner(0, h), f_.map.last.row(h), u);
      axpy(1, f_.map.last_bias, u);
    }
    for (std::size_t k = 0; k < taken.items.size(); ++k) axpy(pass(taken, k), f_.given.row(taken.items[k]), u);
    return u;
  }
  // How much of given_i reaches the user: 1 / root(n) for equal weights.
  float pass(const Taken& taken, std::size_t k) const {
    const auto n = static_cast<double>(taken.items.size());
    return static_cast<float>(static_cast<double>(taken.totals[k]) / taken.sum * std::sqrt(n));
  }
  std::vector<float> vector_of(const Query& query) const {
    std::vector<float> u = raw_vector(taken_of(query.history));
    normalise(u);
    return u;
  }
  // Share of each taken item in the score of `item`; with a hidden layer what it passes along the graph only.
  std::vector<double> shares(const Taken& taken, std::size_t item) const {
    std::vector<float> u = raw_vector(taken);
    const auto length = static_cast<double>(normalise(u));
    std::vector<double> parts(taken.items.size());
    const auto v = f_.items.row(item);
    for (std::size_t k = 0; k < parts.size() && length > 0; ++k) {
      double part = static_cast<double>(pass(taken, k)) * static_cast<double>(dot(v, f_.given.row(taken.items[k])));
      if (f_.map.is_linear()) part += static_cast<double>(taken.totals[k]) / taken.sum * static_cast<double>(dot(v, f_.inner.row(taken.items[k])));
      parts[k] = part / length;
    }
    return parts;
  }

  Params params_;
  Fitted f_;
};

void check_memory(const data::Dataset& data, const Params& p, std::size_t columns, const Run& run) {
  const std::size_t nodes = data.user_count() + data.item_count(), d = static_cast<std::size_t>(p.factors);
  const std::size_t wide = columns * (p.map == "linear" ? 3 : 2) + (p.map == "linear" ? 0 : 2 * static_cast<std::size_t>(p.hidden));
  const std::size_t needed = (nodes * (wide + 5 * d) + 128 * data.item_count()) * sizeof(float);
  if (needed > run.memory_bytes)
    throw Error(Code::bad_request, "alpharec needs " + std::to_string(needed >> 20) + " MB for " + std::to_string(nodes) + " users and items with texts of " +
                                       std::to_string(columns) + " columns, the budget is " + std::to_string(run.memory_bytes >> 20) + " MB; name one encoder (alpharec.texts) or raise [memory] budget");
}

}  // namespace

std::unique_ptr<const Recommender> fit_alpharec(const data::Dataset& data, const Json& json, const Run& run) {
  auto params = params_from<Params>(json);
  check(params);
  if (data.interactions().nnz() == 0) throw Error(Code::bad_data, "alpharec has nothing to learn from: no event has a positive weight");
  auto text = std::make_shared<const TextFactors>(data, params.texts, run);
  if (text->empty()) throw Error(Code::bad_data, "alpharec reads the items' texts, and none are encoded: encode first");
  check_memory(data, params, text->columns(), run);
  const Matrix rows = text->rows(data);
  AlphaFit fit = train_alpharec(data, rows, {.is_linear = params.map == "linear", .factors = params.factors, .hidden = params.hidden, .layers = params.layers,
                                             .epochs = params.epochs, .patience = params.patience, .judge_every = params.judge_every, .batch = params.batch,
                                             .lr = params.lr, .tau = params.tau, .negatives = params.negatives, .propensity = {.power = params.ips_power, .clip = params.ips_clip}}, run);
  params.epochs = fit.epochs;
  return std::make_unique<const AlphaRec>(params, fitted_on(data, std::move(text), std::move(fit.map), params.layers, run));
}

std::unique_ptr<const Recommender> load_alpharec(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "alpharec settings"));
  check(params);
  Fitted f;
  f.text = std::make_shared<const TextFactors>(TextFactors::load(in));
  f.map.hidden = in.matrix();
  f.map.hidden_bias = in.array<float>();
  f.map.last = in.matrix();
  f.map.last_bias = in.array<float>();
  f.items = in.matrix();
  f.given = in.matrix();
  f.inner = in.matrix();
  const std::size_t d = static_cast<std::size_t>(params.factors), inner = f.map.is_linear() ? d : f.map.hidden.cols();
  const bool is_whole = f.items.cols() == d && f.given.cols() == d && f.given.rows() == f.items.rows() && f.inner.rows() == f.items.rows() && f.inner.cols() == inner &&
                        f.map.last.cols() == d && f.map.last.rows() == (f.map.is_linear() ? f.text->columns() : inner) &&
                        (f.map.is_linear() || (f.map.hidden.rows() == f.text->columns() && f.map.hidden_bias.size() == inner && f.map.last_bias.size() == d));
  if (!is_whole) throw Error(Code::bad_data, "the alpharec model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const AlphaRec>(params, std::move(f));
}

std::vector<Setting> settings_alpharec() { return settings_of<Params>(); }

std::unique_ptr<const Recommender> move_alpharec(const Recommender& fitted, const data::Dataset& data, const Run& run) {
  const auto* alpharec = dynamic_cast<const AlphaRec*>(&fitted);
  if (alpharec == nullptr) throw Error(Code::bad_request, "only alpharec can be moved to another catalogue, got '" + fitted.name() + "'");
  return alpharec->moved(data, run);
}

}  // namespace attune::model
