// GF-CF: a history read as a signal on the graph of items; what is smooth there is kept. Nothing is trained.
// Source: Shen et al. 2021 (GF-CF). With N = D_users^-1/2 X D_items^-1/2 and V its strongest right singular vectors:
//   score = x (N'N + alpha D_items^-1/2 V V' D_items^1/2)
// Never made as a matrix of items by items: a request walks from the items to their takers and back, O(users + takers x their
// items), and adds O(items x vectors) for the smooth part. Fitting: one truncated SVD, seconds for a million events.
#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/singular.h"
#include "attune/core/tall.h"
#include "attune/model/linear_model.h"

namespace attune::model {
namespace {

struct Params {
  int vectors = 256;
  float alpha = 0.3f;
  int passes = 8;
  float decay = 1;
  int window = 0;
  bool latest = true;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("vectors", vectors, "singular vectors of the smooth part; 0..4096, 0 = none");
    v("alpha", alpha, "how much the smooth part counts beside plain neighbours; >= 0");
    v("passes", passes, "passes over the events to find the vectors; 1..100");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "gf_cf." + what); };
  if (p.vectors < 0 || p.vectors > 4096) refuse("vectors must be 0..4096, got " + std::to_string(p.vectors));
  if (!(p.alpha >= 0 && std::isfinite(p.alpha))) refuse("alpha must be 0 or more, got " + std::to_string(p.alpha));
  if (p.passes < 1 || p.passes > 100) refuse("passes must be 1..100, got " + std::to_string(p.passes));
  check_input(p.decay, p.window, "gf_cf");
}

class GfCf final : public Recommender {
 public:
  // smooth [items, vectors] = V
  GfCf(Params params, Sparse by_user, Matrix smooth, std::vector<float> roots, std::optional<TextNeighbours> neighbours)
      : params_(std::move(params)),
        by_user_(std::move(by_user)),
        by_item_(transpose(by_user_)),
        smooth_(std::move(smooth)),
        roots_(std::move(roots)),
        neighbours_(std::move(neighbours)),
        rule_{.decay = params_.decay, .window = params_.window, .latest = params_.latest} {}

  std::string name() const override { return "gf_cf"; }
  std::size_t item_count() const override { return by_user_.cols; }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    std::vector<float> all(item_count());
    score_all(query, all);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = all[to_index(items[n])];
  }

  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);  // which says what is wrong
    check_score_arguments(item_count(), query, {}, {});
    std::fill(out.begin(), out.end(), 0.0f);
    const std::vector<Scored> row = input(query);
    std::vector<float> takers(by_user_.rows, 0.0f);  // how much each person shares with the history
    std::vector<float> signal(smooth_.cols());
    for (const Scored& in : row) {
      const std::size_t i = to_index(in.item);
      const auto users = by_item_.row_indices(i);
      const auto values = by_item_.row_values(i);
      for (std::size_t k = 0; k < users.size(); ++k) takers[users[k]] += in.score * values[k];
      if (roots_[i] > 0 && !signal.empty()) axpy(params_.alpha * in.score / roots_[i], smooth_.row(i), signal);
    }
    if (!signal.empty()) {
      row_dots(smooth_, signal, out);
      for (std::size_t j = 0; j < out.size(); ++j) out[j] *= roots_[j];
    }
    for (std::size_t user = 0; user < takers.size(); ++user) {
      if (takers[user] == 0) continue;
      const auto items = by_user_.row_indices(user);
      const auto values = by_user_.row_values(user);
      for (std::size_t k = 0; k < items.size(); ++k) out[items[k]] += takers[user] * values[k];
    }
  }

  Explanation explain(const Query& query, ItemId item) const override {
    check_score_arguments(item_count(), query, {&item, 1}, std::vector<float>(1));
    Explanation whole{.what = "model:gf_cf"};
    for (const Scored& in : input(query)) {
      if (in.score == 0) continue;
      whole.parts.push_back({.what = "item:" + std::to_string(to_index(in.item)), .value = static_cast<double>(in.score) * weight(to_index(in.item), to_index(item))});
      whole.value += whole.parts.back().value;
    }
    return whole;
  }

  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    check_score_arguments(item_count(), query, items, std::vector<float>(items.size()));
    Matrix shares(items.size(), query.history.size());
    const std::vector<float> weights = touch_weights(rule_, query.history);
    for (std::size_t n = 0; n < items.size(); ++n)
      for (std::size_t t = 0; t < weights.size(); ++t)
        if (weights[t] != 0) shares(n, t) = static_cast<float>(weights[t] * weight(to_index(query.history[t].item), to_index(items[n])));
    return shares;
  }

  std::optional<std::vector<float>> column(const NewItem& item) const override {
    if (!neighbours_) return std::nullopt;
    const std::vector<Scored> near = neighbours_->nearest(item);
    if (near.empty()) return std::nullopt;
    std::vector<float> column(item_count(), 0.0f);
    for (std::size_t i = 0; i < column.size(); ++i) {
      double sum = 0;
      for (const Scored& n : near) sum += n.score * weight(i, to_index(n.item));
      column[i] = static_cast<float>(sum);
    }
    return column;
  }
  std::vector<Scored> input(const Query& query) const override { return input_row(rule_, query.history); }

  std::size_t size_bytes() const override {
    return by_user_.size_bytes() + by_item_.size_bytes() + smooth_.size_bytes() + roots_.size() * sizeof(float) + (neighbours_ ? neighbours_->size_bytes() : 0);
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    out.sparse(by_user_);
    out.matrix(smooth_);
    out.array(std::span<const float>(roots_));
    out.number(static_cast<std::uint8_t>(neighbours_.has_value()));
    if (neighbours_) neighbours_->save(out);
  }

 private:
  // What one touch of item i adds to item j: the people they share, and how alike they are in the smooth part.
  double weight(std::size_t i, std::size_t j) const {
    const auto a = by_item_.row_indices(i), b = by_item_.row_indices(j);
    double sum = 0;
    for (std::size_t x = 0, y = 0; x < a.size() && y < b.size();)
      if (a[x] < b[y]) ++x;
      else if (b[y] < a[x]) ++y;
      else sum += static_cast<double>(by_item_.row_values(i)[x++]) * by_item_.row_values(j)[y++];
    if (smooth_.cols() == 0 || roots_[i] == 0) return sum;
    return sum + static_cast<double>(params_.alpha) * roots_[j] / roots_[i] * dot(smooth_.row(i), smooth_.row(j));
  }

  Params params_;
  Sparse by_user_, by_item_;    // N and its transpose
  Matrix smooth_;               // V
  std::vector<float> roots_;    // [items] square root of how much each was taken
  std::optional<TextNeighbours> neighbours_;
  InputRule rule_;
};

}  // namespace

