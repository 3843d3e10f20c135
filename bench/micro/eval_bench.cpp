// How long a full-ranking evaluation takes: every metric, segments and intervals, for 22,363 users x 12,101 items.
//   bench_eval_bench [--threads N] [--data FOLDER [--model NAME]]
// Without a folder: a dense item-item matrix of random numbers and histories of that shop's lengths (1 to 50 items, 7.9 on
// average); with one (amazon-beauty): the real histories, vectors and fitted model. Prints one JSON line.
#include <cstdio>
#include <cstdlib>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"

namespace {

using namespace attune;

struct World {
  data::Split split;
  eval::Answerer answerer;
  data::ItemFeatures vectors;  // for diversity: 384 numbers an item, as sentence encoders give
  std::string what;
};

data::ItemFeatures random_vectors(std::size_t items) {
  data::ItemFeatures features{.dense = Matrix(items, 384)};
  Random random(11);
  for (float& v : features.dense.all()) v = static_cast<float>(random.normal());
  return features;
}

World synthetic(const Run& run) {
  constexpr std::size_t kUsers = 22363, kItems = 12101;
  Random random(run.seed);
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < kItems; ++i) items.push_back({.name = "i" + std::to_string(i)});
  std::vector<std::string> users;
  std::vector<std::vector<data::HistoryRow>> rows(kUsers);
  for (std::size_t u = 0; u < kUsers; ++u) {
    users.push_back("u" + std::to_string(u));
    const auto length = std::min<std::size_t>(50, 4 + static_cast<std::size_t>(-5.3 * std::log(1 - random.uniform())));
    for (std::size_t k = 0; k < length; ++k) {
      const double r = random.uniform();  // squared: some items are taken far more often than others
      rows[u].push_back({.touch = {item_at(static_cast<std::size_t>(r * r * kItems)), 1, static_cast<std::int64_t>(k)}});
    }
  }
  const data::Dataset data(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  World world{.split = data::split_leave_one_out(data, {}, {}, run), .vectors = random_vectors(kItems), .what = "random item-item matrix"};
  auto weights = std::make_shared<Matrix>(kItems, kItems);
  parallel_for(0, kItems, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      Random mine(i);
      for (float& w : weights->row(i)) w = static_cast<float>(mine.uniform());
    }
  });
  world.answerer.scores = [weights](const data::Case& asked, std::span<float> out) {
    std::fill(out.begin(), out.end(), 0.0f);
    float weight = 1;
    for (std::size_t k = asked.input.size(); k-- > 0; weight *= 0.8f) axpy(weight, weights->row(to_index(asked.input[k].item)), out);
  };
  return world;
}

World real(const std::string& folder, const std::string& model, const Run& run) {
  const data::Dataset data = data::read_sequences(folder);
  World world{.split = data::split_leave_one_out(data, {}, {}, run), .vectors = random_vectors(data.item_count()), .what = model + " on " + folder.substr(folder.find_last_of('/') + 1)};
  std::shared_ptr<const model::Recommender> fitted = engine::model_named(model).fit(*world.split.train, Json::object(), run);
  world.answerer = eval::answers_of(std::move(fitted));
  return world;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string folder, model = "slist";
  Run run{.seed = 42};
  for (int a = 1; a + 1 < argc; a += 2) {
    if (std::strcmp(argv[a], "--threads") == 0) run.threads = std::atoi(argv[a + 1]);
    else if (std::strcmp(argv[a], "--data") == 0) folder = argv[a + 1];
    else if (std::strcmp(argv[a], "--model") == 0) model = argv[a + 1];
  }
  const World world = folder.empty() ? synthetic(run) : real(folder, model, run);
  const eval::EvalOptions options{.vectors = &world.vectors};
  const eval::Evaluation result = eval::evaluate(world.split, world.answerer, options, run);
  Json line = Json::object();
  line["bench"] = "eval/full_ranking";
  line["what"] = world.what;
  line["cpu"] = kernel_name();
  line["threads"] = run.threads > 0 ? run.threads : core_count();
  line["users"] = result.users;
  line["items"] = result.items;
  line["figures"] = result.figures.size();
  line["segments"] = result.segments.size();
  line["bootstrap"] = options.bootstrap;
  line["seconds"] = result.seconds;
  line["ask_us"] = result.microseconds_per_user;
  line["peak_rss_mb"] = static_cast<double>(result.peak_rss_bytes) / 1e6;
  line["ndcg@10"] = result.at("ndcg@10");
  line["hr@10"] = result.at("hr@10");
  std::printf("%s\n", line.dump().c_str());
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "eval_bench: %s\n", e.what());
  return 1;
}
