// Protocol: one split (and its shuffled control), every contender fitted and judged on it in turn.
#include "attune/eval/protocol.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "attune/core/bytes.h"
#include "attune/core/process.h"
#include "attune/eval/repeats.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_popularity(const data::Dataset& data, const Json& params, const Run& run);
}

namespace attune::eval {
namespace {

// A point goes to the curve of its name. A step that does not come after the last one begins another: the model was fitted again.
void add(std::vector<Curve>& curves, std::string_view series, std::size_t step, double value) {
  const auto at = std::find_if(curves.rbegin(), curves.rend(), [&](const Curve& c) { return c.series == series; });
  if (at == curves.rend() || at->steps.back() >= step) curves.push_back({std::string(series), {step}, {value}});
  else at->steps.push_back(step), at->values.push_back(value);
}

Row judge_one(const data::Split& split, const Contender& contender, const ProtocolOptions& options, const Run& run) {
  Row row{.model = contender.name, .settings = contender.settings, .is_trivial = contender.is_trivial};
  if (options.split.shuffle_ties) row.control = "shuffled";
  try {
    const auto begin = std::chrono::steady_clock::now();
    reset_peak_rss();
    Run told = run;
    told.curve = [&](std::string_view series, std::size_t step, double value) {
      run.record(series, step, value);
      add(row.curves, series, step, value);
    };
    const Answerer answerer = contender.fit(*split.train, told);
    row.fitted = answerer.settings;
    row.fit_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    row.fit_peak_rss_bytes = peak_rss_bytes();
    row.evaluation = evaluate(split, answerer, options.eval, run);
    if (options.calibration_users > 0 && answerer.scores && !options.eval.candidates)
      row.calibration = calibrate(split, answerer.scores, {.users = options.calibration_users, .confidence = options.eval.confidence}, run);
  } catch (const Error& e) {
    throw Error(e.code(), contender.name + ": " + e.what());
  }
  return row;
}

std::vector<Contender> with_trivial(const std::vector<Contender>& contenders, bool trivial_rows) {
  std::vector<Contender> all;
  const auto is_there = [&](const std::string& name) {
    return std::any_of(contenders.begin(), contenders.end(), [&](const Contender& c) { return c.name == name; });
  };
  if (trivial_rows)
    for (Contender& contender : trivial_contenders())
      if (!is_there(contender.name)) all.push_back(std::move(contender));
  all.insert(all.end(), contenders.begin(), contenders.end());
  return all;
}

// By name and in a fixed order, so that neither the numbering of ids nor the order of users matters.
std::string hash_of(const data::Split& split) {
  const data::Catalogue& catalogue = split.train->catalogue();
  std::vector<std::string> lines;
  for (const data::Case& asked : split.cases) {
    std::string line = catalogue.user(asked.user);
    for (const Touch& touch : asked.input) line += '\t' + catalogue.item(touch.item).name;
    line += "\t->";
    for (const ItemId target : asked.targets) line += '\t' + catalogue.item(target).name;
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  return hash_hex(all);
}

double shared_texts_of(const data::Catalogue& catalogue) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (const data::CatalogueItem& item : catalogue.items())
    if (!item.text.empty()) ++counts[item.text];
  std::size_t shared = 0;
  for (const auto& [text, count] : counts) shared += count > 1 ? count : 0;
  return catalogue.item_count() == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(catalogue.item_count());
}

// The split asked for; its training part knows the validation cases, unless it has learned from them.
data::Split split_for(const data::Dataset& data, const SplitFn& make_split, const data::SplitOptions& options, const Run& run) {
  data::Split split = make_split(data, options, run);
  if (options.refit_with_validation) return split;
  if (options.part == data::Part::validation) {
    data::hold_out(split, split);
    return split;
  }
  data::SplitOptions earlier = options;
  earlier.part = data::Part::validation;
  data::hold_out(split, make_split(data, earlier, run));
  return split;
}

// The best row against each other one of the same split. Controls have other cases and stay out.
std::vector<Comparison> compare_with_best(const std::vector<Row>& rows, const ProtocolOptions& options, const Run& run) {
  std::vector<Comparison> list;
  const Row* best = nullptr;
  for (const Row& row : rows) {
    const Figure* figure = row.evaluation.find(options.compare_on);
    if (row.control.empty() && figure != nullptr && (best == nullptr || figure->mean > best->evaluation.at(options.compare_on))) best = &row;
  }
  if (best == nullptr) return list;
  for (const Row& row : rows) {
    if (&row == best || !row.control.empty()) continue;
    Comparison one = compare(row.evaluation, best->evaluation, options.compare_on, options.eval.confidence, options.eval.bootstrap, run);
    one.first = row.model;
    one.second = best->model;
    list.push_back(std::move(one));
  }
  correct(list);
  return list;
}

}  // namespace

Contender contender(std::string name, std::function<std::unique_ptr<const model::Recommender>(const data::Dataset&, const Json&, const Run&)> fit,
                    Json settings) {
  std::string text = settings.size() == 0 ? "" : settings.dump();
  return {.name = std::move(name),
          .fit = [fit = std::move(fit), settings = std::move(settings)](const data::Dataset& train, const Run& run) {
            return answers_of(fit(train, settings, run));
          },
          .settings = std::move(text)};
}

std::vector<Contender> trivial_contenders() {
  Json week = Json::object();
  week["half_life_days"] = 7;
  std::vector<Contender> list = {contender("popularity", model::fit_popularity), contender("recent popularity", model::fit_popularity, week)};
  for (Contender& one : list) one.is_trivial = true;
  return list;
}

Report judge(const data::Dataset& data, const SplitFn& make_split, const std::vector<Contender>& contenders, const ProtocolOptions& options,
             const Run& run) {
  const std::vector<Contender> all = with_trivial(contenders, options.trivial_rows);
  if (all.empty()) throw Error(Code::bad_request, "expected at least one model to judge, got none");
  const data::Split split = split_for(data, make_split, options.split, run);
  const Repeats repeats = repeats_in(split.cases);
  Report report{.split = split.name,
                .users = split.cases.size(),
                .items = split.train->item_count(),
                .events = split.train->event_count(),
                .users_without_training = split.users_without_training,
                .tied_share = split.tied_share,
                .confidence = options.eval.confidence,
                .split_hash = hash_of(split),
                .targets = repeats.targets,
                .repeated_targets = repeats.repeated,
                .shared_texts = shared_texts_of(split.train->catalogue())};
  for (const Contender& one : all) report.rows.push_back(judge_one(split, one, options, run));
  if (!options.compare_on.empty()) report.comparisons = compare_with_best(report.rows, options, run);
  if (options.shuffled_control && split.tied_share > 0 && !options.split.shuffle_ties) {
    ProtocolOptions control = options;
    control.split.shuffle_ties = true;
    const data::Split shuffled = split_for(data, make_split, control.split, run);
    for (const Contender& one : all) report.rows.push_back(judge_one(shuffled, one, control, run));
  }
  return report;
}

}  // namespace attune::eval
