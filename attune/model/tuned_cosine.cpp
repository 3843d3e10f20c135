// Tuned cosine: language vectors of users and items compared by a cosine with learned weights (tuned_cosine.h). A user's vector is
// the weighted mean of the vectors of the history, graded and signed: what was rated below expectation counts against.
// Source: own. Cost: fit see tuned_cosine_train.cpp; a request O(history x dim), one pass over the items' vectors for the scores.
//   u = sum_t a_t decay^age_t y_t / (sum_t decay^age_t + pull)      a = the event's weight, its distance from expectation, or 1 + that
//   rating = mean + item + user + scale x f(u, y)                   (rating.h)
#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/model/early_stop.h"
#include "attune/model/linear_model.h"
#include "attune/model/rating.h"
#include "attune/model/text_prior.h"
#include "attune/model/text_space.h"
#include "attune/model/tuned_cosine.h"
#include "attune/model/tuned_cosine_events.h"

namespace attune::model {
namespace {

struct Params {
  std::string text;
  std::string loss = "softmax";
  std::string weights = "auto";
  std::string alpha = "even";
  std::string optimizer = "adam";
  float lr = 0.01f;
  float reg = 0;
  int epochs = 20;
  int patience = 5;
  int batch = 256;
  int samples = 100000;
  int negatives = 256;
  float temperature = 0.1f;
  float decay = 1;
  int window = 0;
  float pull = 1;
  float pull_items = 3;
  float pull_users = 5;
  float whiten_eps = 1;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("text", text, "feature to compare by; empty = the first there is, sentence vectors before words");
    v("loss", loss, "what theta is learned for: rating (squared error of the events' weights), softmax or bpr (rank what counts for a user above the rest)");
    v("weights", weights, "what an event counts: given (its weight), graded (how far it is above what user and item lead to expect, below counts "
                          "against), mixed (1 + graded); auto = graded for loss=rating, else mixed; where all weights are the same: given");
    v("alpha", alpha, "how far each dimension may move: uniform (1), even (1 / the spread of u_i v_i: all the same), variance (by the spread of the "
                      "items' vectors there: loud ones more), inverse_variance (loud ones less)");
    v("optimizer", optimizer, "adam or gd (plain gradient descent)");
    v("lr", lr, "length of a step; > 0");
    v("reg", reg, "pull of theta to zero; >= 0");
    v("epochs", epochs, "passes at most; 0 = the plain cosine");
    v("patience", patience, "passes without a better validation figure before it is over; 0 = all passes");
    v("batch", batch, "events a step; 0 = all of them, for loss=rating");
    v("samples", samples, "events a pass; 0 = all");
    v("negatives", negatives, "items a batch is ranked against; 1..100000");
    v("temperature", temperature, "of softmax and bpr; > 0");
    v("decay", decay, "weight of a touch per place back in the history; 1 = all the same and order is not read; 0..1");
    v("window", window, "places of the history that count, with decay below 1; 0 = all");
    v("pull", pull, "of a user's vector to zero, in events; >= 0");
    v("pull_items", pull_items, "of an item's mean rating to that of all, in ratings; > 0");
    v("pull_users", pull_users, "of a user's mean rating to what the items lead to expect, in ratings; > 0");
    v("whiten_eps", whiten_eps, "how gently sentence vectors are whitened; 0 = not at all");
    v("ips_power", ips_power, "against exposure bias: an event of an item taken by n people weighs 1 / (n / most)^power in the loss; 0 = not");
    v("ips_clip", ips_clip, "least propensity that is believed; above 0, at most 1");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& name, const std::string& range, const std::string& value) {
    throw Error(Code::bad_request, "tuned_cosine." + name + " must be " + range + ", got '" + value + "'");
  };
  const auto one_of = [&](const char* name, const std::string& value, std::initializer_list<const char*> known) {
    std::string list;
    for (const char* word : known) {
      if (value == word) return;
      list += (list.empty() ? "" : ", ") + std::string(word);
    }
    refuse(name, "one of " + list, value);
  };
  one_of("loss", p.loss, {"rating", "softmax", "bpr"});
  one_of("weights", p.weights, {"auto", "given", "graded", "mixed"});
  one_of("alpha", p.alpha, {"uniform", "even", "variance", "inverse_variance"});
  one_of("optimizer", p.optimizer, {"adam", "gd"});
  if (!(p.lr > 0)) refuse("lr", "above 0", std::to_string(p.lr));
  if (!(p.reg >= 0)) refuse("reg", "0 or more", std::to_string(p.reg));
  if (p.epochs < 0 || p.epochs > 100000) refuse("epochs", "0..100000", std::to_string(p.epochs));
  if (p.batch < 0) refuse("batch", "0 or more", std::to_string(p.batch));
  if (p.samples < 0) refuse("samples", "0 or more", std::to_string(p.samples));
  if (p.negatives < 1 || p.negatives > 100000) refuse("negatives", "1..100000", std::to_string(p.negatives));
  if (!(p.temperature > 0)) refuse("temperature", "above 0", std::to_string(p.temperature));
  if (!(p.pull >= 0)) refuse("pull", "0 or more", std::to_string(p.pull));
  if (!(p.pull_items > 0)) refuse("pull_items", "above 0", std::to_string(p.pull_items));
  if (!(p.pull_users > 0)) refuse("pull_users", "above 0", std::to_string(p.pull_users));
  if (!(p.whiten_eps >= 0)) refuse("whiten_eps", "0 or more", std::to_string(p.whiten_eps));
  if (!(p.ips_power >= 0)) refuse("ips_power", "0 or more", std::to_string(p.ips_power));
  if (!(p.ips_clip > 0 && p.ips_clip <= 1)) refuse("ips_clip", "above 0 and at most 1", std::to_string(p.ips_clip));
  check_input(p.decay, p.window, "tuned_cosine");
}

TasteRule rule_of(const Params& p) { return {.decay = p.decay, .window = p.window, .pull = p.pull}; }

class TunedCosine final : public Recommender, public Rater {
 public:
  TunedCosine(Params params, TextSpace space, RatingBias bias, std::vector<float> alpha, TunedWeights weights)
      : params_(std::move(params)),
        space_(std::move(space)),
        bias_(std::move(bias)),
        alpha_(std::move(alpha)),
        weights_(std::move(weights)),
        grading_(grading_of(params_.weights, params_.loss, bias_)) {}

