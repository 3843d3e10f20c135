// Tuning: the loop over models and trials. What is tried next is search.cpp's business, what a trial is trial.h's, which are given up hopeless.h's.
#include "attune/eval/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <list>

#include "attune/core/memo.h"
#include "attune/core/process.h"
#include "attune/core/random.h"
#include "attune/eval/hopeless.h"
#include "attune/eval/measured.h"

namespace attune::eval {
namespace {

constexpr std::size_t kMostCurvePoints = 400;
constexpr int kKept = 3;             // halving: one in three goes on
constexpr double kWorst = -std::numeric_limits<double>::infinity();

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double value_of(const Trial& trial) { return trial.failure.empty() && trial.stopped.empty() ? trial.figure.mean : kWorst; }

// Everything that all trials of one tuning share.
struct Study {
  std::vector<data::Split> parts;      // with all users
  std::list<Memo> memos;               // one a part, empty without sharing
  EvalOptions eval;
  const TuneOptions& options;
  const Run& run;
};

data::Split first_users(const data::Split& split, double share) {
  data::Split fewer = split;
  const auto wanted = static_cast<std::size_t>(std::ceil(share * static_cast<double>(split.cases.size())));
  fewer.cases.resize(std::clamp<std::size_t>(wanted, 1, split.cases.size()));
  return fewer;
}

// Halving by epochs: as many as the share of those asked for, where the model has epochs.
Json with_epochs(Json settings, const Tunable& model, double share) {
  const Json* asked = settings.find("epochs");
  if (asked == nullptr) asked = model.standard.find("epochs");
  if (share >= 1 || asked == nullptr) return settings;
  const double epochs = asked->is_string() ? std::atof(asked->as_string().c_str()) : asked->as_number();
  settings["epochs"] = static_cast<long long>(std::max(1.0, std::round(share * epochs)));
  return settings;
}

void fit_and_judge(Study& study, const Tunable& model, Trial& trial, const Trial* best, std::span<const Trial> others) {
  const Json asked = with_epochs(trial.settings, model, trial.share);
  auto memo = study.memos.begin();
  for (std::size_t p = 0; p < study.parts.size(); ++p) {
    Run run{.seed = study.run.seed, .threads = study.run.threads, .say = study.run.say, .stop = study.run.stop, .memory_bytes = study.run.memory_bytes};
    if (memo != study.memos.end()) run.memo = &*memo++;
    const std::string fold = study.parts.size() > 1 ? "fold " + std::to_string(p) + "/" : "";
    run.curve = [&](std::string_view series, std::size_t step, double value) {
      Curve& curve = trial.curves[fold + std::string(series)];
      if (curve.size() < kMostCurvePoints) curve.emplace_back(step, value);
      if (study.options.gives_up && trial.share == 1) check_curve(fold + std::string(series), curve, others);
    };
    const auto begin = std::chrono::steady_clock::now();
    reset_peak_rss();
    const Fitted fitted = model.fit(*study.parts[p].train, asked, run);
    trial.fit_seconds += seconds_since(begin);
    if (p == 0 && fitted.settings != asked) trial.fitted = fitted.settings;
    const Evaluation evaluation = evaluate(trial.share < 1 ? first_users(study.parts[p], trial.share) : study.parts[p], fitted.answerer, study.eval, run);
    trial.eval_seconds += evaluation.seconds;
    trial.peak_rss_bytes = std::max(trial.peak_rss_bytes, peak_rss_bytes());
    trial.parts.push_back(*evaluation.find(study.options.objective));
    trial.figure = pooled(trial.parts);
    if (study.options.gives_up && trial.share == 1 && p + 1 < study.parts.size()) check_parts(trial.parts, best);
  }
}

Trial try_out(Study& study, const Tunable& model, Trial trial, std::span<const Trial> others) {
  const Trial* best = nullptr;
  for (const Trial& other : others)
    if (other.counts() && (best == nullptr || other.figure.mean > best->figure.mean)) best = &other;
  try {
    fit_and_judge(study, model, trial, best, others);
  } catch (const Hopeless& e) {
    trial.stopped = e.what();
  } catch (const Error& e) {
    if (e.code() != Code::bad_request && e.code() != Code::bad_data) throw;
    trial.failure = e.what();
  }
  if (trial.parts.size() == 1 && study.parts.size() == 1) trial.parts.clear();
  return trial;
}

EvalOptions asking_for(const std::string& objective) {
  EvalOptions eval{.ks = {10}, .segments = false};
  const std::size_t at = objective.find('@');
  eval.metrics = {objective.substr(0, at)};
  if (at != std::string::npos) eval.ks = {std::max(0, std::atoi(objective.c_str() + at + 1))};
  const Measure& measure = metric_named(eval.metrics[0]).measure;
  if (measure.at_k != (at != std::string::npos))
    throw Error(Code::bad_request, "expected '" + eval.metrics[0] + (measure.at_k ? "@K'" : "' without @K'") + ", got '" + objective + "'");
  asked_for(eval);  // throws now rather than in every trial
  return eval;
}

// At most so many cases, drawn by the seed. In halving also with all of them, so that the first few are as good as any few.
data::Split drawn_users(const data::Split& split, const TuneOptions& options, const Run& run) {
  data::Split drawn = split;
  const bool is_less = options.users > 0 && split.cases.size() > static_cast<std::size_t>(options.users);
  if (!is_less && options.strategy != "halving") return drawn;
  Random random(run.seed);
  random.shuffle(std::span(drawn.cases));
  if (is_less) drawn.cases.resize(static_cast<std::size_t>(options.users));
  return drawn;
}

// Which coordinates are of settings that are not cheap [dimensions].
std::vector<bool> costly(const Search& search, const Tunable& model) {
  std::vector<bool> is_costly(search.dimensions(), true);
  for (std::size_t c = 0; c < search.space().size(); ++c) {
    if (std::find(model.cheap.begin(), model.cheap.end(), search.space()[c].setting) == model.cheap.end()) continue;
    const auto [first, last] = search.coordinates(c);
    std::fill(is_costly.begin() + static_cast<std::ptrdiff_t>(first), is_costly.begin() + static_cast<std::ptrdiff_t>(last), false);
  }
  return is_costly;
}

std::vector<Tried> tried_of(std::span<const Trial> trials) {
  std::vector<Tried> tried;
  for (const Trial& trial : trials)
    if (trial.share == 1) tried.push_back({trial.point, value_of(trial)});
  return tried;
}

// The next settings of a model by its trials so far.
Trial next_trial(const Search& search, const Tunable& model, const TuneOptions& options, std::span<const Trial> trials) {
  const std::size_t number = trials.size();
  Trial trial{.model = model.name, .number = number, .settings = model.start.is_null() ? Json::object() : model.start};
  if (number == 0) {
    trial.point = search.point_of(trial.settings, model.standard);
    return trial;
  }
  const std::vector<bool> is_held = costly(search, model);
  const bool has_cheap = std::find(is_held.begin(), is_held.end(), false) != is_held.end();
  const std::size_t group = has_cheap && options.memo_bytes > 0 ? static_cast<std::size_t>(std::max(options.group, 1)) : 1, leader = number - number % group;
  const bool follows = leader < number;
  Point fixed(search.dimensions(), NAN);
  for (std::size_t d = 0; follows && d < fixed.size(); ++d)
    if (is_held[d]) fixed[d] = trials[leader].point[d];
  trial.point = options.strategy == "tpe" ? search.tpe(number, tried_of(trials), fixed) : search.spread(number);
  if (!follows) {
    trial.settings = search.settings_at(trial.point, trial.settings);
    return trial;
  }
  for (std::size_t d = 0; d < fixed.size(); ++d)
    if (is_held[d]) trial.point[d] = trials[leader].point[d];   // also where that is not known: the setting stays as it is
  trial.settings = search.settings_at(trial.point, trials[leader].settings);
  return trial;
}

// Trials of one model, taken from `earlier` while there are any.
class OneModel {
 public:
  OneModel(Study& study, const Tunable& model, std::vector<Trial> earlier, const std::function<void(const Trial&)>& seen, std::size_t done, std::size_t total)
      : study_(study), model_(model), search_(model.space, study.run.seed), earlier_(std::move(earlier)), seen_(seen), done_(done), total_(total) {}

