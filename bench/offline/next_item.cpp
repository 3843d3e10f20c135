// Next item, leave-one-out, full ranking: HR@10 and NDCG@10 of one model with given settings on a folder of sequences.
//   bench_next_item DATA [--model slist] [--part test] [--set lambda=100 ...] [--vectors e5=FILE.npy ...] [--seen-items-only]
//                   [--weightings "tfidf=8,e5=41;tfidf=16;"] [--w OUT.npy]
// TF-IDF of the items' texts is always there under the name tfidf. --weightings (slist) prints a line for each set of prior
// weights, from one inverse. --w writes W, to hold against another implementation's (compare_w.py).

#include <algorithm>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/model/linear_model.h"
#include "attune/model/slist.h"
#include "attune/model/text_prior.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

Json line_of(const Arguments& arguments, const data::Dataset& data, const Figures& figures) {
  Json line = Json::object();
  line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
  line["model"] = arguments.get("model", "slist");
  line["part"] = arguments.get("part", "test");
  line["users"] = figures.users;
  line["items"] = data.item_count();
  line["hr@10"] = rounded(figures.hr, 5);
  line["ndcg@10"] = rounded(figures.ndcg, 5);
  return line;
}

// Ranks of every case under each of many weightings of the terms of SLIST: W = behaviour + sum of weight x text. The terms of a
// case's scores are made once, so a weighting costs a few passes over the items.
std::vector<Figures> judge_weightings(const model::SlistTerms& terms, const data::Split& split, const model::InputRule& rule,
                                      const std::vector<std::vector<float>>& weightings, const Run& run) {
  const std::size_t items = split.train->item_count();
  std::vector<std::vector<double>> ranks(weightings.size(), std::vector<double>(split.cases.size()));
  parallel_for(0, split.cases.size(), 64, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> scores(items);
    for (std::size_t c = first; c < last; ++c) {
      Matrix parts(terms.texts.size() + 1, items);
      for (const Scored& in : model::input_row(rule, split.cases[c].input)) {
        axpy(in.score, terms.behaviour.row(to_index(in.item)), parts.row(0));
        for (std::size_t k = 0; k < terms.texts.size(); ++k) axpy(in.score, terms.texts[k].row(to_index(in.item)), parts.row(k + 1));
      }
      for (std::size_t w = 0; w < weightings.size(); ++w) {
        std::copy_n(parts.row(0).data(), items, scores.data());
        for (std::size_t k = 0; k < terms.texts.size(); ++k)
          if (weightings[w][k] != 0) axpy(weightings[w][k], parts.row(k + 1), scores);
        ranks[w][c] = mean_rank(scores, split.cases[c]);
      }
    }
  });
  std::vector<Figures> figures;
  for (const std::vector<double>& of_one : ranks) figures.push_back(figures_of(of_one));
  return figures;
}

// --weightings "tfidf=8,e5=41;tfidf=16;": a line each, from one inverse.
void sweep(const Arguments& arguments, const data::Split& split, Json settings, const Run& run) {
  std::vector<std::string> texts, features;
  const std::string list = arguments.get("weightings");
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(';', at), list.size());
    texts.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  for (const std::string& text : texts)
    for (const model::PriorWeight& prior : model::parse_priors(text))
      if (std::find(features.begin(), features.end(), prior.feature) == features.end()) features.push_back(prior.feature);
  std::vector<std::vector<float>> weightings;
  for (const std::string& text : texts) {
    weightings.emplace_back(features.size(), 0.0f);
    for (const model::PriorWeight& prior : model::parse_priors(text))
      weightings.back()[static_cast<std::size_t>(std::find(features.begin(), features.end(), prior.feature) - features.begin())] = prior.weight;
  }
  std::string priors;
  for (const std::string& feature : features) priors += (priors.empty() ? "" : ",") + feature + "=1";
  settings["priors"] = priors;
  const Clock clock;
  const model::SlistTerms terms = model::slist_terms(*split.train, settings, run);
  const double fit_seconds = clock.seconds();
  const auto number = [&](const char* name, double standard) {
    const Json* given = settings.find(name);
    return given == nullptr ? standard : std::stod(given->as_string());
  };
  const model::InputRule rule{.decay = static_cast<float>(number("decay", 0.8)), .window = static_cast<int>(number("window", 50))};
  const std::vector<Figures> figures = judge_weightings(terms, split, rule, weightings, run);
  for (std::size_t w = 0; w < texts.size(); ++w) {
    Json line = line_of(arguments, *split.train, figures[w]);
    settings["priors"] = texts[w];
    line["settings"] = settings;
    line["fit_seconds"] = rounded(fit_seconds, 2);
    emit("next_item_weightings", line);
  }
}

void write_weights(const model::Recommender& model, const std::string& path) {
  Matrix w(model.item_count(), model.item_count());
  for (std::size_t i = 0; i < w.rows(); ++i) {
    const Touch one{.item = item_at(i)};
    model.score_all({.history = {&one, 1}}, w.row(i));
  }
  write_npy(path, w);
}

void go(const Arguments& arguments) {
  const Run run{.memory_bytes = std::size_t{20} << 30};
  data::Dataset data = data::read_sequences(arguments.words.at(0), {.keep_unseen_items = arguments.all("seen-items-only").empty()});
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  for (const std::string& pair : arguments.all("vectors")) {
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), features);
  }
  const bool is_test = arguments.get("part", "test") == "test";
  const data::Split split = data::split_leave_one_out(data, Json(), {.part = is_test ? data::Part::test : data::Part::validation}, run);
  Json settings = settings_of(arguments.all("set"));
  if (!arguments.all("weightings").empty()) return sweep(arguments, split, settings, run);

  const Clock fitting;
  const auto model = engine::model_named(arguments.get("model", "slist")).fit(*split.train, settings, run);
  const double fit_seconds = fitting.seconds();
  const Clock asking;
  const Figures figures = judge(split.cases, data.item_count(), [&](const data::Case& asked, std::span<float> out) {
    model->score_all({.history = asked.input}, out);
  }, run);
  Json line = line_of(arguments, data, figures);
  line["settings"] = settings;
  line["fit_seconds"] = rounded(fit_seconds, 2);
  line["evaluate_seconds"] = rounded(asking.seconds(), 1);
  emit("next_item", line);
  if (const std::string path = arguments.get("w"); !path.empty()) write_weights(*model, path);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
