// Exposure bias where the truth is known: people who like films with known chances, shown films with known chances (popular ones more),
// clicks = liked and shown. What a model is worth to people shown everything, against what clicks say of it: naively, and weighed by 1 /
// propensity; and what training on clicks learns, naively and weighed.
//   bench_exposure_simulation MOVIELENS_100K [--seeds 5] [--first-seed 1] [--power .7] [--shuffled] --model NAME [--set k=v ...] [--known] [--model ...]
// --set and --known belong to the model before them; --known: its events weigh 1 / propensity (known here; for models that read weights).
// --shuffled: the chances to be shown are dealt to the films at random, so that what is shown much is no better than the rest.
// Chances to like: user + item bias and the 20 strongest directions of what is left of the ratings (u.data), spread over .7 stars, a
// logistic curve around 4.5 stars. Chances to be shown: (ratings / most)^power, at least .1, for training and test alike; both drawn apart. Test asks
// for films that were not clicked in training. truth: sum of chances to like of the first 10 / sum of all; clicks estimate the same.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/data/text_file.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"
#include "attune/model/rating.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

constexpr std::size_t kUsers = 943, kItems = 1682, kDirections = 20;
constexpr double kCentre = 4.5, kSteepness = 3, kTasteSpread = 0.7, kLeastShown = 0.1;

struct World {
  Matrix likes;                   // [users, items] chances
  std::vector<float> shown;       // [items] chances
};

data::Dataset ratings_of(const std::string& path) {
  std::vector<std::vector<data::HistoryRow>> rows(kUsers);
  data::Lines lines(path);
  for (std::string_view line; lines.next(line);) {
    unsigned user = 0, item = 0, stars = 0;
    if (std::sscanf(std::string(line).c_str(), "%u\t%u\t%u", &user, &item, &stars) == 3)
      rows[user - 1].push_back({.touch = {.item = item_at(item - 1), .weight = static_cast<float>(stars)}});
  }
  std::vector<data::CatalogueItem> items(kItems);
  for (std::size_t i = 0; i < kItems; ++i) items[i].name = std::to_string(i + 1);
  std::vector<std::string> users;
  for (std::size_t u = 0; u < kUsers; ++u) users.push_back(std::to_string(u + 1));
  return data::Dataset(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
}

World world_of(const data::Dataset& ratings, double power, bool is_shuffled) {
  const model::RatingBias bias(ratings, 3, 5);
  Matrix left(kUsers, kItems);
  std::vector<double> level(kUsers);
  for (std::size_t u = 0; u < kUsers; ++u) {
    const auto history = ratings.history(user_at(u));
    level[u] = bias.user(history);
    for (const Touch& touch : history)
      left(u, to_index(touch.item)) = static_cast<float>(static_cast<double>(touch.weight) - bias.item(to_index(touch.item)) - level[u]);
  }
  Matrix square = multiply(left, left, {.transpose_b = true});
  eigen_symmetric(square);   // columns, the strongest last
  Matrix strongest(kUsers, kDirections);
  for (std::size_t u = 0; u < kUsers; ++u)
    for (std::size_t k = 0; k < kDirections; ++k) strongest(u, k) = square(u, kUsers - 1 - k);
  const Matrix taste = multiply(strongest, multiply(strongest, left, {.transpose_a = true}));
  double squares = 0;
  for (const float x : taste.all()) squares += static_cast<double>(x * x);
  const double scale = kTasteSpread / std::sqrt(squares / static_cast<double>(taste.size()));   // unrated films pulled it to zero
  World world{.likes = Matrix(kUsers, kItems), .shown = std::vector<float>(kItems)};
  for (std::size_t u = 0; u < kUsers; ++u)
    for (std::size_t i = 0; i < kItems; ++i) {
      const double rating = bias.item(i) + level[u] + scale * static_cast<double>(taste(u, i));
      world.likes(u, i) = static_cast<float>(1 / (1 + std::exp(-kSteepness * (rating - kCentre))));
    }
  const double most = *std::max_element(ratings.popularity().begin(), ratings.popularity().end());
  for (std::size_t i = 0; i < kItems; ++i) world.shown[i] = static_cast<float>(std::max(kLeastShown, std::pow(ratings.popularity()[i] / most, power)));
  Random random(7);
  if (is_shuffled) random.shuffle(std::span(world.shown));
  return world;
}

data::Split clicks_of(const World& world, const data::Dataset& ratings, std::uint64_t seed, bool weighs) {
  std::vector<std::vector<data::HistoryRow>> rows(kUsers);
  data::Split split{.name = "clicks"};
  for (std::size_t u = 0; u < kUsers; ++u) {
    Random random(seed * 1000003 + u);
    data::Case asked{.user = user_at(u)};
    std::vector<std::uint32_t> order(kItems);
    for (std::size_t i = 0; i < kItems; ++i) order[i] = static_cast<std::uint32_t>(i);
    random.shuffle(std::span(order));
    std::vector<std::uint8_t> clicked(kItems);
    for (const std::uint32_t i : order) {
      const double chance = static_cast<double>(world.likes(u, i) * world.shown[i]);
      if (random.uniform() >= chance) continue;
      clicked[i] = 1;
      const Touch touch{.item = item_at(i), .weight = weighs ? 1 / world.shown[i] : 1.0f};
      rows[u].push_back({.touch = touch});
      asked.input.push_back(touch);
    }
    for (std::size_t i = 0; i < kItems; ++i) {
      if (clicked[i] != 0) asked.seen.push_back(item_at(i));
      else if (random.uniform() < static_cast<double>(world.likes(u, i) * world.shown[i])) asked.targets.push_back(item_at(i));
    }
    split.cases.push_back(std::move(asked));
  }
  split.train = std::make_shared<const data::Dataset>(ratings.shared_catalogue(), std::move(rows));
  return split;
}

// What the first ten are worth to people shown everything: share of all that they would like.
double truth_of(const World& world, const data::Split& split, const model::Recommender& model, const Run& run) {
  std::vector<double> found(kUsers), all(kUsers);
  parallel_for(0, kUsers, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) {
      const data::Case& asked = split.cases[u];
      for (const Scored& hit : model.recommend({.history = asked.input, .exclude = asked.seen, .k = 10, .user = asked.user}))
        found[u] += static_cast<double>(world.likes(u, to_index(hit.item)));
      for (const float chance : world.likes.row(u)) all[u] += static_cast<double>(chance);
      for (const ItemId seen : asked.seen) all[u] -= static_cast<double>(world.likes(u, to_index(seen)));
    }
  });
  double a = 0, b = 0;
  for (std::size_t u = 0; u < kUsers; ++u) a += found[u], b += all[u];
  return a / b;
}