  std::vector<Trial> run() {
    const auto wanted = static_cast<std::size_t>(search_.dimensions() == 0 ? 1 : study_.options.trials);
    if (study_.options.strategy == "halving" && wanted > 1) halve(wanted);
    else
      while (trials_.size() < wanted) one(next_trial(search_, model_, study_.options, trials_));
    return std::move(trials_);
  }

 private:
  void one(Trial trial) {
    study_.run.report("tuning " + model_.name, done_ + std::min(trials_.size(), total_), total_);
    if (trials_.size() < earlier_.size()) {
      trials_.push_back(earlier_[trials_.size()]);
      return;
    }
    trial = try_out(study_, model_, std::move(trial), trials_);
    if (seen_) seen_(trial);
    trials_.push_back(std::move(trial));
  }

  // Rounds of 1/9, 1/3 and all of the users, while more than two are left to choose from.
  void halve(std::size_t wanted) {
    std::size_t rounds = 1;
    for (std::size_t left = wanted; left > 2 && rounds < 3; left = (left + kKept - 1) / kKept) ++rounds;
    std::vector<std::size_t> alive(wanted);   // trials of the round before; in the first: numbers of points
    for (std::size_t n = 0; n < wanted; ++n) alive[n] = n;
    for (std::size_t round = 0; round < rounds; ++round) {
      const double share = std::pow(kKept, -static_cast<double>(rounds - 1 - round));
      std::vector<std::size_t> tried;
      for (const std::size_t n : alive) {
        Trial trial = round == 0 ? first_round(n) : again(n);
        trial.share = share;
        tried.push_back(trials_.size());
        one(std::move(trial));
      }
      std::stable_sort(tried.begin(), tried.end(), [&](std::size_t a, std::size_t b) { return value_of(trials_[a]) > value_of(trials_[b]); });
      tried.resize((tried.size() + kKept - 1) / kKept);
      alive = std::move(tried);
    }
  }

