// Next item, leave-one-out, full ranking: HR@10 and NDCG@10 of one model with given settings on a folder of sequences.
//   bench_next_item DATA [--model slist] [--part test] [--set lambda=100 ...] [--vectors e5=FILE.npy ...] [--seen-items-only]
//                   [--sweep "tfidf=0,4,8;e5=0,20,41"] [--w OUT.npy] [--events-per-item 0]
// TF-IDF of the items' texts is always there under the name tfidf. --sweep (slist) prints a line a combination of prior weights,
// from one inverse. --w writes W, to hold against another implementation's (compare_w.py).
#include <cstdio>

#include "attune/core/kernels.h"
#include "attune/data/sequences.h"
#include "attune/model/recommender.h"
#include "attune/model/slist.h"
#include "bench/offline/bench.h"

namespace attune::model {
#define MODEL(name, about, source) \
  std::unique_ptr<const Recommender> fit_##name(const data::Dataset& data, const Json& params, const Run& run);
#include "attune/plugins.def"
}  // namespace attune::model

namespace attune::bench {
namespace {

std::unique_ptr<const model::Recommender> fit(const std::string& wanted, const data::Dataset& data, const Json& settings, const Run& run) {
#define MODEL(name, about, source) \
  if (wanted == #name) return model::fit_##name(data, settings, run);
#include "attune/plugins.def"
  throw Error(Code::bad_request, "no model '" + wanted + "'");
}

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

// One axis of a sweep: a feature and the weights to try.
struct Axis {
  std::string feature;
  std::vector<float> weights;
};

std::vector<Axis> axes_of(const std::string& text) {
  std::vector<Axis> axes;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size()), equals = text.find('=', at);
    if (equals >= end) throw Error(Code::bad_request, "--sweep wants NAME=W,W;NAME=W,W, got '" + text + "'");
    axes.push_back({.feature = text.substr(at, equals - at)});
    for (std::size_t w = equals + 1; w < end; w = text.find(',', w) < end ? text.find(',', w) + 1 : end)
      axes.back().weights.push_back(std::stof(text.substr(w)));
    at = end + 1;
  }
  return axes;
}

void sweep(const Arguments& arguments, const data::Split& split, Json settings, const Run& run) {
  const std::vector<Axis> axes = axes_of(arguments.get("sweep"));
  std::string priors;
  for (const Axis& axis : axes) priors += (priors.empty() ? "" : ",") + axis.feature + "=1";
  settings["priors"] = priors;
  const Clock clock;
  const model::SlistTerms terms = model::slist_terms(*split.train, settings, run);
  const double fit_seconds = clock.seconds();
  const auto probe = model::fit_item_knn(*split.train, settings_of({"decay=" + arguments.get("decay", "0.8"), "window=" + arguments.get("window", "50")}), run);
  std::vector<std::size_t> place(axes.size(), 0);
  for (;;) {
    std::string chosen;
    std::vector<float> weights;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      weights.push_back(axes[a].weights[place[a]]);
      char text[64];
      std::snprintf(text, sizeof text, "%s%s=%g", a == 0 ? "" : ",", axes[a].feature.c_str(), static_cast<double>(weights[a]));
      chosen += text;
    }
    const Figures figures = judge(split.cases, split.train->item_count(), [&](const data::Case& asked, std::span<float> out) {
      std::fill(out.begin(), out.end(), 0.0f);
      for (const Scored& in : probe->input({.history = asked.input})) {
        axpy(in.score, terms.behaviour.row(to_index(in.item)), out);
        for (std::size_t a = 0; a < axes.size(); ++a) axpy(in.score * weights[a], terms.texts[a].row(to_index(in.item)), out);
      }
    }, run);
    Json line = line_of(arguments, *split.train, figures);
    settings["priors"] = chosen;
    line["settings"] = settings;
    line["fit_seconds"] = rounded(fit_seconds, 1);
    emit("next_item_sweep", line);
    std::size_t a = 0;
    while (a < axes.size() && ++place[a] == axes[a].weights.size()) place[a++] = 0;
    if (a == axes.size()) return;
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
  if (!arguments.get("sweep").empty()) return sweep(arguments, split, settings, run);

  const Clock fitting;
  const auto model = fit(arguments.get("model", "slist"), *split.train, settings, run);
  const double fit_seconds = fitting.seconds();
  const Clock asking;
  const Figures figures = judge(split.cases, data.item_count(), [&](const data::Case& asked, std::span<float> out) {
    model->score_all({.history = asked.input}, out);
  }, run);
  Json line = line_of(arguments, data, figures);
  line["settings"] = settings;
  line["fit_seconds"] = rounded(fit_seconds, 1);
  line["evaluate_seconds"] = rounded(asking.seconds(), 1);
  emit("next_item", line);
  if (const std::string path = arguments.get("w"); !path.empty()) write_weights(*model, path);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) try {
  attune::bench::go(attune::bench::Arguments(argc, argv));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_next_item: %s\n", e.what());
  return 1;
}
