// Tuning that shares: trials of EASE and SLIST with text priors on one set, each on its own and all by way of one memo.
//   bench_tune_share DATA [--trials 15] [--vectors e5=FILE.npy] [--memo-gb 4] [--alone 2]
// A line: seconds of the whole tuning, of one inverse, of fits on their own (the trials of --alone are fitted again without a
// memo, and their figures must agree), and how many such solves the tuning took.
#include <cmath>
#include <cstdio>

#include "attune/core/linear_algebra.h"
#include "attune/core/memo.h"
#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/eval/tune.h"
#include "attune/model/gram.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

eval::Tunable tunable(const std::string& name, const std::string& priors) {
  eval::Tunable model{.name = name, .space = eval::parse_space(eval::usual_space(name)), .cheap = eval::cheap_settings(name)};
  if (!priors.empty()) model.space.push_back(eval::parse_choice(priors));
  model.start["split"] = false;
  for (const Setting& setting : engine::model_named(name).settings()) model.standard[setting.name] = setting.standard;
  model.fit = [name](const data::Dataset& train, const Json& settings, const Run& run) {
    return eval::answers_of(engine::model_named(name).fit(train, settings, run));
  };
  return model;
}

double seconds_of_inverse(const data::Dataset& data, const Run& run) {
  Matrix g = model::set_gram(data, run);
  for (std::size_t i = 0; i < g.rows(); ++i) g(i, i) += 100;
  const Clock clock;
  invert_spd(g, "the bench's matrix");
  return clock.seconds();
}

void go(const Arguments& arguments) {
  const Run run{.memory_bytes = std::size_t{10} << 30};
  data::Dataset data = data::read_sequences(arguments.words.at(0), {.keep_unseen_items = true});
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  std::string priors = "priors=none|tfidf=2..64";
  for (const std::string& pair : arguments.all("vectors")) {
    const std::string name = pair.substr(0, pair.find('='));
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    data.with_features(name, features);
    priors += "|" + name + "=10..160|tfidf=2..64," + name + "=10..160";
  }
  const data::Split split = data::split_leave_one_out(data, Json(), {.part = data::Part::validation}, run);
  const int trials = std::stoi(arguments.get("trials", "15"));
  const eval::TuneOptions options{.trials = trials, .memo_bytes = static_cast<std::size_t>(std::stod(arguments.get("memo-gb", "4")) * (1u << 30))};
  const std::vector<eval::Tunable> models = {tunable("ease", priors), tunable("slist", priors)};

  const double inverse_seconds = seconds_of_inverse(*split.train, run);
  const Clock tuning;
  double eval_seconds = 0;
  const eval::Tuned tuned = eval::tune(split, models, options, run, [&](const eval::Trial& trial) {
    eval_seconds += trial.eval_seconds;
    std::fprintf(stderr, "%6.1f s  %-6s %5.1f s fit %5.1f s judge  %.5f  %s\n", tuning.seconds(), trial.model.c_str(), trial.fit_seconds, trial.eval_seconds,
                 trial.figure.mean, trial.settings.dump().c_str());
  });
  const double tune_seconds = tuning.seconds();

  double alone_seconds = 0, largest_difference = 0;
  int alone = 0;
  for (const eval::Tunable& model : models)
    for (int n = 0; n < std::stoi(arguments.get("alone", "2")); ++n) {
      // From the end: the last of a group, whose terms were all there.
      const eval::Trial* trial = nullptr;
      for (const eval::Trial& one : tuned.trials)
        if (one.model == model.name && one.number + 1 + 2 * static_cast<std::size_t>(n) == static_cast<std::size_t>(trials)) trial = &one;
      if (trial == nullptr) continue;
      eval::Tunable same = model;
      same.space.clear();
      same.start = trial->settings;
      const eval::Tuned again = eval::tune(split, {same}, {.trials = 1}, run);
      alone_seconds += again.trials.at(0).fit_seconds;
      largest_difference = std::max(largest_difference, std::abs(again.trials[0].figure.mean - trial->figure.mean));
      ++alone;
    }
  const double fit_alone = alone_seconds / std::max(alone, 1);
  Json line = Json::object();
  line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
  line["items"] = data.item_count();
  line["users"] = tuned.users;
  line["trials"] = tuned.trials.size();
  line["tune_seconds"] = rounded(tune_seconds, 1);
  line["of_that_judging_seconds"] = rounded(eval_seconds, 1);
  line["inverse_seconds"] = rounded(inverse_seconds, 1);
  line["fit_alone_seconds"] = rounded(fit_alone, 1);
  line["fits_alone"] = alone;
  line["tune_in_inverses"] = rounded(tune_seconds / inverse_seconds, 1);
  line["tune_in_fits_alone"] = rounded(tune_seconds / fit_alone, 1);
  line["largest_difference_ndcg@10"] = rounded(largest_difference, 7);
  for (const eval::Tunable& model : models)
    if (const eval::Trial* best = tuned.best(model.name)) {
      line[model.name]["validation_ndcg@10"] = rounded(best->figure.mean, 5);
      line[model.name]["settings"] = best->settings;
    }
  emit("tune_share", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
