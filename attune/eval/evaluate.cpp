// Evaluation: rank every case, measure, put intervals on it.
#include "attune/eval/evaluate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "attune/core/params.h"
#include "attune/core/process.h"
#include "attune/eval/debias.h"
#include "attune/eval/measured.h"
#include "attune/eval/ranked.h"
#include "attune/eval/rating_error.h"
#include "attune/model/rating.h"

namespace attune::eval {
namespace {

Json json_of(const Figure& figure) {
  Json json = Json::object();
  json["mean"] = figure.mean;
  if (figure.has_interval) {
    json["low"] = figure.low;
    json["high"] = figure.high;
    json["sd"] = figure.sd;
  }
  json["n"] = figure.n;
  return json;
}

Json json_of(std::span<const Figure> figures) {
  Json json = Json::object();
  for (const Figure& figure : figures)
    if (figure.n > 0) json[figure.name] = json_of(figure);
  return json;
}

const Figure* named(std::span<const Figure> figures, std::string_view name) {
  for (const Figure& figure : figures)
    if (figure.name == name) return &figure;
  return nullptr;
}

}  // namespace

Answerer answers_of(std::shared_ptr<const model::Recommender> model) {
  Answerer answerer{.settings = model->settings()};
  if (const model::Rater* rater = model::rater_of(*model))
    answerer.ratings = [model, rater](const data::Case& asked, std::span<const ItemId> items, std::span<float> ratings) {
      rater->predict_ratings({.history = asked.input, .exclude = asked.seen, .user = asked.user}, items, ratings);
    };
  answerer.scores = [model = std::move(model)](const data::Case& asked, std::span<float> scores) {
    model->score_all({.history = asked.input, .exclude = asked.seen, .user = asked.user}, scores);
  };
  return answerer;
}

Evaluation evaluate(const data::Split& split, const Answerer& answerer, const EvalOptions& options, const Run& run) {
  const auto begin = std::chrono::steady_clock::now();
  reset_peak_rss();
  std::vector<Asked> of_case, of_lists;
  for (Asked& asked : asked_for(options)) (asked.metric->measure.of_case != nullptr ? of_case : of_lists).push_back(std::move(asked));
  const Backdrop backdrop = backdrop_of(*split.train, options.vectors);
  const auto depth = static_cast<std::size_t>(*std::max_element(options.ks.begin(), options.ks.end()));
  const Ranked ranked = rank_cases(split, answerer, depth, options, run);

  Evaluation result{.split = split.name,
                    .users = ranked.cases.size(),
                    .users_without_targets = ranked.without_targets,
                    .items = split.train->item_count()};
  result.values = values_of(ranked, of_case, backdrop, run);
  result.figures = figures_of(result.values, of_case, options, run);
  for (Figure& figure : list_figures_of(ranked, of_lists, result.items)) result.figures.push_back(std::move(figure));
  if (options.debias.is_asked())
    for (Figure& figure : debiased_figures(ranked, *split.train, options, run)) result.figures.push_back(std::move(figure));
  if (options.rated != nullptr && answerer.ratings)
    for (Figure& figure : rating_figures(split, *options.rated, answerer.ratings, options, run)) result.figures.push_back(std::move(figure));
  if (options.segments) result.segments = segments_of(ranked, result.values, of_case, *split.train, backdrop, options, run);
  for (const Asked& asked : of_case) result.names.push_back(asked.name);
  for (const RankedCase& one : ranked.cases) result.who.push_back(one.asked->user);

  result.microseconds_per_user = ranked.cases.empty() ? 0 : 1e6 * ranked.thread_seconds / static_cast<double>(ranked.cases.size());
  result.peak_rss_bytes = peak_rss_bytes();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::vector<std::vector<Place>> target_places(const data::Split& split, const ScoreFn& scores, const Run& run) {
  const Ranked ranked = rank_cases(split, {.scores = scores}, 0, {}, run);
  std::vector<std::vector<Place>> places(split.cases.size());
  for (const RankedCase& one : ranked.cases) places[static_cast<std::size_t>(one.asked - split.cases.data())] = one.places;
  return places;
}

const Figure* Segment::find(std::string_view name) const noexcept { return named(figures, name); }
const Figure* Evaluation::find(std::string_view name) const noexcept { return named(figures, name); }

double Evaluation::at(std::string_view name) const {
  if (const Figure* figure = find(name)) return figure->mean;
  std::vector<std::string> known;
  for (const Figure& figure : figures) known.push_back(figure.name);
  throw Error(Code::not_found, "'" + std::string(name) + "' was not measured; did you mean '" + nearest(name, known) + "'?");
}

Json Evaluation::to_json() const {
  Json json = Json::object();
  json["split"] = split;
  json["users"] = users;
  json["users_without_targets"] = users_without_targets;
  json["items"] = items;
  json["figures"] = json_of(figures);
  json["segments"] = Json::array();
  for (const Segment& segment : segments) {
    Json part = Json::object();
    part["kind"] = segment.kind;
    part["name"] = segment.name;
    part["about"] = segment.about;
    part["n"] = segment.n;
    part["figures"] = json_of(segment.figures);
    json["segments"].push_back(std::move(part));
  }
  json["seconds"] = seconds;
  json["microseconds_per_user"] = microseconds_per_user;
  json["peak_rss_bytes"] = peak_rss_bytes;
  return json;
}

}  // namespace attune::eval
