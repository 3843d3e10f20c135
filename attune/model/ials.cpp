// iALS: vectors of users and items such that their inner product foretells who takes what; every unseen pair counts a little
// as a no. A user's vector is made from the history at the moment of the question, so an event counts at once; an item's text
// foretells the vector of an item nobody has taken yet. For catalogues too large for item-by-item matrices.
// Source: Hu et al. 2008; Rendle et al. 2022; loss, method and cost in ials_train.h. A request: O(steps x history x factors)
// for the user's vector, one pass over the items' vectors for the scores.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "attune/core/kernels.h"
#include "attune/core/tall.h"
#include "attune/model/ials_train.h"
#include "attune/model/recommender.h"
#include "attune/model/text_factors.h"
#include "attune/train/propensity.h"

namespace attune::model {
namespace {

struct Params {
  int factors = 128;
  int epochs = 16;
  float reg = 0.003f;
  float unobserved = 0.03f;
  float nu = 1;
  float power = 1;
  int steps = 3;
  float tolerance = 0.01f;
  float prior = 1;
  std::string texts;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("factors", factors, "length of the item and user vectors; 1..4096");
    v("epochs", epochs, "passes over all events; 12..16 are enough; 1..1000");
    v("reg", reg, "pull towards zero; > 0; .0003..0.01");
    v("unobserved", unobserved, "weight of a pair without an event, as a no (a0 in the paper); > 0; .01 where events are few, 1 where many");
    v("nu", nu, "how far the pull grows with a row's events: 0 = not, 1 = in step");
    v("power", power, "confidence of a pair is its weight to this power; 0 = every pair counts the same");
    v("steps", steps, "conjugate gradient steps a row while fitting; 1..100");
    v("tolerance", tolerance, "a row is solved while fitting when what is left is this share; 0..1");
    v("prior", prior, "pull of an item's vector to what its text foretells, as a multiple of reg; 0 = texts are not read");
    v("texts", texts, "encoders whose vectors are read, NAME,NAME; empty = all there are");
    v("ips_power", ips_power, "against exposure bias: a pair with an item taken by n people weighs 1 / (n / most)^power; 0 = not");
    v("ips_clip", ips_clip, "least propensity that is believed; above 0, at most 1");
  }
};

void check(const Params& p) {
  const auto refuse = [](const char* name, const char* range, const auto value) {
    throw Error(Code::bad_request, std::string("ials.") + name + " must be " + range + ", got " + std::to_string(value));
  };
  if (p.factors < 1 || p.factors > 4096) refuse("factors", "1..4096", p.factors);
  if (p.epochs < 1 || p.epochs > 1000) refuse("epochs", "1..1000", p.epochs);
  if (!(p.reg > 0)) refuse("reg", "above 0", p.reg);
  if (!(p.unobserved > 0)) refuse("unobserved", "above 0", p.unobserved);
  if (!(p.nu >= 0 && p.nu <= 2)) refuse("nu", "0..2", p.nu);
  if (!(p.power >= 0 && p.power <= 4)) refuse("power", "0..4", p.power);
  if (p.steps < 1 || p.steps > 100) refuse("steps", "1..100", p.steps);
  if (!(p.tolerance >= 0 && p.tolerance < 1)) refuse("tolerance", "0..1", p.tolerance);
  if (!(p.ips_power >= 0)) refuse("ips_power", "0 or more", p.ips_power);
  if (!(p.ips_clip > 0 && p.ips_clip <= 1)) refuse("ips_clip", "above 0 and at most 1", p.ips_clip);
  if (p.ips_power > 0 && !(p.power > 0)) refuse("power", "above 0 where ips_power is", p.power);
  if (!(p.prior >= 0 && p.prior <= 1000)) refuse("prior", "0..1000", p.prior);
}

IalsOptions options_of(const Params& p) {
  return {.factors = p.factors, .epochs = p.epochs, .steps = p.steps, .tolerance = p.tolerance, .reg = p.reg, .unobserved = p.unobserved, .nu = p.nu, .power = p.power, .prior = p.prior};
}

// A history as a system to solve: one row an item, weights added up.
struct FoldIn {
  std::vector<std::uint32_t> items;   // ascending
  std::vector<float> totals, weights, pulls, diagonal;
};

class Ials final : public Recommender {
 public:
  // item_scales [items]: what the weight of a pair is multiplied with; empty = 1
  Ials(Params params, IalsFactors factors, TextFactors text, std::size_t seen_items, std::vector<float> item_scales)
      : params_(std::move(params)), factors_(std::move(factors)), text_(std::move(text)), seen_items_(seen_items), item_scales_(std::move(item_scales)) {}

