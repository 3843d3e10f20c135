// Tuned cosine: language vectors of users and items compared by a cosine with learned weights (tuned_cosine.h). A user's vector is
// the weighted mean of the vectors of the history, graded and signed: what was rated below expectation counts against.
// Source: own. Cost: fit see tuned_cosine_train.cpp; a request O(history x dim), one pass over the items' vectors for the scores.
//   u = sum_t a_t decay^age_t y_t / (sum_t decay^age_t + pull)      a = the event's weight, its distance from expectation, or 1 + that
//   rating = mean + item + user + scale x f(u, y)                   (rating.h)
#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/model/early_stop.h"
#include "attune/model/linear_model.h"
#include "attune/model/rating.h"
#include "attune/model/text_prior.h"
#include "attune/model/text_space.h"
#include "attune/model/tuned_cosine.h"
#include "attune/train/propensity.h"

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

// What an event counts: a = level + slope (r - item - user); level 0, slope 1 without expectations: the weight as given.
struct Grading {
  float level = 0, slope = 1;
  bool expects = false;   // are item and user taken away
};

Grading grading_of(const std::string& weights, const std::string& loss, const RatingBias& bias) {
  std::string kind = weights;
  if (kind == "auto") kind = loss == "rating" ? "graded" : "mixed";
  if (kind == "given" || bias.spread() == 0 || bias.has_dislikes()) return {};
  return {.level = kind == "mixed" ? 1.0f : 0.0f, .slope = static_cast<float>(1 / bias.spread()), .expects = true};
}

// Users as points, at a question and, without the event asked about, in training.
class Users {
 public:
  Users(const TextSpace& space, const RatingBias& bias, Grading grading, const Params& p)
      : space_(space), bias_(bias), grading_(grading), decay_(p.decay), window_(p.window), pull_(p.pull) {}

  // a_t decay^age_t / (sum + pull) for each touch, 0 for touches of weight 0.
  std::vector<float> shares(std::span<const Touch> history) const {
    std::vector<float> shares(history.size());
    const double user = grading_.expects ? bias_.user(history) : 0;
    double total = static_cast<double>(pull_), age_weight = 1;
    std::size_t places = 0;
    for (std::size_t t = history.size(); t-- > 0;) {
      const Touch& touch = history[t];
      if (touch.weight != 0 && (window_ == 0 || decay_ == 1 || places < static_cast<std::size_t>(window_))) {
        shares[t] = static_cast<float>(age_weight * counts(touch, user));
        total += age_weight;
      }
      if (touch.joined) continue;   // stands at the place of the touch before it
      ++places;
      age_weight *= static_cast<double>(decay_);
    }
    if (total > 0)
      for (float& share : shares) share = static_cast<float>(static_cast<double>(share) / total);
    return shares;
  }
  std::vector<float> point(std::span<const Touch> history) const {
    const std::vector<float> by = shares(history);
    std::vector<float> u(space_.dim(), 0.0f);
    for (std::size_t t = 0; t < by.size(); ++t)
      if (by[t] != 0) space_.add(to_index(history[t].item), by[t], u);
    return u;
  }
  double counts(const Touch& touch, double user) const {
    const double r = static_cast<double>(touch.weight);
    if (!grading_.expects) return r;
    return static_cast<double>(grading_.level) + static_cast<double>(grading_.slope) * (r - bias_.item(to_index(touch.item)) - user);
  }
  const Grading& grading() const noexcept { return grading_; }

 private:
  const TextSpace& space_;
  const RatingBias& bias_;
  Grading grading_;
  float decay_;
  int window_;
  float pull_;
};

// Every event with a weight (to rank: with one that counts for the item) as an example: the user without it (decay 1: all other events; else those before it), the item, and
// the rating above what the others lead to expect.
class Events {
 public:
  Events(const data::Dataset& data, const TextSpace& space, const RatingBias& bias, const Users& users, const Params& p, bool positive_only, const Run& run)
      : data_(data), space_(space), bias_(bias), users_(users), is_set_(p.decay == 1), pull_(p.pull), run_(run) {
    for (std::size_t u = 0; u < data.user_count(); ++u) {
      const auto history = data.history(user_at(u));
      if (history.size() < 2) continue;
      const double level = users.grading().expects ? bias.user(history) : 0;
      for (std::size_t t = is_set_ ? 0 : 1; t < history.size(); ++t) {
        if (history[t].weight == 0 || (positive_only && !(users.counts(history[t], level) > 0))) continue;
        list_.push_back({static_cast<std::uint32_t>(u), static_cast<std::uint32_t>(t)});
      }
    }
    if (is_set_) sum_up();
    if (p.ips_power > 0) item_weights_ = train::inverse_propensity_weights(data.popularity(), {.power = p.ips_power, .clip = p.ips_clip});
  }
  std::size_t size() const noexcept { return list_.size(); }

