// Fusion on next-item sets, leave-one-out, full ranking: any set of models with frozen settings, weights learned on validation
// only, judged on test once.
//   bench_fusion DATA [--settings bench/offline/fusion.json] [--set-name NAME] [--vectors e5=FILE.npy ...] [--cache DIR]
//                [--load sasrec=FILE ...] [--only slist,item_knn] [--test] [--refit] [--seen-items-only] [--miss-seen] [--most 8000] [--dump FILE]
//                [--stack ENCODER]
// A model is fitted on all but the last two events of each user; its input at test is all but the last. With --cache a fit is kept
// under the name of its set, model and settings. --load takes a source from a file instead of fitting it. Without --test nothing of
// the test part is read. --refit asks test a second time, by sources fitted again with the validation events: same settings, as many
// epochs as were best, the weights of before. --miss-seen: targets that the user had before stay targets and stay masked (S3-Rec's Yelp).
// --most: so many validation users, evenly over all, learn the weights.
// --stack: trees on top (rank/learn_stack.h) with that encoder's vectors, cross-fitted on validation; asked of test where they did better there.
// --dump writes the validation cases as rank::score_case keeps them, to search for other fusions.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "attune/core/bytes.h"
#include "attune/core/parallel.h"
#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/core/whiten.h"
#include "attune/data/sequences.h"
#include "attune/engine/fused.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"
#include "attune/model/recommender.h"
#include "attune/rank/fusion_cases.h"
#include "attune/rank/learn_fusion.h"
#include "attune/rank/learn_stack.h"
#include "attune/rank/scores.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

std::unique_ptr<const model::Recommender> load(const std::string& model, const std::filesystem::path& file) {
  ByteReader in(file);
  return engine::model_named(model).load(in);
}

std::filesystem::path cache_file(const Arguments& arguments, const std::string& set, const std::string& model, const Json& settings) {
  const std::string folder = arguments.get("cache");
  if (folder.empty()) return {};
  std::filesystem::create_directories(folder);
  std::uint64_t hash = 1469598103934665603ull;   // FNV-1a
  for (const char c : settings.dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return std::filesystem::path(folder) / (set + "." + model + "." + name + ".bin");
}

struct Fitted {
  rank::Source source;
  double seconds = 0;
  Json settings;
};

// {"name": ..., "model": ..., "settings": {...}}, from a file, from the cache, or fitted now.
Fitted source_of(const Arguments& arguments, const std::string& set, const Json& wanted, const data::Dataset& train, const Run& run) {
  const std::string name = wanted.at("name").as_string();
  const std::string model = wanted.find("model") != nullptr ? wanted.at("model").as_string() : name;
  const Json settings = wanted.find("settings") != nullptr ? wanted.at("settings") : Json::object();
  Fitted fitted{.source = {.name = name, .model = nullptr}, .settings = settings};
  const Clock clock;
  for (const std::string& pair : arguments.all("load"))
    if (pair.substr(0, pair.find('=')) == name) fitted.source.model = load(model, pair.substr(pair.find('=') + 1));
  const std::filesystem::path cached = cache_file(arguments, set, model, settings);
  if (fitted.source.model == nullptr && !cached.empty() && std::filesystem::exists(cached)) fitted.source.model = load(model, cached);
  if (fitted.source.model != nullptr) return fitted;
  fitted.source.model = engine::model_named(model).fit(train, settings, run);
  fitted.seconds = clock.seconds();
  if (!cached.empty()) {
    ByteWriter out(cached);
    fitted.source.model->save(out);
    out.close();
  }
  return fitted;
}

// What to fit again with the validation events: what was given; of a model that stopped early, what it was and as many epochs as were best.
Json wanted_again(const Json& wanted, const model::Recommender& fitted) {
  Json again = wanted;
  const Json settings = fitted.settings();
  if (settings.find("epochs") == nullptr || settings.find("patience") == nullptr) return again;
  again["settings"] = settings;
  again["settings"]["patience"] = 0;
  return again;
}

// Of each case: history length, places, the target's place (-1 = masked), then ids and z [sources, places].
void dump(const std::string& path, const rank::World& world, const std::vector<rank::ScoredCase>& scored, const std::vector<data::Case>& cases) {
  std::ofstream out(path, std::ios::binary);
  const auto number = [&](std::int32_t v) { out.write(reinterpret_cast<const char*>(&v), sizeof v); };
  number(static_cast<std::int32_t>(world.sources.size()));
  number(static_cast<std::int32_t>(cases.size()));
  number(static_cast<std::int32_t>(world.item_count()));
  out.write(reinterpret_cast<const char*>(world.popularity->data()), static_cast<std::streamsize>(world.popularity->size() * sizeof(std::uint32_t)));
  for (std::size_t c = 0; c < cases.size(); ++c) {
    const rank::ScoredCase& one = scored[c];
    number(static_cast<std::int32_t>(cases[c].input.size()));
    number(static_cast<std::int32_t>(one.items.size()));
    number(one.targets.empty() ? -1 : static_cast<std::int32_t>(one.targets[0]));
    for (const std::size_t item : one.items) number(static_cast<std::int32_t>(item));
    out.write(reinterpret_cast<const char*>(one.z.data()), static_cast<std::streamsize>(one.z.size_bytes()));
  }
  if (!out) throw Error(Code::io, "could not write " + path);
}

// Places of the targets over all items, as a list would show them: fused, then by each source alone. [sources + 1][cases]
std::vector<std::vector<double>> places(const rank::World& world, const std::vector<data::Case>& cases, const Run& run) {
  std::vector<std::vector<double>> ranks(world.sources.size() + 1, std::vector<double>(cases.size()));
  parallel_for(0, cases.size(), 16, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> alone(world.item_count());
    for (std::size_t c = first; c < last; ++c) {
      rank::Request request;
      request.user_id = cases[c].user;
      request.history = cases[c].input;
      rank::Scores scores = rank::score_world(world, request, {.exact_below = world.item_count()});
      for (float& s : scores.fused) s = std::max(s, -1e30f);
      ranks[0][c] = mean_rank(scores.fused, cases[c]);
      for (std::size_t s = 0; s < world.sources.size(); ++s) {
        if (scores.mix.uses(s)) alone = scores.raw[s];
        else world.sources[s].model->score_all({.history = cases[c].input, .user = cases[c].user}, alone);
        ranks[s + 1][c] = mean_rank(alone, cases[c]);
      }
    }
  });
  return ranks;
}

