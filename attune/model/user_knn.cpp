// User-kNN: the people whose histories are most like the one that asks say what they took.
// Source: Resnick et al. 1994; cosine with shrink as in Dacrema et al. 2019.
//   score_j = sum over the k nearest people v of s_v X_vj,  s_v = sum_i f_i x_i f_i X_vi / (|fx| |fX_v| + shrink)
// f = how much an item tells: 1, or its rarity. Cost: nothing to fit; a request walks from the items to all their takers.
#include <algorithm>
#include <cmath>

#include "attune/core/top_k.h"
#include "attune/model/linear_model.h"

namespace attune::model {
namespace {

struct Params {
  int neighbours = 200;
  float shrink = 0;
  std::string weighting = "tfidf";
  float power = 1;
  float decay = 1;
  int window = 0;
  bool latest = true;
  template <class Visitor>
  void visit(Visitor& v) {
    v("neighbours", neighbours, "people asked; >= 1");
    v("shrink", shrink, "added to the denominator, so that short histories count less; >= 0");
    v("weighting", weighting, "how items tell people apart: cosine (all alike) or tfidf (rare ones more)");
    v("power", power, "a person's vote is their likeness to this power; above 0, at most 10; more = only the nearest count");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "user_knn." + what); };
  if (p.neighbours < 1) refuse("neighbours must be 1 or more, got " + std::to_string(p.neighbours));
  if (!(p.shrink >= 0)) refuse("shrink must be 0 or more, got " + std::to_string(p.shrink));
  if (p.weighting != "cosine" && p.weighting != "tfidf") refuse("weighting must be cosine or tfidf, got '" + p.weighting + "'");
  if (!(p.power > 0 && p.power <= 10)) refuse("power must be above 0 and at most 10, got " + std::to_string(p.power));
  check_input(p.decay, p.window, "user_knn");
}

// Someone who is asked: the person, their vote, and how much of it a unit of shared weight makes.
struct Voter {
  std::size_t user = 0;
  double vote = 0, per_unit = 0;
};

class UserKnn final : public Recommender {
 public:
  UserKnn(Params params, Sparse by_user)
      : params_(std::move(params)),
        by_user_(std::move(by_user)),
        by_item_(transpose(by_user_)),
        rule_{.decay = params_.decay, .window = params_.window, .latest = params_.latest},
        telling_(by_user_.cols, 1.0f),
        lengths_(by_user_.rows, 0.0f) {
    for (std::size_t i = 0; params_.weighting == "tfidf" && i < telling_.size(); ++i)
      telling_[i] = static_cast<float>(std::log((1.0 + static_cast<double>(by_user_.rows)) / (1.0 + static_cast<double>(by_item_.row_size(i)))) + 1);
    for (std::size_t u = 0; u < lengths_.size(); ++u) {
      double squares = 0;
      for (std::size_t k = 0; k < by_user_.row_size(u); ++k) squares += std::pow(static_cast<double>(by_user_.row_values(u)[k]) * telling_[by_user_.row_indices(u)[k]], 2);
      lengths_[u] = static_cast<float>(std::sqrt(squares));
    }
  }

  std::string name() const override { return "user_knn"; }
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
    for (const Voter& v : voters(query)) {
      const auto items = by_user_.row_indices(v.user);
      const auto values = by_user_.row_values(v.user);
      for (std::size_t k = 0; k < items.size(); ++k) out[items[k]] += static_cast<float>(v.vote) * values[k];
    }
  }

