// Fit: the steps from log to snapshot, each timed and recorded.
#include "attune/engine/fit.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/process.h"
#include "attune/core/random.h"
#include "attune/data/splits/deal.h"
#include "attune/engine/doctor.h"
#include "attune/engine/fused.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"
#include "attune/rank/fusion_cases.h"
#include "attune/rank/learn_fusion.h"
#include "attune/rank/learn_stack.h"

namespace attune::engine {
namespace {

// Seconds of each step, in order, into the record.
class Steps {
 public:
  explicit Steps(Json& record) : record_(record) { record_["steps"] = Json::array(); }
  void done(const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    Json step = Json::object();
    step["what"] = what;
    step["seconds"] = std::chrono::duration<double>(now - last_).count();
    step["peak_rss_mb"] = static_cast<unsigned long long>(peak_rss_bytes() >> 20);
    record_["steps"].push_back(std::move(step));
    last_ = now;
  }

 private:
  Json& record_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

std::vector<rank::Source> fit_sources(const data::Dataset& data, const Settings& settings, const Run& run) {
  std::vector<rank::Source> sources;
  for (std::size_t i = 0; i < settings.models.size(); ++i) {
    run.report("fitting " + settings.models[i], i, settings.models.size());
    rank::Source source = fit_source(settings.models[i], data, settings, run);
    const auto same = [&](const rank::Source& s) { return s.name == source.name; };
    if (std::none_of(sources.begin(), sources.end(), same)) sources.push_back(std::move(source));
  }
  run.report("fitting", settings.models.size(), settings.models.size());
  return sources;
}

// At most `most` cases, drawn by the seed, in their order.
void sample_cases(data::Split& split, std::size_t most, std::uint64_t seed) {
  if (split.cases.size() <= most) return;
  std::vector<std::size_t> order(split.cases.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(seed);
  random.shuffle(std::span<std::size_t>(order));
  order.resize(most);
  std::sort(order.begin(), order.end());
  std::vector<data::Case> kept;
  for (const std::size_t i : order) kept.push_back(std::move(split.cases[i]));
  split.cases = std::move(kept);
}

Json figures(const std::string& name, const eval::Evaluation& evaluation) {
  Json json = Json::object();
  json["model"] = name;
  json["users"] = static_cast<unsigned long long>(evaluation.users);
  for (const eval::Figure& figure : evaluation.figures) {
    json[figure.name]["mean"] = figure.mean;
    json[figure.name]["low"] = figure.low;
    json[figure.name]["high"] = figure.high;
  }
  return json;
}

// Every source, the fused list and, where trees were learned, the stacked one, judged on `split`.
Json judge(const data::Split& split, const std::vector<rank::Source>& sources, const rank::FusionWeights& weights,
           std::shared_ptr<const rank::Stacker> stacker, std::shared_ptr<const Matrix> vectors, const Run& run) {
  Json rows = Json::array();
  eval::EvalOptions options;
  options.ks = {10};
  options.segments = false;
  options.metrics = {"hr", "ndcg", "recall", "mrr", "coverage"};
  for (const rank::Source& source : sources)
    rows.push_back(figures(source.name, eval::evaluate(split, eval::answers_of(source.model), options, run)));
  rows.push_back(figures("fused", eval::evaluate(split, fused_answers(*split.train, sources, weights), options, run)));
  if (stacker != nullptr)
    rows.push_back(figures("stacked", eval::evaluate(split, fused_answers(*split.train, sources, weights, stacker, vectors), options, run)));
  return rows;
}

constexpr double kMostlyBaskets = 0.5;    // share of held-out events with the time of the event before
constexpr std::size_t kFewCases = 50;

// How a fit learns and judges. Auto: the last event of each history; where most events come in baskets, the last basket, and
// ties of time are put in random order everywhere, since the order within a basket foretells nothing (Online Retail,
// validation: SLIST's NDCG@10 of the next basket .064 in file order, .080 shuffled).
struct Plan {
  const SplitPlugin* split = nullptr;
  data::SplitOptions options;
  data::Split validation;
};
Plan plan_of(const data::Dataset& data, const std::string& wanted, const Run& run) {
  Plan plan{&split_named(wanted == "auto" ? "leave_one_out" : wanted), {.part = data::Part::validation}, {}};
  plan.validation = plan.split->split(data, Json(), plan.options, run);
  if (wanted != "auto" || plan.validation.tied_share <= kMostlyBaskets) return plan;
  Plan baskets{&split_named("session"), {.part = data::Part::validation, .shuffle_ties = true}, {}};
  baskets.validation = baskets.split->split(data, Json(), baskets.options, run);
  return baskets.validation.cases.size() < kFewCases ? std::move(plan) : std::move(baskets);
}

void check_enough(const data::Dataset& data) {
  std::size_t users = 0, items = 0;
  for (std::size_t u = 0; u < data.user_count(); ++u) users += data.interactions().row_size(u) > 0 ? 1 : 0;
  for (const std::uint32_t n : data.popularity()) items += n > 0 ? 1 : 0;
  if (users < 2 || items < 2)
    throw Error(Code::bad_data, "there is too little to learn from: " + std::to_string(users) + " users and " + std::to_string(items) +
                                    " items have events that count, at least 2 of each are needed; import events first (attune import FILE)");
}

// What the held-out parts taught. Weights of no source: nothing could be held out, all models count the same.
struct Learned {
  rank::FusionWeights weights;
  std::shared_ptr<const rank::Stacker> stacker = nullptr;   // [fit] stacking, where it helps
  std::map<std::string, Json, std::less<>> stopped;   // settings of the models that stopped early: the fit on everything has nothing to stop by
  bool shuffle_ties = false;   // as in Plan: the fit on everything has to do the same
};
// Models fitted on the training part give the fusion weights on the validation part and the recorded figures on the test part.
Learned learn_and_judge(const data::Dataset& data, const Settings& settings, std::shared_ptr<const Matrix> vectors, const Run& run, Steps& steps, Json& record) {
  Plan plan;
  try {
    plan = plan_of(data, settings.fit.split, run);
  } catch (const Error& e) {   // the first days of a shop: nobody has a history that could be cut
    if (e.code() != Code::bad_data || settings.fit.split != "auto") throw;
    run.remark("histories are too short to hold anything out: models are not judged and all count the same");
    return {};
  }
  data::Split& validation = plan.validation;
  const auto most = static_cast<std::size_t>(std::max(settings.fit.evaluate_users, 1));
  sample_cases(validation, most, run.seed);
  data::hold_out(validation, validation);
  const std::vector<rank::Source> trained = fit_sources(*validation.train, settings, run);
  steps.done("fit on the training part");
  rank::LearnedFusion learned = rank::learn_fusion(trained, validation, run);
  record["validation"]["ndcg@10"] = learned.ndcg;
  for (std::size_t s = 0; s < trained.size(); ++s) record["validation"][trained[s].name] = learned.ndcg_alone[s];
  steps.done("learn the fusion weights");
  rank::LearnedStack stack;
  if (settings.fit.stacking) {
    rank::World world = rank::learning_world(trained, *validation.train);
    world.weights = learned.weights;
    world.vectors = vectors;
    stack = rank::learn_stack(world, validation, run);
    record["stacking"]["fused"] = stack.ndcg_fused;
    record["stacking"]["cross_fitted"] = stack.ndcg_stacked;
    record["stacking"]["trees"] = stack.rounds;
    steps.done("learn the stacking");
  }
  plan.options.part = data::Part::test;
  data::Split test = plan.split->split(data, Json(), plan.options, run);
  sample_cases(test, most, run.seed + 1);
  record["test"] = judge(test, trained, learned.weights, stack.stacker, vectors, run);
  record["split"] = test.name;
  record["tied_share"] = test.tied_share;
  steps.done("judge on the test part");
  Learned result{.weights = std::move(learned.weights), .stacker = std::move(stack.stacker), .shuffle_ties = plan.options.shuffle_ties};
  for (const rank::Source& source : trained)
    if (Json kept = source.model->settings(); kept.find("patience") != nullptr) result.stopped[source.name] = std::move(kept);
  return result;
}

// Where only events name the items and most names are words ("Red Mug", 红色的壶), not codes, they are read like texts.
bool mostly_words(std::span<const data::CatalogueItem> items) {
  const auto is_words = [](const std::string& name) {
    const auto letters = std::count_if(name.begin(), name.end(), [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; });
    const bool is_several = name.find(' ') != std::string::npos || static_cast<unsigned char>(name.front()) >= 0xe0;
    return is_several && 2 * letters > static_cast<std::ptrdiff_t>(name.size());
  };
  const auto wordy = std::count_if(items.begin(), items.end(), [&](const data::CatalogueItem& item) { return !item.name.empty() && is_words(item.name); });
  return 2 * static_cast<std::size_t>(wordy) > items.size();
}

}  // namespace

data::Dataset read_dataset(const data::Store& store, const Settings& settings, const std::string& cache_folder, const Run& run,
                           std::vector<Reading>* readings) {
  data::Dataset data = data::build(store, {.types = settings.events});
  std::vector<std::string> texts;
  for (const data::CatalogueItem& item : data.catalogue().items()) texts.push_back(item.text);
  const auto has_text = [](const std::string& t) { return !t.empty(); };
  if (std::none_of(texts.begin(), texts.end(), has_text) && mostly_words(data.catalogue().items()))
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = data.catalogue().item(item_at(i)).name;
  const bool any_text = std::any_of(texts.begin(), texts.end(), has_text);
  if (!any_text && !texts.empty() && !settings.encoders.empty()) run.remark("no item has a text, so nothing is read; import items with a text column");
  Scripts scripts;
  for (const std::string& text : texts) scripts.add(text);
  if (const std::string unread = scripts.problem(settings); !unread.empty()) run.remark(unread);
  for (const std::string& name : any_text ? settings.encoders : std::vector<std::string>{}) {
    const EncoderPlugin& plugin = encoder_named(name);
    std::shared_ptr<const encode::Encoder> encoder = plugin.make(texts, settings.of_plugin(name), run);
    auto features = std::make_shared<data::ItemFeatures>();
    if (encoder->is_sparse())
      *features = encoder->encode(texts, run);
    else
      features->dense = encode::item_vectors(*encoder, texts, cache_folder, run);
    data.with_features(name, features);
    if (readings != nullptr) readings->push_back({encoder, features});
  }
  return data;
}

rank::Source fit_source(const std::string& name, const data::Dataset& data, const Settings& settings, const Run& run) {
  Run mine = run;
  mine.memory_bytes = settings.memory_bytes();
  const auto fit_by = [&](const std::string& plugin) -> rank::Source {
    return {plugin, std::shared_ptr<const model::Recommender>(model_named(plugin).fit(data, settings.of_plugin(plugin), mine))};
  };
  try {
    return fit_by(name);
  } catch (const NeedsMoreMemory& e) {
    if (name == "ials") throw;
    run.remark("instead of " + name + ", ials is fitted: " + e.what());
  }
  return fit_by("ials");
}

FitReport fit(const Workspace& workspace, const Settings& settings, const Run& run) {
  const Workspace::Lock lock = workspace.lock_for_fit();
  drop_unfinished(workspace.snapshots_path());  // first, they may be what fills the disk
  FitReport report;
  Json& record = report.record;
  record = Json::object();
  record["settings"] = to_json(settings);
  record["blas"] = blas_name();
  record["kernels"] = kernel_name();
  Steps steps(record);
  Run mine = run;
  mine.seed = static_cast<std::uint64_t>(settings.fit.seed);
  mine.memory_bytes = settings.memory_bytes();

  const std::unique_ptr<data::Store> store = workspace.store();
  std::vector<Reading> readings;
  const data::Dataset data = read_dataset(*store, settings, workspace.vectors_path().string(), mine, &readings);
  check_enough(data);
  record["users"] = static_cast<unsigned long long>(data.user_count());
  record["items"] = static_cast<unsigned long long>(data.item_count());
  record["events"] = static_cast<unsigned long long>(data.event_count());
  steps.done("read");

  Snapshot snapshot;
  snapshot.reader = std::make_shared<const Reader>(std::move(readings));
  snapshot.vectors = diversity_vectors(*snapshot.reader);
  Learned learned;
  if (settings.fit.evaluate) learned = learn_and_judge(data, settings, snapshot.vectors, mine, steps, record);
  snapshot.weights = std::move(learned.weights);
  snapshot.stacker = std::move(learned.stacker);
  Settings final_settings = settings;
  for (auto& [name, kept] : learned.stopped) final_settings.plugin[name] = std::move(kept);
  snapshot.sources = fit_sources(*data::ordered(data, {.shuffle_ties = learned.shuffle_ties}, mine), final_settings, mine);
  steps.done("fit on everything");
  if (snapshot.weights.sources.size() != snapshot.sources.size()) {
    std::vector<std::string> names;
    for (const rank::Source& source : snapshot.sources) names.push_back(source.name);
    snapshot.weights = rank::FusionWeights::equal(std::move(names));
  }
  rank::World fitted;
  fitted.sources = snapshot.sources;
  fitted.vectors = snapshot.vectors;
  if (snapshot.stacker != nullptr && snapshot.stacker->features() != rank::stack_features(fitted)) snapshot.stacker = nullptr;   // other models than it knows
  snapshot.catalogue = data.shared_catalogue();
  snapshot.until = data.until();
  snapshot.popularity = std::make_shared<const std::vector<std::uint32_t>>(data.popularity().begin(), data.popularity().end());
  seal(snapshot, record, workspace.snapshots_path());
  prune(workspace.snapshots_path(), settings.fit.keep_snapshots);
  report.snapshot = snapshot.name;
  return report;
}

}  // namespace attune::engine
