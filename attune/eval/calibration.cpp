// Calibration: each user's scores boiled down to a fine histogram, from which every temperature is tried without scoring again.
#include "attune/eval/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "attune/core/parallel.h"
#include "attune/core/place.h"
#include "attune/core/random.h"
#include "attune/eval/bootstrap.h"

namespace attune::eval {
namespace {

constexpr double kWidth = 1.0 / 64;   // of a step of the histogram, in standard deviations of the user's scores
constexpr std::size_t kFewest = 100;   // users; of fewer no curve can be told from noise

struct Step {
  double z = 0;                // mean of the centred scores in it
  std::uint32_t n = 0;         // items
  float hits = 0;              // targets, each 1 / number of targets
};

// The scores of one user, the highest first.
struct Boiled {
  std::vector<Step> steps;
  bool is_usable() const noexcept { return !steps.empty(); }
};

Boiled boil(std::span<const float> scores, std::span<const ItemId> targets) {
  double sum = 0, squares = 0;
  std::size_t n = 0;
  for (const float s : scores)
    if (std::isfinite(s)) sum += s, ++n;
  if (n < 2) return {};
  const double mean = sum / static_cast<double>(n);
  for (const float s : scores)
    if (std::isfinite(s)) squares += (s - mean) * (s - mean);
  const double sd = std::sqrt(squares / static_cast<double>(n));
  if (!(sd > 1e-9 * std::max(1.0, std::abs(mean)))) return {};

  std::vector<std::pair<std::int64_t, ItemId>> order;   // by step
  order.reserve(n);
  const auto step_of = [&](float s) { return static_cast<std::int64_t>(std::floor((s - mean) / sd / kWidth)); };
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (std::isfinite(scores[i])) order.emplace_back(-step_of(scores[i]), item_at(i));
  std::sort(order.begin(), order.end());
  Boiled boiled;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || order[i].first != order[i - 1].first) boiled.steps.emplace_back();
    Step& step = boiled.steps.back();
    step.z += (scores[to_index(order[i].second)] - mean) / sd;
    ++step.n;
  }
  for (Step& step : boiled.steps) step.z /= step.n;
  for (const ItemId target : targets) {
    const float s = scores[to_index(target)];
    if (!std::isfinite(s)) return {};
    const std::size_t rank = static_cast<std::size_t>(std::lower_bound(order.begin(), order.end(), std::pair(-step_of(s), target)) - order.begin());
    std::size_t before = 0, at = 0;
    while (before + boiled.steps[at].n <= rank) before += boiled.steps[at++].n;
    boiled.steps[at].hits += 1.0f / static_cast<float>(targets.size());
  }
  return boiled;
}

// log of the sum of exp(beta z) over all items; z falls, so the first step is the largest.
double log_sum(const Boiled& user, double beta) {
  const double top = user.steps.front().z;
  double sum = 0;
  for (const Step& step : user.steps) sum += step.n * std::exp(beta * (step.z - top));
  return std::log(sum) + beta * top;
}

double log_loss(const Boiled& user, double beta) {
  double loss = log_sum(user, beta);
  for (const Step& step : user.steps) loss -= beta * step.hits * step.z;
  return loss;
}

// The beta = 1 / temperature of the least mean log loss. The loss is convex in beta, so that golden section on its logarithm finds it.
double best_beta(std::span<const Boiled> users, const Run& run) {
  const auto loss = [&](double log_beta) {
    run.check();
    double sum = 0;
    for (const Boiled& user : users) sum += log_loss(user, std::exp(log_beta));
    return sum;
  };
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.01), high = std::log(100.0);
  double a = high - golden * (high - low), b = low + golden * (high - low), at_a = loss(a), at_b = loss(b);
  while (high - low > 0.005) {
    if (at_a < at_b) {
      high = b, b = a, at_b = at_a;
      a = high - golden * (high - low), at_a = loss(a);
    } else {
      low = a, a = b, at_a = at_b;
      b = low + golden * (high - low), at_b = loss(b);
    }
  }
  return std::exp((low + high) / 2);
}

// One step of one user with the chance of each of its items.
struct Chance {
  double chance = 0;
  std::uint32_t user = 0, n = 0;
  float hits = 0;
};

