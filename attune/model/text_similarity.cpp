// Text similarity: items whose texts are near the texts of the history. Knows no behaviour: the yardstick for every prior,
// and what is left when nobody has taken anything yet.
// Source: baseline. Cost: O(items x dim) a request.
//   user = sum_t w_t y_t / sum_t |w_t| over the weighted history; cosine: user . y_j / |user|; euclidean: -|user - y_j|
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/model/linear_model.h"
#include "attune/model/text_prior.h"
#include "attune/model/text_space.h"

namespace attune::model {
namespace {

struct Params {
  std::string text;
  std::string measure = "cosine";
  float whiten_eps = 1;
  float decay = 0.8f;
  int window = 50;
  template <class Visitor>
  void visit(Visitor& v) {
    v("text", text, "feature to compare by; empty = the first there is, sentence vectors before words");
    v("measure", measure, "cosine or euclidean");
    v("whiten_eps", whiten_eps, "how gently sentence vectors are whitened; 0 = not at all");
    v("decay", decay, "weight of a touch per place back in the history; 0..1");
    v("window", window, "places of the history that count; 0 = all");
  }
};

class TextSimilarity final : public Recommender {
 public:
  TextSimilarity(TextSpace space, const Params& params)
      : space_(std::move(space)),
        params_(params),
        is_cosine_(params.measure == "cosine"),
        rule_{.decay = params.decay, .window = params.window} {
    for (std::size_t i = 0; !is_cosine_ && i < space_.item_count(); ++i) {
      std::vector<float> own(space_.dim(), 0.0f);
      space_.add(i, 1, own);
      squared_lengths_.push_back(dot(own, own));
    }
  }

  std::string name() const override { return "text_similarity"; }
  std::size_t item_count() const override { return space_.item_count(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> user = place(input(query));
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = score_of(user, to_index(items[n]));
  }

  Explanation explain(const Query& query, ItemId item) const override {
    Explanation whole = Recommender::explain(query, item);
    if (!is_cosine_) {
      whole.parts.push_back({.what = "text:" + space_.feature(), .value = whole.value});
      return whole;
    }
    whole.value = 0;
    for (const Scored& in : input(query)) {
      Explanation part{.what = "item:" + std::to_string(to_index(in.item))};
      part.value = static_cast<double>(in.score) * nearness(in.item, item);
      part.parts.push_back({.what = "text:" + space_.feature(), .value = part.value});
      whole.value += part.value;
      whole.parts.push_back(std::move(part));
    }
    return whole;
  }

  // Of the cosine. Taking a touch away also changes the user's length, by the same factor for every item, so the order of
  // items after it is the one that the shares foretell.
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    if (!is_cosine_) return std::nullopt;
    check_score_arguments(item_count(), query, items, std::vector<float>(items.size()));
    const std::vector<float> weights = touch_weights(rule_, query.history);
    const float scale = unit_scale(query.history, weights);
    Matrix shares(items.size(), weights.size());
    for (std::size_t n = 0; n < items.size(); ++n)
      for (std::size_t t = 0; t < weights.size(); ++t)
        if (weights[t] != 0) shares(n, t) = weights[t] * scale * nearness(query.history[t].item, items[n]);
    return shares;
  }

  std::optional<MatrixView> item_vectors() const override {
    if (!is_cosine_ || space_.is_sparse()) return std::nullopt;
    return space_.dense();
  }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    if (!is_cosine_ || space_.is_sparse()) return std::nullopt;
    return place(input(query));
  }

  std::optional<std::vector<float>> column(const NewItem& item) const override {
    if (!is_cosine_) return std::nullopt;
    const std::vector<float> point = space_.place(item);
    if (point.empty()) return std::nullopt;
    std::vector<float> column(item_count());
    space_.dots(point, column);
    return column;
  }

  // Weights that make the user's point: of length 1 for the cosine, the mean for the distance.
  std::vector<Scored> input(const Query& query) const override {
    std::vector<Scored> row = input_row(rule_, query.history);
    float scale = 0;
    if (is_cosine_) scale = unit_scale(query.history, touch_weights(rule_, query.history));
    else
      for (const Scored& in : row) scale += std::abs(in.score);
    if (!is_cosine_ && scale > 0) scale = 1 / scale;
    for (Scored& in : row) in.score *= scale;
    return row;
  }

  std::size_t size_bytes() const override { return space_.size_bytes() + squared_lengths_.size() * sizeof(float); }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    space_.save(out);
  }

 private:
  std::vector<float> place(const std::vector<Scored>& input) const {
    std::vector<float> user(space_.dim(), 0.0f);
    for (const Scored& in : input) space_.add(to_index(in.item), in.score, user);
    return user;
  }
  // 1 / |sum_t w_t y_t|; 0 when nothing is there.
  float unit_scale(std::span<const Touch> history, const std::vector<float>& weights) const {
    std::vector<float> user(space_.dim(), 0.0f);
    for (std::size_t t = 0; t < weights.size(); ++t)
      if (weights[t] != 0) space_.add(to_index(history[t].item), weights[t], user);
    const float length = std::sqrt(dot(user, user));
    return length > 1e-12f ? 1 / length : 0;
  }
  float nearness(ItemId a, ItemId b) const {
    std::vector<float> point(space_.dim(), 0.0f);
    space_.add(to_index(a), 1, point);
    return space_.dot_with(point, to_index(b));
  }
  float score_of(const std::vector<float>& user, std::size_t i) const {
    const float product = space_.dot_with(user, i);
    if (is_cosine_) return product;
    return -std::sqrt(std::max(dot(user, user) + squared_lengths_[i] - 2 * product, 0.0f));
  }

  TextSpace space_;
  Params params_;
  bool is_cosine_;
  InputRule rule_;
  std::vector<float> squared_lengths_;  // euclidean only
};

void check(const Params& p) {
  if (p.measure != "cosine" && p.measure != "euclidean")
    throw Error(Code::bad_request, "text_similarity.measure must be cosine or euclidean, got '" + p.measure + "'");
  if (!(p.whiten_eps >= 0))
    throw Error(Code::bad_request, "text_similarity.whiten_eps must be 0 or more, got " + std::to_string(p.whiten_eps));
  check_input(p.decay, p.window, "text_similarity");
}

}  // namespace

std::unique_ptr<const Recommender> fit_text_similarity(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  const std::string feature = chosen_feature(data, params.text);
  if (feature.empty())
    throw Error(Code::bad_request, "text_similarity has no texts to compare: no item texts were encoded; set [encoder] or leave it out");
  const TextSpace::Options options{.whiten_eps = params.whiten_eps, .unit = params.measure == "cosine"};
  return std::make_unique<const TextSimilarity>(TextSpace(feature, features_named(data, feature), options), params);
}

std::unique_ptr<const Recommender> load_text_similarity(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of text_similarity"));
  return std::make_unique<const TextSimilarity>(TextSpace::load(in), params);
}

std::vector<Setting> settings_text_similarity() { return settings_of<Params>(); }

}  // namespace attune::model