  CosineExamples examples() const {
    CosineExamples examples = plain_examples();
    if (!item_weights_.empty())
      examples.weight = [this](std::uint32_t e) { return item_weights_[to_index(data_.history(user_at(list_[e].user))[list_[e].touch].item)]; };
    return examples;
  }

 private:
  struct Event {
    std::uint32_t user, touch;
  };

  CosineExamples plain_examples() const {
    return {.count = list_.size(), .dim = space_.dim(), .fill = [this](std::span<const std::uint32_t> which, Matrix& users, Matrix& items, std::span<float> targets) {
              parallel_for(0, which.size(), 64, run_, [&](std::size_t first, std::size_t last) {
                for (std::size_t r = first; r < last; ++r) fill(list_[which[r]], users.row(r), items.row(r), targets[r]);
              });
            }};
  }

  // sum (a + slope user) y and sum y of each user, so that one event can be taken out again.
  void sum_up() {
    graded_ = Matrix(data_.user_count(), space_.dim());
    if (users_.grading().expects) plain_ = Matrix(data_.user_count(), space_.dim());
    rating_sums_.resize(data_.user_count());
    counts_.resize(data_.user_count());
    parallel_for(0, data_.user_count(), 64, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t u = first; u < last; ++u)
        for (const Touch& touch : data_.history(user_at(u))) {
          if (touch.weight == 0) continue;
          space_.add(to_index(touch.item), static_cast<float>(users_.counts(touch, 0)), graded_.row(u));
          if (!plain_.empty()) space_.add(to_index(touch.item), 1, plain_.row(u));
          rating_sums_[u] += static_cast<double>(touch.weight) - bias_.item(to_index(touch.item));
          ++counts_[u];
        }
    });
  }

  void fill(const Event& event, std::span<float> user, std::span<float> item, float& target) const {
    const auto history = data_.history(user_at(event.user));
    const Touch& touch = history[event.touch];
    const std::size_t i = to_index(touch.item);
    const double rating = static_cast<double>(touch.weight);
    std::fill(item.begin(), item.end(), 0.0f);
    space_.add(i, 1, item);
    double level;
    if (is_set_) {
      level = bias_.user_of(rating_sums_[event.user] - (rating - bias_.item(i)), counts_[event.user] - 1);
      std::copy_n(graded_.row(event.user).data(), user.size(), user.data());
      if (!plain_.empty()) axpy(-static_cast<float>(level) * users_.grading().slope, plain_.row(event.user), user);
      space_.add(i, -static_cast<float>(users_.counts(touch, users_.grading().expects ? level : 0)), user);
      const float share = static_cast<float>(1 / std::max(counts_[event.user] - 1 + static_cast<double>(pull_), 1e-6));
      for (float& x : user) x *= share;
    } else {
      const auto before = history.first(event.touch);
      level = bias_.user(before);
      const std::vector<float> point = users_.point(before);
      std::copy(point.begin(), point.end(), user.begin());
    }
    target = static_cast<float>(rating - bias_.item_without(i, rating) - level);
  }

  const data::Dataset& data_;
  const TextSpace& space_;
  const RatingBias& bias_;
  const Users& users_;
  bool is_set_;
  float pull_;
  const Run& run_;
  std::vector<Event> list_;
  Matrix graded_, plain_;
  std::vector<double> rating_sums_, counts_;
  std::vector<float> item_weights_;   // of the loss; empty = 1
};

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
  Users users() const { return Users(space_, bias_, grading_, params_); }
  std::vector<float> direction(const Query& query) const { return tuned_query(users().point(query.history), alpha_, weights_.theta); }

  Params params_;
  TextSpace space_;
  RatingBias bias_;
  std::vector<float> alpha_;
  TunedWeights weights_;
  Grading grading_;
};

// Standard deviations of each dimension over rows.
std::vector<float> spreads(const TextSpace& space) {
  const std::size_t d = space.dim(), n = space.item_count();
  std::vector<double> sums(d), squares(d);
  std::vector<float> row(d);
  for (std::size_t i = 0; i < n; ++i) {
    std::fill(row.begin(), row.end(), 0.0f);
    space.add(i, 1, row);
    for (std::size_t k = 0; k < d; ++k) {
      sums[k] += static_cast<double>(row[k]);
      squares[k] += static_cast<double>(row[k] * row[k]);
    }
  }
  std::vector<float> out(d);
  for (std::size_t k = 0; k < d; ++k) {
    const double mean = sums[k] / static_cast<double>(n);
    out[k] = static_cast<float>(std::sqrt(std::max(squares[k] / static_cast<double>(n) - mean * mean, 0.0)));
  }
  return out;
}