std::unique_ptr<const Recommender> fit_gf_cf(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  Sparse n = data.interactions();
  if (n.nnz() == 0) throw Error(Code::bad_data, "gf_cf has nothing to learn from: no event has a positive weight");
  const std::size_t carried = static_cast<std::size_t>(params.vectors) + 16;
  require_memory(3 * n.size_bytes() + (n.rows + 3 * n.cols) * carried * sizeof(float), n.cols, "gf_cf", run);
  std::vector<float> users(n.rows, 0.0f), items(n.cols, 0.0f);
  for (std::size_t u = 0; u < n.rows; ++u)
    for (std::uint64_t k = n.offsets[u]; k < n.offsets[u + 1]; ++k) {
      n.values[k] = std::min(n.values[k], 1.0f);
      users[u] += n.values[k];
      items[n.indices[k]] += n.values[k];
    }
  for (float& x : items) x = std::sqrt(x);
  for (std::size_t u = 0; u < n.rows; ++u)
    for (std::uint64_t k = n.offsets[u]; k < n.offsets[u + 1]; ++k) n.values[k] /= std::sqrt(users[u]) * items[n.indices[k]];
  run.report("gf_cf: singular vectors", 0, 1);
  SingularVectors found = top_singular(n, {.count = static_cast<std::size_t>(params.vectors), .passes = params.passes}, run);
  run.report("gf_cf: done", 1, 1);
  return std::make_unique<const GfCf>(params, std::move(n), std::move(found.right), std::move(items), neighbours_for(data, params.text, run));
}

std::unique_ptr<const Recommender> load_gf_cf(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of gf_cf"));
  check(params);
  Sparse by_user = in.sparse();
  Matrix smooth = in.matrix();
  std::vector<float> roots = in.array<float>();
  std::optional<TextNeighbours> neighbours;
  if (in.number<std::uint8_t>() != 0) neighbours = TextNeighbours::load(in);
  if (roots.size() != by_user.cols || (!smooth.empty() && smooth.rows() != by_user.cols) || (neighbours && neighbours->item_count() != by_user.cols))
    throw Error(Code::bad_data, "the gf_cf model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const GfCf>(params, std::move(by_user), std::move(smooth), std::move(roots), std::move(neighbours));
}

std::vector<Setting> settings_gf_cf() { return settings_of<Params>(); }

}  // namespace attune::model