  // A vote is a sum over what the two share, so the score is one over the history. Who is asked and how long the history is
  // stay as they are: taking an item away changes those too, and with them the other shares a little.
  Explanation explain(const Query& query, ItemId item) const override {
    check_score_arguments(item_count(), query, {&item, 1}, std::vector<float>(1));
    const std::vector<Scored> row = input(query);
    const std::vector<double> parts = shares(row, voters(query), item);
    Explanation whole{.what = "model:user_knn"};
    for (std::size_t n = 0; n < row.size(); ++n) {
      if (row[n].score == 0) continue;
      whole.parts.push_back({.what = "item:" + std::to_string(to_index(row[n].item)), .value = parts[n] * row[n].score});
      whole.value += whole.parts.back().value;
    }
    return whole;
  }
  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    check_score_arguments(item_count(), query, items, std::vector<float>(items.size()));
    Matrix out(items.size(), query.history.size());
    const std::vector<float> weights = touch_weights(rule_, query.history);
    const std::vector<Scored> row = input(query);
    const std::vector<Voter> asked = voters(query);
    for (std::size_t n = 0; n < items.size(); ++n) {
      const std::vector<double> parts = shares(row, asked, items[n]);
      for (std::size_t t = 0; t < weights.size(); ++t) {
        if (weights[t] == 0) continue;
        const auto at = std::find_if(row.begin(), row.end(), [&](const Scored& in) { return in.item == query.history[t].item; });
        if (at != row.end()) out(n, t) = static_cast<float>(parts[static_cast<std::size_t>(at - row.begin())] * weights[t]);
      }
    }
    return out;
  }

  std::vector<Scored> input(const Query& query) const override { return input_row(rule_, query.history); }
  std::size_t size_bytes() const override {
    return by_user_.size_bytes() + by_item_.size_bytes() + (telling_.size() + lengths_.size()) * sizeof(float);
  }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    out.sparse(by_user_);
  }

 private:
  // The nearest people, who asks left out where that is known.
  std::vector<Voter> voters(const Query& query) const {
    std::vector<float> met(by_user_.rows, 0.0f);  // weight shared with each person
    double squares = 0;
    for (const Scored& in : input(query)) {
      const std::size_t i = to_index(in.item);
      const double f = telling_[i], mine = static_cast<double>(in.score) * f;
      squares += mine * mine;
      for (std::size_t k = 0; k < by_item_.row_size(i); ++k) met[by_item_.row_indices(i)[k]] += static_cast<float>(mine * f) * by_item_.row_values(i)[k];
    }
    std::vector<Voter> all;
    for (std::size_t user = 0; user < met.size(); ++user) {
      const double shared = met[user];
      if (shared <= 0 || (query.user && to_index(*query.user) == user)) continue;
      const double likeness = shared / (std::sqrt(squares) * lengths_[user] + params_.shrink);
      const double vote = params_.power == 1 ? likeness : std::pow(likeness, static_cast<double>(params_.power));
      all.push_back({user, vote, vote / shared});
    }
    const std::size_t kept = std::min(all.size(), static_cast<std::size_t>(params_.neighbours));
    const auto nearer = [](const Voter& a, const Voter& b) { return a.vote != b.vote ? a.vote > b.vote : a.user < b.user; };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), nearer);
    all.resize(kept);
    return all;
  }

  // What a unit of each input item adds to the score of `item`.
  std::vector<double> shares(const std::vector<Scored>& row, const std::vector<Voter>& asked, ItemId item) const {
    std::vector<double> parts(row.size(), 0.0);
    for (const Voter& v : asked) {
      const double said = value(v.user, item);
      if (said == 0) continue;
      for (std::size_t n = 0; n < row.size(); ++n) {
        const double f = telling_[to_index(row[n].item)];
        parts[n] += v.per_unit * said * f * f * value(v.user, row[n].item);
      }
    }
    return parts;
  }
  double value(std::size_t user, ItemId item) const {
    const auto items = by_user_.row_indices(user);
    const auto at = std::lower_bound(items.begin(), items.end(), static_cast<std::uint32_t>(to_index(item)));
    if (at == items.end() || *at != to_index(item)) return 0;
    return static_cast<double>(by_user_.row_values(user)[static_cast<std::size_t>(at - items.begin())]);
  }

  Params params_;
  Sparse by_user_, by_item_;
  InputRule rule_;
  std::vector<float> telling_, lengths_;  // [items], [users]
};

}  // namespace

std::unique_ptr<const Recommender> fit_user_knn(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  Sparse by_user = data.interactions();
  if (by_user.nnz() == 0) throw Error(Code::bad_data, "user_knn has nothing to learn from: no event has a positive weight");
  for (float& x : by_user.values) x = std::min(x, 1.0f);
  return std::make_unique<const UserKnn>(params, std::move(by_user));
}

std::unique_ptr<const Recommender> load_user_knn(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of user_knn"));
  check(params);
  return std::make_unique<const UserKnn>(params, in.sparse());
}

std::vector<Setting> settings_user_knn() { return settings_of<Params>(); }

}  // namespace attune::model