// Root mean square of u_i v_i over some examples.
std::vector<float> product_spreads(const CosineExamples& examples, const Run& run) {
  constexpr std::size_t kSome = 4096;
  std::vector<std::uint32_t> which;
  Random random(run.seed);
  for (std::size_t n = 0; n < std::min(kSome, examples.count); ++n) which.push_back(static_cast<std::uint32_t>(random.below(examples.count)));
  Matrix users(which.size(), examples.dim), items(which.size(), examples.dim);
  std::vector<float> targets(which.size());
  examples.fill(which, users, items, targets);
  std::vector<double> squares(examples.dim);
  for (std::size_t r = 0; r < which.size(); ++r)
    for (std::size_t k = 0; k < examples.dim; ++k) {
      const double x = static_cast<double>(users(r, k) * items(r, k));
      squares[k] += x * x;
    }
  std::vector<float> out(examples.dim);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(std::sqrt(squares[k] / static_cast<double>(which.size())));
  return out;
}

std::vector<float> alphas(const Params& p, const TextSpace& space, const CosineExamples& examples, const Run& run) {
  std::vector<float> alpha(space.dim(), 1.0f);
  if (p.alpha == "uniform" || examples.count == 0) return alpha;
  std::vector<float> spread = p.alpha == "even" ? product_spreads(examples, run) : spreads(space);
  double mean = 0;
  for (const float s : spread) mean += static_cast<double>(s) / static_cast<double>(spread.size());
  if (!(mean > 0)) return alpha;
  const double floor = 0.05 * mean;   // dimensions that say next to nothing are not blown up
  for (std::size_t k = 0; k < alpha.size(); ++k) {
    const double s = static_cast<double>(spread[k]), ratio = s / mean;
    if (p.alpha == "even") alpha[k] = static_cast<float>(1 / std::max(s, floor) / std::sqrt(static_cast<double>(alpha.size())));
    else alpha[k] = static_cast<float>(p.alpha == "variance" ? ratio * ratio : 1 / std::max(ratio * ratio, 0.01));
  }
  return alpha;
}

TuneOptions options_of(const Params& p) {
  return {.optimizer = p.optimizer, .epochs = p.epochs, .batch = p.batch, .lr = p.lr, .reg = p.reg, .patience = p.patience, .samples = static_cast<std::size_t>(p.samples)};
}

// One example in ten says when to stop.
std::vector<std::uint32_t> watched_of(std::size_t count, const Run& run) {
  std::vector<std::uint32_t> list;
  Random random(run.seed + 1);
  for (std::size_t e = 0; e < count; ++e)
    if (random.below(10) == 0) list.push_back(static_cast<std::uint32_t>(e));
  if (list.size() > 50000) {
    random.shuffle(std::span(list));
    list.resize(50000);
  }
  return list;
}

TunedWeights learn_to_rank(const data::Dataset& data, const TextSpace& space, const Users& users, const CosineExamples& examples,
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

// The scale that turns f into ratings, for weights learned to rank: least squares over some examples.
float rating_scale(const CosineExamples& examples, std::span<const float> alpha, const TunedWeights& weights, const Run& run) {
  const std::size_t n = std::min<std::size_t>(examples.count, 20000);
  std::vector<std::uint32_t> which;
  Random random(run.seed + 2);
  for (std::size_t k = 0; k < n; ++k) which.push_back(static_cast<std::uint32_t>(random.below(examples.count)));
  double both = 0, squares = 0;
  for (std::size_t at = 0; at < n; at += 1000) {
    run.check();
    const auto some = std::span<const std::uint32_t>(which).subspan(at, std::min<std::size_t>(1000, n - at));
    Matrix users(some.size(), examples.dim), items(some.size(), examples.dim);
    std::vector<float> targets(some.size());
    examples.fill(some, users, items, targets);
    for (std::size_t r = 0; r < some.size(); ++r) {
      const double f = static_cast<double>(dot(tuned_query(users.row(r), alpha, weights.theta), items.row(r)));
      both += f * static_cast<double>(targets[r]);
      squares += f * f;
    }
  }
  return squares > 0 ? static_cast<float>(both / squares) : 0;
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
  const Users users(space, bias, grading_of(params.weights, params.loss, bias), params);
  const Events events(data, space, bias, users, params, params.loss != "rating", run);
  const CosineExamples examples = events.examples();
  const std::vector<float> alpha = alphas(params, space, examples, run);
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