  std::string name() const override { return "tuned_cosine"; }
  std::size_t item_count() const override { return space_.item_count(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> g = direction(query);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = space_.dot_with(g, to_index(items[n]));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    space_.dots(direction(query), out);
  }

  void predict_ratings(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    score(query, items, out);
    const double user = bias_.user(query.history);
    for (std::size_t n = 0; n < items.size(); ++n)
      out[n] = static_cast<float>(bias_.item(to_index(items[n])) + user + static_cast<double>(weights_.scale * out[n]));
  }

  // Exact as a sum: share_t y_t . (1 / |u| + alpha theta) y_j. |u| and the user's mean rating depend on the history.
  Explanation explain(const Query& query, ItemId item) const override {
    const auto shares = contributions(query, {&item, 1});
    Explanation whole{.what = "model:tuned_cosine"};
    for (std::size_t t = 0; t < query.history.size(); ++t) {
      const float value = (*shares)(0, t);
      if (value == 0) continue;
      Explanation part{.what = "item:" + std::to_string(to_index(query.history[t].item)), .value = static_cast<double>(value)};
      part.parts.push_back({.what = "text:" + space_.feature(), .value = part.value});
      whole.value += part.value;
      whole.parts.push_back(std::move(part));
    }
    return whole;
  }
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    check_score_arguments(item_count(), query, items, std::vector<float>(items.size()));
    const std::vector<float> by = users().shares(query.history), u = users().point(query.history);
    const float length = std::sqrt(dot(u, u)), scale = length > 1e-12f ? 1 / length : 0;
    Matrix shares(items.size(), by.size());
    for (std::size_t n = 0; n < items.size(); ++n) {
      std::vector<float> weighed(space_.dim(), 0.0f);
      space_.add(to_index(items[n]), 1, weighed);
      for (std::size_t k = 0; k < weighed.size(); ++k) weighed[k] *= scale + alpha_[k] * weights_.theta[k];
      for (std::size_t t = 0; t < by.size(); ++t)
        if (by[t] != 0) shares(n, t) = by[t] * space_.dot_with(weighed, to_index(query.history[t].item));
    }
    return shares;
  }

  std::optional<MatrixView> item_vectors() const override {
    if (space_.is_sparse()) return std::nullopt;
    return space_.dense();
  }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    if (space_.is_sparse()) return std::nullopt;
    check_score_arguments(item_count(), query, {}, {});
    return direction(query);
  }
  std::optional<std::vector<float>> item_vector(const NewItem& item) const override {
    if (space_.is_sparse()) return std::nullopt;
    std::vector<float> point = space_.place(item);
    if (point.empty()) return std::nullopt;
    return point;
  }

  std::size_t size_bytes() const override {
    return space_.size_bytes() + bias_.size_bytes() + (alpha_.size() + weights_.theta.size()) * sizeof(float);
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    space_.save(out);
    bias_.save(out);
    out.array(std::span<const float>(alpha_));
    out.array(std::span<const float>(weights_.theta));
    out.number(weights_.scale);
  }