double gain(double place) { return place > 10 ? 0 : 1 / std::log2(place + 1); }

// Half the width of the 95 % interval of the mean NDCG@10, by the spread over users.
Json figures_with_interval(const std::vector<double>& ranks) {
  const Figures figures = figures_of(ranks);
  double squares = 0;
  for (const double r : ranks) squares += (gain(r) - figures.ndcg) * (gain(r) - figures.ndcg);
  const double n = static_cast<double>(ranks.size());
  Json json = Json::object();
  json["hr@10"] = rounded(figures.hr, 5);
  json["ndcg@10"] = rounded(figures.ndcg, 5);
  json["hr_pm"] = rounded(1.96 * std::sqrt(figures.hr * (1 - figures.hr) / n), 5);
  json["ndcg_pm"] = rounded(1.96 * std::sqrt(squares / n / n), 5);
  return json;
}

Json judge_sources(const rank::World& world, const std::vector<data::Case>& cases, const Run& run) {
  Json judged = Json::object();
  const std::vector<std::vector<double>> ranks = places(world, cases, run);
  for (std::size_t s = 0; s < ranks.size(); ++s) judged[s == 0 ? "fused" : world.sources[s - 1].name] = figures_with_interval(ranks[s]);
  return judged;
}

// Evenly over the users.
void thin_out(std::vector<data::Case>& cases, std::size_t most) {
  if (cases.size() <= most) return;
  std::vector<data::Case> kept;
  for (std::size_t n = 0; n < most; ++n) kept.push_back(std::move(cases[n * cases.size() / most]));
  cases = std::move(kept);
}

std::string set_name(const Arguments& arguments) {
  return arguments.get("set-name", std::filesystem::path(arguments.words.at(0)).filename().string());
}

data::Dataset read_set(const Arguments& arguments) {
  data::Dataset data = data::read_sequences(arguments.words.at(0), {.keep_unseen_items = arguments.all("seen-items-only").empty()});
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  for (const std::string& pair : arguments.all("vectors")) {
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), features);
  }
  return data;
}

Json read_json(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw Error(Code::not_found, "cannot open " + path);
  std::stringstream text;
  text << in.rdbuf();
  return Json::parse(text.str(), path);
}

Json judge_refitted(const Arguments& arguments, const data::Dataset& data, data::SplitOptions options, const Json& parts,
                    const rank::LearnedFusion& learned, const rank::World& world, const Run& run) {
  options.refit_with_validation = true;
  const data::Split split = data::split_leave_one_out(data, Json(), options, run);
  Arguments fresh = arguments;
  std::erase_if(fresh.options, [](const auto& option) { return option.first == "load"; });
  std::vector<rank::Source> sources;
  for (std::size_t s = 0; s < world.sources.size(); ++s)
    sources.push_back(source_of(fresh, set_name(arguments) + ".refit", wanted_again(parts.as_array()[s], *world.sources[s].model), *split.train, run).source);
  rank::World again = rank::learning_world(sources, *split.train);
  again.weights = learned.weights;
  return judge_sources(again, split.cases, run);
}

