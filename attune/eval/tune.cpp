// Tuning by an even spread, then by small steps from the best.
// Source of the spread: additive recurrence on powers of the generalised golden ratio (Roberts, 2018): as even as Halton's
// points in few dimensions, in three lines.
#include "attune/eval/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/core.h>

#include "attune/core/random.h"
#include "attune/eval/measured.h"

namespace attune::eval {
namespace {

using Point = std::vector<double>;

// The root of x^(d+1) = x + 1.
double golden(std::size_t dimensions) {
  double x = 2;
  for (int i = 0; i < 60; ++i) x = std::pow(1 + x, 1.0 / static_cast<double>(dimensions + 1));
  return x;
}

Point spread_point(std::size_t n, std::size_t dimensions, double offset) {
  Point point(dimensions);
  const double base = golden(dimensions);
  for (std::size_t d = 0; d < dimensions; ++d) {
    const double at = offset + static_cast<double>(n) * std::pow(base, -static_cast<double>(d + 1));
    point[d] = at - std::floor(at);
  }
  return point;
}

// A step from the best point: small in most coordinates, now and then anywhere in one.
Point near_point(const Point& best, double step, Random& random) {
  Point point = best;
  for (double& u : point) u = random.uniform() < 0.1 ? random.uniform() : std::clamp(u + step * random.normal(), 0.0, 0.999999);
  return point;
}

Json settings_at(const Tunable& model, const Point& point) {
  Json settings = model.start.is_null() ? Json::object() : model.start;
  std::size_t next = 0;
  for (const Choice& choice : model.space) {
    settings[choice.setting] = choice.at(std::span(point).subspan(next, choice.dimensions()));
    next += choice.dimensions();
  }
  return settings;
}

Trial try_out(const data::Split& split, const Tunable& model, Json settings, const EvalOptions& eval, const std::string& objective, const Run& run) {
  Trial trial{.model = model.name, .settings = std::move(settings)};
  try {
    const auto begin = std::chrono::steady_clock::now();
    const Answerer answerer = model.fit(*split.train, trial.settings, run);
    trial.fit_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const Evaluation evaluation = evaluate(split, answerer, eval, run);
    trial.eval_seconds = evaluation.seconds;
    trial.figure = *evaluation.find(objective);
  } catch (const Error& e) {
    if (e.code() != Code::bad_request && e.code() != Code::bad_data) throw;
    trial.failure = e.what();
  }
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

data::Split fewer_users(const data::Split& split, int users, const Run& run) {
  data::Split fewer = split;
  if (users <= 0 || split.cases.size() <= static_cast<std::size_t>(users)) return fewer;
  Random random(run.seed);
  random.shuffle(std::span(fewer.cases));
  fewer.cases.resize(static_cast<std::size_t>(users));
  return fewer;
}

std::string settings_text(const Json& settings) {
  std::string text;
  if (settings.is_null()) return text;
  for (const auto& [key, value] : settings.as_object()) text += (text.empty() ? "" : " ") + key + "=" + (value.is_string() ? value.as_string() : value.dump());
  return text;
}

}  // namespace

Tuned tune(const data::Split& validation, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen) {
  if (options.trials < 1) throw Error(Code::bad_request, "expected 1 trial or more, got " + std::to_string(options.trials));
  const EvalOptions eval = asking_for(options.objective);
  const data::Split split = fewer_users(validation, options.users, run);
  Tuned tuned{.split = split.name, .objective = options.objective, .users = split.cases.size()};
  Run quiet{.seed = run.seed, .threads = run.threads, .say = run.say, .stop = run.stop, .memory_bytes = run.memory_bytes};
  const std::size_t total = models.size() * static_cast<std::size_t>(options.trials);
  for (const Tunable& model : models) {
    std::size_t dimensions = 0;
    for (const Choice& choice : model.space) dimensions += choice.dimensions();
    Random random(run.seed);
    const double offset = random.uniform();
    Point best;
    double best_value = -INFINITY;
    const int trials = dimensions == 0 ? 1 : options.trials, spread = (trials + 1) / 2;
    for (int t = 0; t < trials; ++t) {
      run.report("tuning " + model.name, tuned.trials.size(), total);
      const bool is_start = t == 0, is_near = t >= spread && !best.empty();
      const Point point = is_near ? near_point(best, 0.15 * (trials - t + 1.0) / (trials - spread + 1.0), random)
                                  : spread_point(static_cast<std::size_t>(t), dimensions, offset);
      Trial trial = try_out(split, model, is_start ? model.start : settings_at(model, point), eval, options.objective, quiet);
      if (!is_start && trial.failure.empty() && trial.figure.mean > best_value) {
        best_value = trial.figure.mean;
        best = point;
      }
      if (seen) seen(trial);
      tuned.trials.push_back(std::move(trial));
    }
  }
  run.report("tuning", total, total);
  return tuned;
}

const Trial* Tuned::best(std::string_view model) const {
  const Trial* found = nullptr;
  for (const Trial& trial : trials)
    if (trial.model == model && trial.failure.empty() && (found == nullptr || trial.figure.mean > found->figure.mean)) found = &trial;
  return found;
}

Table Tuned::table() const {
  Table table{.title = objective + " on " + split + ", " + std::to_string(users) + " users"};
  table.columns = {{"model", false}, {"trials"}, {"at first"}, {"best"}, {"fit s"}, {"best settings", false}};
  std::vector<std::string> names;
  for (const Trial& trial : trials)
    if (std::find(names.begin(), names.end(), trial.model) == names.end()) names.push_back(trial.model);
  for (const std::string& name : names) {
    const auto is_its = [&](const Trial& t) { return t.model == name; };
    const auto first = std::find_if(trials.begin(), trials.end(), is_its);
    const Trial* winner = best(name);
    std::vector<Json> cells(6);
    cells[0] = name;
    cells[1] = static_cast<long long>(std::count_if(trials.begin(), trials.end(), is_its));
    if (first->failure.empty()) cells[2] = number_text(first->figure.mean);
    if (winner != nullptr) {
      cells[3] = number_text(winner->figure.mean) + " [" + number_text(winner->figure.low) + ", " + number_text(winner->figure.high) + "]";
      cells[4] = fmt::format("{:.2f}", winner->fit_seconds);
      cells[5] = settings_text(winner->settings);
    } else {
      cells[5] = "every trial failed: " + first->failure;
    }
    table.rows.push_back(std::move(cells));
  }
  table.notes = {"The best of several trials on validation flatters itself: judge it on test, attune evaluate --set."};
  return table;
}

Json Tuned::to_json() const {
  Json json = Json::object();
  json["split"] = split;
  json["objective"] = objective;
  json["users"] = users;
  json["trials"] = Json::array();
  for (const Trial& trial : trials) {
    Json one = Json::object();
    one["model"] = trial.model;
    one["settings"] = trial.settings;
    if (trial.failure.empty()) {
      one["mean"] = trial.figure.mean;
      one["low"] = trial.figure.low;
      one["high"] = trial.figure.high;
    } else {
      one["failure"] = trial.failure;
    }
    one["is_best"] = &trial == best(trial.model);
    one["fit_seconds"] = trial.fit_seconds;
    one["eval_seconds"] = trial.eval_seconds;
    json["trials"].push_back(std::move(one));
  }
  return json;
}

}  // namespace attune::eval
