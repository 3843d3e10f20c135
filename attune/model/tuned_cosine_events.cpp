// Users and events of the tuned cosine: see the header.
#include "attune/model/tuned_cosine_events.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"

namespace attune::model {
namespace {

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

}  // namespace

Grading grading_of(const std::string& weights, const std::string& loss, const RatingBias& bias) {
  std::string kind = weights;
  if (kind == "auto") kind = loss == "rating" ? "graded" : "mixed";
  if (kind == "given" || bias.spread() == 0 || bias.has_dislikes()) return {};
  return {.level = kind == "mixed" ? 1.0f : 0.0f, .slope = static_cast<float>(1 / bias.spread()), .expects = true};
}

std::vector<float> TasteUsers::shares(std::span<const Touch> history) const {
  std::vector<float> shares(history.size());
  const double user = grading_.expects ? bias_.user(history) : 0;
  double total = static_cast<double>(rule_.pull), age_weight = 1;
  std::size_t places = 0;
  for (std::size_t t = history.size(); t-- > 0;) {
    const Touch& touch = history[t];
    if (touch.weight != 0 && (rule_.window == 0 || rule_.decay == 1 || places < static_cast<std::size_t>(rule_.window))) {
      shares[t] = static_cast<float>(age_weight * counts(touch, user));
      total += age_weight;
    }
    if (touch.joined) continue;   // stands at the place of the touch before it
    ++places;
    age_weight *= static_cast<double>(rule_.decay);
  }
  if (total > 0)
    for (float& share : shares) share = static_cast<float>(static_cast<double>(share) / total);
  return shares;
}
std::vector<float> TasteUsers::point(std::span<const Touch> history) const {
  const std::vector<float> by = shares(history);
  std::vector<float> u(space_.dim(), 0.0f);
  for (std::size_t t = 0; t < by.size(); ++t)
    if (by[t] != 0) space_.add(to_index(history[t].item), by[t], u);
  return u;
}

double TasteUsers::counts(const Touch& touch, double user) const {
  const double r = static_cast<double>(touch.weight);
  if (!grading_.expects) return r;
  return static_cast<double>(grading_.level) + static_cast<double>(grading_.slope) * (r - bias_.item(to_index(touch.item)) - user);
}

TasteEvents::TasteEvents(const data::Dataset& data, const TextSpace& space, const RatingBias& bias, const TasteUsers& users,
                         const TasteEventsOptions& options, const Run& run)
    : data_(data), space_(space), bias_(bias), users_(users), run_(run), is_set_(users.rule().decay == 1) {
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const auto history = data.history(user_at(u));
    if (history.size() < 2) continue;
    const double level = users.grading().expects ? bias.user(history) : 0;
    for (std::size_t t = is_set_ ? 0 : 1; t < history.size(); ++t) {
      if (history[t].weight == 0 || (options.liked_only && !(users.counts(history[t], level) > 0))) continue;
      list_.push_back({static_cast<std::uint32_t>(u), static_cast<std::uint32_t>(t)});
    }
  }
  if (is_set_) sum_up();
  if (options.propensity.power > 0) item_weights_ = train::inverse_propensity_weights(data.popularity(), options.propensity);
}

CosineExamples TasteEvents::examples() const {
  CosineExamples examples{.count = list_.size(), .dim = space_.dim()};
  examples.fill = [this](std::span<const std::uint32_t> which, Matrix& users, Matrix& items, std::span<float> targets) {
    parallel_for(0, which.size(), 64, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) fill(list_[which[r]], users.row(r), items.row(r), targets[r]);
    });
  };
  if (!item_weights_.empty())
    examples.weight = [this](std::uint32_t e) { return item_weights_[to_index(data_.history(user_at(list_[e].user))[list_[e].touch].item)]; };
  return examples;
}

// sum (a + slope user) y and sum y of each user, so that one event can be taken out again.
void TasteEvents::sum_up() {
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

void TasteEvents::fill(const Event& event, std::span<float> user, std::span<float> item, float& target) const {
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
    const float share = static_cast<float>(1 / std::max(counts_[event.user] - 1 + static_cast<double>(users_.rule().pull), 1e-6));
    for (float& x : user) x *= share;
  } else {
    const auto before = history.first(event.touch);
    level = bias_.user(before);
    const std::vector<float> point = users_.point(before);
    std::copy(point.begin(), point.end(), user.begin());
  }
  target = static_cast<float>(rating - bias_.item_without(i, rating) - level);
}

std::vector<float> alphas_named(const std::string& name, const TextSpace& space, const CosineExamples& examples, const Run& run) {
  std::vector<float> alpha(space.dim(), 1.0f);
  if (name == "uniform" || examples.count == 0) return alpha;
  std::vector<float> spread = name == "even" ? product_spreads(examples, run) : spreads(space);
  double mean = 0;
  for (const float s : spread) mean += static_cast<double>(s) / static_cast<double>(spread.size());
  if (!(mean > 0)) return alpha;
  const double floor = 0.05 * mean;   // dimensions that say next to nothing are not blown up
  for (std::size_t k = 0; k < alpha.size(); ++k) {
    const double s = static_cast<double>(spread[k]), ratio = s / mean;
    if (name == "even") alpha[k] = static_cast<float>(1 / std::max(s, floor) / std::sqrt(static_cast<double>(alpha.size())));
    else alpha[k] = static_cast<float>(name == "variance" ? ratio * ratio : 1 / std::max(ratio * ratio, 0.01));
  }
  return alpha;
}

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

}  // namespace attune::model