 private:
  TasteUsers users() const { return {space_, bias_, grading_, rule_of(params_)}; }
  std::vector<float> direction(const Query& query) const { return tuned_query(users().point(query.history), alpha_, weights_.theta); }

  Params params_;
  TextSpace space_;
  RatingBias bias_;
  std::vector<float> alpha_;
  TunedWeights weights_;
  Grading grading_;
};

TuneOptions options_of(const Params& p) {
  return {.optimizer = p.optimizer, .epochs = p.epochs, .batch = p.batch, .lr = p.lr, .reg = p.reg, .patience = p.patience, .samples = static_cast<std::size_t>(p.samples)};
}

TunedWeights learn_to_rank(const data::Dataset& data, const TextSpace& space, const TasteUsers& users, const CosineExamples& examples,
                           std::span<const float> alpha, const Params& p, const Run& run) {
  EarlyStop stop(data, {.model = "tuned_cosine", .patience = p.patience}, run);
  Judge judge;
  judge.is_best = [&](int epoch, std::span<const float> theta) {
    return stop.judge(epoch + 1, [&](const data::Case& asked, std::span<float> scores) {
      space.dots(tuned_query(users.point(asked.input), alpha, theta), scores);
    }, run);
  };
  judge.is_over = [&] { return stop.is_over(); };
  const auto draw = [&](Matrix& negatives, std::uint64_t seed) {
    Random random(seed);
    std::fill(negatives.all().begin(), negatives.all().end(), 0.0f);
    for (std::size_t r = 0; r < negatives.rows(); ++r) space.add(random.below(space.item_count()), 1, negatives.row(r));
  };
  return tune_to_rank(examples, draw, alpha, options_of(p), {.loss = p.loss, .negatives = p.negatives, .temperature = p.temperature}, judge, run);
}

}  // namespace

std::unique_ptr<const Recommender> fit_tuned_cosine(const data::Dataset& data, const Json& json, const Run& run) {
  auto params = params_from<Params>(json);
  check(params);
  run.check();
  const std::string feature = chosen_feature(data, params.text);
  if (feature.empty())
    throw Error(Code::bad_request, "tuned_cosine has no texts to compare: no item texts were encoded; set [encoder] or leave it out");
  TextSpace space(feature, features_named(data, feature), {.whiten_eps = params.whiten_eps, .unit = true});
  require_memory((data.user_count() * 2 + 4096) * space.dim() * sizeof(float), data.item_count(), "tuned_cosine", run);
  RatingBias bias(data, params.pull_items, params.pull_users);
  if (params.loss == "rating" && bias.spread() == 0)
    throw Error(Code::bad_data, "tuned_cosine.loss=rating has nothing to learn from: all events have the same weight; set use_value for an event "
                                "type with ratings ([events.NAME]), or loss=softmax");
  const TasteUsers users(space, bias, grading_of(params.weights, params.loss, bias), rule_of(params));
  const TasteEvents events(data, space, bias, users, {.liked_only = params.loss != "rating", .propensity = {.power = params.ips_power, .clip = params.ips_clip}}, run);
  const CosineExamples examples = events.examples();
  const std::vector<float> alpha = alphas_named(params.alpha, space, examples, run);
  TunedWeights weights{.theta = std::vector<float>(space.dim())};
  if (examples.count > 0 && params.loss == "rating") {
    weights = tune_to_ratings(examples, params.patience > 0 ? watched_of(examples.count, run) : std::vector<std::uint32_t>(), alpha, options_of(params), run);
  } else if (examples.count > 0) {
    weights = learn_to_rank(data, space, users, examples, alpha, params, run);
    weights.scale = rating_scale(examples, alpha, weights, run);
  }
  params.epochs = weights.epochs;
  return std::make_unique<const TunedCosine>(params, std::move(space), std::move(bias), alpha, std::move(weights));
}

std::unique_ptr<const Recommender> load_tuned_cosine(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of tuned_cosine"));
  check(params);
  TextSpace space = TextSpace::load(in);
  RatingBias bias = RatingBias::load(in);
  std::vector<float> alpha = in.array<float>();
  TunedWeights weights{.theta = in.array<float>()};
  weights.scale = in.number<float>();
  if (alpha.size() != space.dim() || weights.theta.size() != space.dim() || bias.item_count() != space.item_count())
    throw Error(Code::bad_data, "the tuned_cosine model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const TunedCosine>(params, std::move(space), std::move(bias), std::move(alpha), std::move(weights));
}

std::vector<Setting> settings_tuned_cosine() { return settings_of<Params>(); }

}  // namespace attune::model