  std::string name() const override { return "ials"; }
  std::size_t item_count() const override { return factors_.items.rows(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> user = user_vector(query);
    for (std::size_t k = 0; k < items.size(); ++k) out[k] = dot(user, factors_.items.row(to_index(items[k])));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    row_dots(factors_.items, user_vector(query), out);
  }

  // One part a history item: c_i v_i' A^-1 v_j with the A of this history. Exact as a sum; A itself depends on the
  // history, so taking an item away changes the other shares a little too.
  Explanation explain(const Query& query, ItemId item) const override {
    float value = 0;
    score(query, {&item, 1}, {&value, 1});
    const FoldIn fold = fold_in(query);
    const std::vector<double> parts = shares(fold, factors_.items.row(to_index(item)));
    Explanation e{.what = "model:ials", .value = value};
    for (std::size_t k = 0; k < parts.size(); ++k)
      if (fold.pulls[k] != 0) e.parts.push_back({.what = "item:" + std::to_string(fold.items[k]), .value = parts[k]});
    return e;
  }
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    const std::vector<float> none(items.size());
    check_score_arguments(item_count(), query, items, none);
    const FoldIn fold = fold_in(query);
    Matrix out(items.size(), query.history.size());
    for (std::size_t j = 0; j < items.size(); ++j) {
      const std::vector<double> parts = shares(fold, factors_.items.row(to_index(items[j])));
      for (std::size_t t = 0; t < query.history.size(); ++t) {
        const auto row = static_cast<std::uint32_t>(to_index(query.history[t].item));
        const auto k = static_cast<std::size_t>(std::lower_bound(fold.items.begin(), fold.items.end(), row) - fold.items.begin());
        if (k < fold.items.size() && fold.items[k] == row && fold.pulls[k] != 0)
          out(j, t) = static_cast<float>(parts[k] * static_cast<double>(query.history[t].weight) / static_cast<double>(fold.totals[k]));
      }
    }
    return out;
  }

  std::optional<MatrixView> item_vectors() const override { return factors_.items; }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    check_score_arguments(item_count(), query, {}, {});
    return user_vector(query);
  }
  std::optional<std::vector<float>> item_vector(const NewItem& item) const override {
    if (factors_.text_map.empty()) return std::nullopt;
    const auto z = text_.row(item);
    if (!z) return std::nullopt;
    std::vector<float> v(factors_.text_map.cols());
    for (std::size_t c = 0; c < z->size(); ++c) axpy((*z)[c], factors_.text_map.row(c), v);
    return v;
  }

  std::size_t size_bytes() const override {
    return factors_.items.size_bytes() + factors_.text_map.size_bytes() + text_.size_bytes() + (factors_.spectrum.size() + item_scales_.size()) * sizeof(float);
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    out.number(static_cast<std::uint64_t>(seen_items_));
    out.matrix(factors_.items);
    out.array(std::span<const float>(factors_.spectrum));
    out.matrix(factors_.text_map);
    text_.save(out);
    out.array(std::span<const float>(item_scales_));
  }

 private:
  // Items whose weights add up to 0 are left out.
  FoldIn fold_in(const Query& query) const {
    std::map<std::uint32_t, double> sums;
    for (const Touch& touch : query.history) sums[static_cast<std::uint32_t>(to_index(touch.item))] += static_cast<double>(touch.weight);
    FoldIn f;
    for (const auto& [item, weight] : sums)
      if (weight != 0) {
        f.items.push_back(item);
        f.totals.push_back(static_cast<float>(weight));
      }
    f.weights.resize(f.items.size());
    f.pulls.resize(f.items.size());
    const IalsOptions options = options_of(params_);
    std::vector<float> scaled = f.totals;
    for (std::size_t k = 0; k < scaled.size() && !item_scales_.empty(); ++k) scaled[k] *= item_scales_[f.items[k]];
    const double confidence = confidences(scaled, params_.power, f.weights, f.pulls);
    const float reg = regularisation(options, confidence, seen_items_);
    for (const float s : factors_.spectrum) f.diagonal.push_back(params_.unobserved * s + reg);
    return f;
  }

  std::vector<float> user_vector(const Query& query) const {
    const FoldIn f = fold_in(query);
    std::vector<float> u(f.diagonal.size());
    SolveScratch scratch;
    solve({f.diagonal, factors_.items, f.items, f.weights, f.pulls, {}}, u, {}, scratch);
    return u;
  }

  // Share of each item of the history in u'v: pull_i v_i' A^-1 v.
  std::vector<double> shares(const FoldIn& f, std::span<const float> v) const {
    std::vector<float> x(v.begin(), v.end());
    const std::vector<float> none(f.items.size());
    SolveScratch scratch;
    solve({f.diagonal, factors_.items, f.items, f.weights, none, {}}, x, {}, scratch);
    std::vector<double> parts(f.items.size());
    for (std::size_t k = 0; k < parts.size(); ++k)
      parts[k] = static_cast<double>(f.pulls[k]) * static_cast<double>(dot(x, factors_.items.row(f.items[k])));
    return parts;
  }