struct Measured {
  double truth = 0, naive = 0, by_known = 0, by_popularity = 0;
};

Measured measure(const World& world, const data::Split& split, const std::shared_ptr<const model::Recommender>& model, float power, const Run& run) {
  const auto figure = [&](const eval::Debias& debias) {
    const eval::EvalOptions options{.ks = {10}, .metrics = {"recall"}, .bootstrap = 0, .segments = false, .debias = debias};
    return eval::evaluate(split, eval::answers_of(model), options, run).at("debiased_hr@10");
  };
  const std::vector<float> alike(kItems, 1.0f);
  return {.truth = truth_of(world, split, *model, run), .naive = figure({.known = alike}), .by_known = figure({.known = world.shown}),
          .by_popularity = figure({.power = power, .clip = static_cast<float>(kLeastShown)})};
}

void go(const Arguments& arguments) {
  const double power = std::stod(arguments.get("power", "0.7"));
  const int seeds = std::stoi(arguments.get("seeds", "5")), first_seed = std::stoi(arguments.get("first-seed", "1"));
  const data::Dataset ratings = ratings_of(arguments.words.at(0) + "/u.data");
  const bool is_shuffled = !arguments.all("shuffled").empty();
  const World world = world_of(ratings, power, is_shuffled);
  struct Asked {
    std::string name;
    std::vector<std::string> sets;
    bool is_known = false;
  };
  std::vector<Asked> models;
  for (const auto& [key, value] : arguments.options) {
    if (key == "model") models.push_back({value, {}});
    if (key == "set") models.back().sets.push_back(value);
    if (key == "known") models.back().is_known = true;
  }
  for (const auto& [name, sets, is_known] : models) {
    std::vector<Measured> all;
    double clicks = 0;
    for (int seed = first_seed; seed < first_seed + seeds; ++seed) {
      const Run run{.seed = static_cast<std::uint64_t>(seed)};
      const data::Split split = clicks_of(world, ratings, static_cast<std::uint64_t>(seed), is_known);
      clicks += static_cast<double>(split.train->event_count()) / seeds;
      const std::shared_ptr<const model::Recommender> model = engine::model_named(name).fit(*split.train, settings_of(sets), run);
      all.push_back(measure(world, split, model, static_cast<float>(power), run));
    }
    Json line = Json::object();
    line["set"] = "movielens-100k, simulated";
    line["model"] = name;
    line["settings"] = settings_of(sets);
    line["weighed"] = is_known ? "by known propensity" : "no";
    line["shown"] = is_shuffled ? "at random" : "by popularity";
    line["seeds"] = std::to_string(first_seed) + ".." + std::to_string(first_seed + seeds - 1);
    line["clicks"] = rounded(clicks, 0);
    const auto put = [&](const std::string& field, double Measured::*value) {
      double mean = 0, squares = 0;
      for (const Measured& m : all) mean += m.*value / static_cast<double>(all.size());
      for (const Measured& m : all) squares += (m.*value - mean) * (m.*value - mean);
      line[field] = rounded(mean, 5);
      line[field + " sd"] = rounded(std::sqrt(squares / std::max<double>(1, static_cast<double>(all.size()) - 1)), 5);
      double bias = 0;
      for (const Measured& m : all) bias += (m.*value - m.truth) / m.truth / static_cast<double>(all.size());
      if (field != "truth") line[field + " relative bias"] = rounded(bias, 4);
    };
    put("truth", &Measured::truth);
    put("naive", &Measured::naive);
    put("snips", &Measured::by_known);
    put("snips by clicks", &Measured::by_popularity);
    emit("exposure_simulation", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