std::vector<Chance> chances_of(std::span<const Boiled> users, std::span<const double> beta_of_half) {
  std::vector<Chance> list;
  for (std::size_t u = 0; u < users.size(); ++u) {
    const double beta = beta_of_half[u % 2], log_all = log_sum(users[u], beta);
    for (const Step& step : users[u].steps)
      list.push_back({std::exp(beta * step.z - log_all), static_cast<std::uint32_t>(u), step.n, step.hits});
  }
  std::sort(list.begin(), list.end(), [](const Chance& a, const Chance& b) { return a.chance != b.chance ? a.chance < b.chance : a.user < b.user; });
  return list;
}

void fill_bins(Calibration& result, std::span<const Chance> chances, const CalibrationOptions& options, const Run& run) {
  const std::size_t columns = options.bins;
  std::vector<CalibrationBin> bins(columns);
  std::vector<double> hits_of(result.users * columns, 0.0), mass(columns, 0.0);
  double given = 0;
  for (const Chance& one : chances) {
    const double share = given / static_cast<double>(result.users);
    const std::size_t b = std::min(static_cast<std::size_t>(share * static_cast<double>(columns)), columns - 1);
    given += one.chance * one.n;
    mass[b] += one.chance * one.n;
    bins[b].n += one.n;
    bins[b].hits += one.hits;
    hits_of[one.user * columns + b] += one.hits;
  }
  const auto spans = intervals(bootstrap_means(hits_of, columns, options.bootstrap, run), columns, options.confidence);
  for (std::size_t b = 0; b < columns; ++b) {
    CalibrationBin& bin = bins[b];
    if (bin.n == 0) continue;
    const double per_item = static_cast<double>(result.users) / static_cast<double>(bin.n);   // from a mean over users to a share of items
    bin.chance = mass[b] / static_cast<double>(bin.n);
    bin.share = bin.hits / static_cast<double>(bin.n);
    bin.low = options.bootstrap > 0 ? spans[b].low * per_item : bin.share;
    bin.high = options.bootstrap > 0 ? spans[b].high * per_item : bin.share;
    result.error += std::abs(mass[b] - bin.hits) / (2 * static_cast<double>(result.users));
    result.bins.push_back(bin);
  }
}

}  // namespace

Calibration calibrate(const data::Split& split, const ScoreFn& score, const CalibrationOptions& options, const Run& run) {
  std::vector<const data::Case*> cases;
  for (const data::Case& asked : split.cases)
    if (!asked.targets.empty()) cases.push_back(&asked);
  Random random(run.seed);
  random.shuffle(std::span(cases));
  cases.resize(std::min(cases.size(), options.users));
  std::vector<Boiled> boiled(cases.size());
  parallel_for(0, cases.size(), 16, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> scores(split.train->item_count());
    for (std::size_t c = first; c < last; ++c) {
      run.check();
      score(*cases[c], scores);
      places_of(scores, cases[c]->seen, cases[c]->targets);   // takes out what is seen, refuses what is not finite
      boiled[c] = boil(scores, cases[c]->targets);
    }
  });
  std::erase_if(boiled, [](const Boiled& one) { return !one.is_usable(); });
  Calibration result;
  if (boiled.size() < kFewest) return result;

  std::vector<Boiled> halves[2];
  for (std::size_t u = 0; u < boiled.size(); ++u) halves[u % 2].push_back(boiled[u]);
  const double learned[2] = {best_beta(halves[0], run), best_beta(halves[1], run)};
  const double judged_by[2] = {learned[1], learned[0]};
  result.users = boiled.size();
  result.temperature = 1 / std::sqrt(learned[0] * learned[1]);
  for (std::size_t u = 0; u < boiled.size(); ++u) result.log_loss += log_loss(boiled[u], judged_by[u % 2]) / static_cast<double>(boiled.size());
  fill_bins(result, chances_of(boiled, judged_by), options, run);
  return result;
}

Json Calibration::to_json() const {
  Json json = Json::object();
  json["users"] = users;
  json["temperature"] = temperature;
  json["error"] = error;
  json["log_loss"] = log_loss;
  json["bins"] = Json::array();
  for (const CalibrationBin& bin : bins) {
    Json one = Json::object();
    one["chance"] = bin.chance;
    one["share"] = bin.share;
    one["low"] = bin.low;
    one["high"] = bin.high;
    one["n"] = bin.n;
    one["hits"] = bin.hits;
    json["bins"].push_back(std::move(one));
  }
  return json;
}

}  // namespace attune::eval