  Params params_;
  IalsFactors factors_;
  TextFactors text_;
  std::size_t seen_items_;
  std::vector<float> item_scales_;
};

// Pairs by user with signed weights: dislikes are not in Dataset::interactions().
Sparse signed_pairs(const data::Dataset& data) {
  Sparse pairs;
  pairs.rows = data.user_count();
  pairs.cols = data.item_count();
  std::vector<std::pair<std::uint32_t, float>> row;
  for (std::size_t u = 0; u < pairs.rows; ++u) {
    row.clear();
    for (const Touch& touch : data.history(user_at(u))) row.emplace_back(static_cast<std::uint32_t>(to_index(touch.item)), touch.weight);
    std::stable_sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t k = 0; k < row.size();) {
      double sum = 0;
      const std::uint32_t item = row[k].first;
      for (; k < row.size() && row[k].first == item; ++k) sum += static_cast<double>(row[k].second);
      if (sum == 0) continue;
      pairs.indices.push_back(item);
      pairs.values.push_back(static_cast<float>(sum));
    }
    pairs.offsets.push_back(pairs.indices.size());
  }
  return pairs;
}

bool has_dislikes(const data::Dataset& data) {
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u)))
      if (touch.weight < 0) return true;
  return false;
}

// Such that a pair's confidence, |weight x scale|^power, is that of the weight over the item's propensity. Empty: not asked for.
std::vector<float> item_scales(const data::Dataset& data, const Params& p) {
  if (p.ips_power == 0) return {};
  std::vector<float> scales = train::inverse_propensity_weights(data.popularity(), {.power = p.ips_power, .clip = p.ips_clip});
  for (float& x : scales) x = std::pow(x, 1 / p.power);
  return scales;
}

void check_memory(const data::Dataset& data, const Params& params, std::size_t text_columns, const Run& run) {
  const auto d = static_cast<std::size_t>(params.factors);
  const std::size_t rows = data.user_count() + data.item_count() * (text_columns > 0 ? 3 : 1);
  const std::size_t needed = (rows * d + data.item_count() * text_columns * 2 + 34 * d * d) * sizeof(float);
  if (needed > run.memory_bytes)
    throw Error(Code::bad_request, "ials needs " + std::to_string(needed >> 20) + " MB for " + std::to_string(data.user_count()) + " users and " +
                                       std::to_string(data.item_count()) + " items with " + std::to_string(d) + " factors, the budget is " +
                                       std::to_string(run.memory_bytes >> 20) + " MB; lower ials.factors or raise [memory] budget");
}

}  // namespace

std::unique_ptr<const Recommender> fit_ials(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  if (data.interactions().nnz() == 0) throw Error(Code::bad_data, "ials has nothing to learn from: no event has a positive weight");
  TextFactors text;
  if (params.prior > 0) text = TextFactors(data, params.texts, run);
  check_memory(data, params, text.columns(), run);
  Sparse own_users, own_items;
  std::vector<float> scales = item_scales(data, params);
  if (has_dislikes(data) || !scales.empty()) {
    own_users = signed_pairs(data);
    for (std::size_t k = 0; k < own_users.nnz() && !scales.empty(); ++k) own_users.values[k] *= scales[own_users.indices[k]];
    own_items = transpose(own_users);
  }
  const Sparse& by_user = own_users.rows > 0 ? own_users : data.interactions();
  const Sparse& by_item = own_users.rows > 0 ? own_items : data.audience();
  std::size_t seen = 0;
  for (std::size_t i = 0; i < by_item.rows; ++i) seen += by_item.row_size(i) > 0 ? 1 : 0;
  const Matrix rows = text.empty() ? Matrix() : text.rows(data);
  return std::make_unique<const Ials>(params, train_ials(by_user, by_item, rows, options_of(params), run), std::move(text), seen, std::move(scales));
}

std::unique_ptr<const Recommender> load_ials(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "ials settings"));
  check(params);
  const auto seen = static_cast<std::size_t>(in.number<std::uint64_t>());
  IalsFactors f;
  f.items = in.matrix();
  f.spectrum = in.array<float>();
  f.text_map = in.matrix();
  TextFactors text = TextFactors::load(in);
  std::vector<float> scales = in.array<float>();
  const auto d = static_cast<std::size_t>(params.factors);
  if ((!scales.empty() && scales.size() != f.items.rows()) || f.items.cols() != d || f.spectrum.size() != d || (!f.text_map.empty() && (f.text_map.cols() != d || f.text_map.rows() != text.columns())))
    throw Error(Code::bad_data, "the ials model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const Ials>(params, std::move(f), std::move(text), seen, std::move(scales));
}

std::vector<Setting> settings_ials() { return settings_of<Params>(); }

}  // namespace attune::model
