// Sequence transformers, leave-one-out, full ranking: training with the curve on stderr, HR@10 and NDCG@10 on validation and test.
//   bench_sequence DATA [--model bsarec] [--set dropout=.4 ...] [--vectors e5=FILE.npy ...] [--seed 42] [--save FILE | --load FILE] [--no-test] [--tfidf] [--seen-items-only]
// Early stopping and every choice look at validation alone; test is asked once, by the weights that were best there. The model
// learns from all but the last two events of each user; at test the validation event is input and not learned from.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "attune/core/bytes.h"
#include "attune/core/parallel.h"
#include "attune/data/sequences.h"
#include "attune/model/recommender.h"
#include "bench/offline/bench.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_sasrec(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_bsarec(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> load_sasrec(ByteReader& in);   // reads both
}  // namespace attune::model

namespace attune::bench {
namespace {

void put_figures(Json& line, const std::string& part, const model::Recommender& model, const data::Split& split, const Run& run) {
  const Figures figures = judge(split.cases, model.item_count(), [&](const data::Case& asked, std::span<float> out) {
    model.score_all({.history = asked.input, .user = asked.user}, out);
  }, run);
  line[part + "_hr@10"] = rounded(figures.hr, 5);
  line[part + "_ndcg@10"] = rounded(figures.ndcg, 5);
  line["users"] = figures.users;
}

void go(const Arguments& arguments) {
  const std::string name = arguments.get("model", "bsarec");
  double seconds_at_best = 0, best = 0, last_loss = 0;
  std::vector<double> wall, cpu;   // of each epoch's training
  const Clock since_start;
  std::clock_t epoch_began = std::clock();
  std::size_t epochs = 0;
  Run run{.seed = std::stoull(arguments.get("seed", "42")), .memory_bytes = std::size_t{10} << 30};
  run.curve = [&](std::string_view series, std::size_t step, double value) {
    if (series.ends_with("/loss")) {
      last_loss = value;
      cpu.push_back(static_cast<double>(std::clock() - epoch_began) / CLOCKS_PER_SEC);
    }
    if (series.ends_with("/seconds")) wall.push_back(value);
    if (!series.ends_with("/ndcg@10")) return;
    epochs = step;
    if (value > best) seconds_at_best = since_start.seconds();
    best = std::max(best, value);
    std::fprintf(stderr, "epoch %zu loss %.4f validation %.5f best %.5f at %.0f s\n", step, last_loss, value, best, since_start.seconds());
    epoch_began = std::clock();
  };
  const auto median = [](std::vector<double> xs) {
    std::sort(xs.begin(), xs.end());
    return xs.empty() ? 0.0 : xs[xs.size() / 2];
  };
  data::Dataset data = data::read_sequences(arguments.words.at(0), {.keep_unseen_items = arguments.all("seen-items-only").empty()});
  if (!arguments.all("tfidf").empty()) data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  for (const std::string& pair : arguments.all("vectors")) {
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), features);
  }
  const data::Split validation = data::split_leave_one_out(data, Json(), {.part = data::Part::validation}, run);
  data::Dataset train = *validation.train;
  train.with_held_out(std::make_shared<const std::vector<data::Case>>(validation.cases));
  const Clock fitting;
  const auto model = [&] {
    if (const std::string path = arguments.get("load"); !path.empty()) {
      ByteReader in(path);
      return model::load_sasrec(in);
    }
    return (name == "sasrec" ? model::fit_sasrec : model::fit_bsarec)(train, settings_of(arguments.all("set")), run);
  }();
  const double fit_seconds = fitting.seconds();
  Json line = Json::object();
  line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
  line["model"] = model->name();
  line["seed"] = static_cast<long long>(run.seed);
  line["items"] = data.item_count();
  put_figures(line, "validation", *model, validation, run);
  if (arguments.all("no-test").empty()) put_figures(line, "test", *model, data::split_leave_one_out(data, Json(), {.part = data::Part::test}, run), run);
  line["settings"] = model->settings();
  line["epochs_run"] = epochs;
  line["epoch_seconds"] = rounded(median(wall), 2);
  line["epoch_cpu_seconds"] = rounded(median(cpu), 2);
  line["seconds_at_best"] = rounded(seconds_at_best, 1);
  line["fit_seconds"] = rounded(fit_seconds, 1);
  if (const std::string path = arguments.get("save"); !path.empty()) {
    ByteWriter out(path);
    model->save(out);
    out.close();
  }
  emit("sequence", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