  Trial first_round(std::size_t n) const {
    Trial trial{.model = model_.name, .number = trials_.size(), .settings = model_.start.is_null() ? Json::object() : model_.start};
    trial.point = n == 0 ? search_.point_of(trial.settings, model_.standard) : search_.spread(n);
    if (n > 0) trial.settings = search_.settings_at(trial.point, trial.settings);
    return trial;
  }
  Trial again(std::size_t n) const {
    return {.model = model_.name, .number = trials_.size(), .settings = trials_[n].settings, .point = trials_[n].point};
  }

  Study& study_;
  const Tunable& model_;
  Search search_;
  std::vector<Trial> earlier_, trials_;
  const std::function<void(const Trial&)>& seen_;
  std::size_t done_, total_;
};

}  // namespace

Tuned tune(std::span<const data::Split> parts, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen, const std::function<std::vector<Trial>(const Tunable&)>& earlier) {
  if (options.trials < 1) throw Error(Code::bad_request, "expected 1 trial or more, got " + std::to_string(options.trials));
  if (options.strategy != "tpe" && options.strategy != "random" && options.strategy != "halving")
    throw Error(Code::bad_request, "there is no strategy '" + options.strategy + "'; there are tpe, random and halving");
  if (parts.empty()) throw Error(Code::bad_request, "expected at least one part to judge settings on, got none");
  Study study{.eval = asking_for(options.objective), .options = options, .run = run};
  Tuned tuned{.split = parts[0].name, .objective = options.objective};
  if (parts.size() > 1) tuned.split = std::to_string(parts.size()) + " parts, the first " + parts[0].name;
  for (const data::Split& part : parts) {
    if (part.cases.empty()) throw Error(Code::bad_data, part.name + " has no users to judge settings on");
    study.parts.push_back(drawn_users(part, options, run));
    tuned.users += study.parts.back().cases.size();
    if (options.memo_bytes > 0) study.memos.emplace_back(options.memo_bytes / parts.size());
  }
  const auto each = static_cast<std::size_t>(options.trials);
  for (std::size_t m = 0; m < models.size(); ++m) {
    OneModel one(study, models[m], earlier ? earlier(models[m]) : std::vector<Trial>(), seen, m * each, models.size() * each);
    for (Trial& trial : one.run()) tuned.trials.push_back(std::move(trial));
  }
  run.report("tuning", models.size() * each, models.size() * each);
  return tuned;
}

Tuned tune(const data::Split& validation, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen) {
  return tune(std::span(&validation, 1), models, options, run, seen);
}

}  // namespace attune::eval