// Trees on top of the fused score: what they are worth on users they did not learn from, and on test.
Json judge_stacked(const Arguments& arguments, const data::Dataset& data, data::Split& validation, rank::World world, const std::vector<rank::Source>& sources,
                   const data::SplitOptions& test, const Run& run) {
  Matrix vectors = Whitening::fit(data.features(arguments.get("stack"))->dense).apply(data.features(arguments.get("stack"))->dense);
  for (std::size_t i = 0; i < vectors.rows(); ++i) normalise(vectors.row(i));
  world.vectors = std::make_shared<const Matrix>(std::move(vectors));
  const rank::LearnedStack stack = rank::learn_stack(world, validation, run, validation.cases.size());
  Json json = Json::object();
  json["validation_fused"] = rounded(stack.ndcg_fused, 5);
  json["validation_stacked"] = rounded(stack.ndcg_stacked, 5);
  json["trees"] = stack.rounds;
  if (stack.stacker == nullptr || arguments.all("test").empty()) return json;
  eval::EvalOptions options{.ks = {10}, .metrics = {"hr", "ndcg"}, .segments = false};
  const data::Split asked = data::split_leave_one_out(data, Json(), test, run);
  const eval::Evaluation judged = eval::evaluate(asked, engine::fused_answers(*asked.train, sources, world.weights, stack.stacker, world.vectors), options, run);
  json["hr@10"] = rounded(judged.at("hr@10"), 5);
  json["ndcg@10"] = rounded(judged.at("ndcg@10"), 5);
  return json;
}

void go(const Arguments& arguments) {
  const Run run{.memory_bytes = std::size_t{20} << 30};
  const std::string set = set_name(arguments);
  const Json wanted = read_json(arguments.get("settings", "bench/offline/fusion.json")).at(set);
  const data::Dataset data = read_set(arguments);
  data::SplitOptions options{.part = data::Part::validation};
  if (!arguments.all("miss-seen").empty()) options.seen_targets = data::SeenTargets::miss;
  data::Split validation = data::split_leave_one_out(data, Json(), options, run);

  const std::vector<std::string> only = split_at(arguments.get("only"), ',');
  std::vector<rank::Source> sources;
  Json parts = Json::array();
  for (const Json& each : wanted.at("sources").as_array()) {
    if (!only.empty() && std::find(only.begin(), only.end(), each.at("name").as_string()) == only.end()) continue;
    Fitted fitted = source_of(arguments, set, each, *validation.train, run);
    Json part = each;
    part["fit_seconds"] = rounded(fitted.seconds, 1);
    parts.push_back(part);
    std::fprintf(stderr, "%s: %.1f s, %.0f MB\n", fitted.source.name.c_str(), fitted.seconds, static_cast<double>(fitted.source.model->size_bytes()) / 1e6);
    sources.push_back(std::move(fitted.source));
  }
  rank::World world = rank::learning_world(sources, *validation.train);
  if (const std::string most = arguments.get("most"); !most.empty()) thin_out(validation.cases, std::stoul(most));

  if (const std::string path = arguments.get("dump"); !path.empty()) {
    std::vector<rank::ScoredCase> scored(validation.cases.size());
    parallel_for(0, scored.size(), 16, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t c = first; c < last; ++c) scored[c] = rank::score_case(world, validation.cases[c]);
    });
    return dump(path, world, scored, validation.cases);
  }
  const Clock learning;
  const rank::LearnedFusion learned = rank::learn_fusion(sources, validation, run, {.most_cases = validation.cases.size()});
  Json line = Json::object();
  line["set"] = set;
  line["weights_from_users"] = validation.cases.size();
  line["items"] = data.item_count();
  line["sources"] = parts;
  line["learn_seconds"] = rounded(learning.seconds(), 1);
  line["weights"] = learned.weights.to_json();
  world.weights = learned.weights;
  line["validation"] = judge_sources(world, validation.cases, run);
  options.part = data::Part::test;
  if (!arguments.get("stack").empty()) line["stacked"] = judge_stacked(arguments, data, validation, world, sources, options, run);
  if (!arguments.all("test").empty()) line["test"] = judge_sources(world, data::split_leave_one_out(data, Json(), options, run).cases, run);
  if (!arguments.all("refit").empty()) line["test_refitted"] = judge_refitted(arguments, data, options, parts, learned, world, run);
  emit("fusion", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
