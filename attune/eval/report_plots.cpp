// Report plots: accuracy, what it costs, who is served, how far scores are chances, how models learned.
#include "attune/eval/report_plots.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace attune::eval {
namespace {

constexpr int kWide = 1080, kHalf = 532;       // widths of a picture that fills the page, and of one of two side by side
constexpr std::size_t kMostSeries = 6;         // told apart at a glance; the tables have all

bool is_trivial(const Row& row) { return row.is_trivial || row.model == "popularity"; }

// Rows without controls that have the figure, best first.
std::vector<const Row*> ranked_rows(const Report& report, const std::string& figure) {
  std::vector<const Row*> rows;
  for (const Row& row : report.rows)
    if (row.control.empty() && row.evaluation.find(figure) != nullptr) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) { return a->evaluation.at(figure) > b->evaluation.at(figure); });
  return rows;
}

// The best few, and popularity, which says what is easy: the same ones in the same colours in every picture.
std::vector<const Row*> shown_rows(const Report& report, const std::string& figure) {
  std::vector<const Row*> rows = ranked_rows(report, figure);
  if (rows.size() <= kMostSeries) return rows;
  const auto easy = std::find_if(rows.begin(), rows.end(), [](const Row* row) { return row->model == "popularity"; });
  const Row* popularity = easy == rows.end() ? nullptr : *easy;
  const bool is_in = easy < rows.begin() + kMostSeries;
  rows.resize(kMostSeries);
  if (popularity != nullptr && !is_in) rows.back() = popularity;
  return rows;
}

std::string only_best(const Report& report, const std::string& figure) {
  const std::size_t all = ranked_rows(report, figure).size(), shown = shown_rows(report, figure).size();
  return shown == all ? "" : fmt::format(" Shown are {} of {} models; the table below has all.", shown, all);
}

void put(Series& series, double x, const Figure& figure) {
  series.x.push_back(x);
  series.y.push_back(figure.mean);
  series.low.push_back(figure.low);
  series.high.push_back(figure.high);
}

Picture accuracy(const Report& report, const std::string& figure) {
  const std::vector<const Row*> rows = ranked_rows(report, figure);
  Plot plot{.title = figure_title(figure) + " of every model", .x_label = "", .y_label = figure_title(figure), .is_lying = true, .width = kWide,
            .height = 90 + 30 * static_cast<int>(rows.size())};
  Series models{.name = "models", .draw = Series::Draw::bars};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    plot.categories.push_back(rows[r]->model);
    put(models, static_cast<double>(r), *rows[r]->evaluation.find(figure));
  }
  plot.series = {std::move(models)};
  return {"accuracy", "accuracy",
          fmt::format("Mean over {} users, the whole catalogue ranked for each. Whiskers: {:g} % interval, bootstrap over users.", report.users,
                      100 * report.confidence),
          std::move(plot)};
}

Picture against_time(const Report& report, const std::string& figure, bool is_fit) {
  Plot plot{.title = figure_title(figure) + (is_fit ? " against time to fit" : " against time to answer"),
            .x_label = is_fit ? "seconds to fit" : "microseconds a user, one thread",
            .y_label = figure_title(figure),
            .log_x = true,
            .from_zero = true,
            .width = kHalf,
            .height = 380};
  Series models{.name = "models", .draw = Series::Draw::points}, easy{.name = "popularity alone", .draw = Series::Draw::points};
  for (const Row* row : ranked_rows(report, figure)) {
    const double time = is_fit ? row->fit_seconds : row->evaluation.microseconds_per_user;
    if (!(time > 0)) continue;
    Series& series = is_trivial(*row) ? easy : models;
    put(series, time, *row->evaluation.find(figure));
    series.labels.push_back(row->model);
  }
  plot.series = {std::move(models)};
  if (!easy.x.empty()) plot.series.push_back(std::move(easy));
  return {is_fit ? "accuracy_against_fit_time" : "accuracy_against_answer_time", "time",
          is_fit ? "Wall time of one fit on this machine. Up and to the left is better." : "Time to score the whole catalogue and rank it for one user.",
          std::move(plot)};
}

// Bars by segment of one kind; empty when nobody has such segments.
Picture by_segment(const Report& report, const std::string& figure, const std::string& kind) {
  const bool by_popularity = kind == "target popularity";
  Picture picture{.name = by_popularity ? "accuracy_by_popularity" : "accuracy_by_history", .part = "segments"};
  Plot& plot = picture.plot;
  plot = Plot{.title = figure_title(figure) + (by_popularity ? " by popularity of the target" : " by length of the history"),
              .x_label = by_popularity ? "" : "events known of the user",
              .y_label = figure_title(figure),
              .width = kWide,
              .height = 400};
  const std::vector<const Row*> rows = shown_rows(report, figure);
  std::vector<std::string> about;
  for (const Row* row : rows) {
    Series series{.name = row->model, .draw = Series::Draw::bars};
    for (const Segment& segment : row->evaluation.segments) {
      const Figure* found = segment.find(figure);
      if (segment.kind != kind || found == nullptr) continue;
      const std::string label = segment.name + " (" + std::to_string(segment.n) + ")";
      auto at = std::find(plot.categories.begin(), plot.categories.end(), label);
      if (at == plot.categories.end()) {
        plot.categories.push_back(label);
        about.push_back(segment.name + " = " + segment.about);
        at = plot.categories.end() - 1;
      }
      put(series, static_cast<double>(at - plot.categories.begin()), *found);
    }
    if (!series.x.empty()) plot.series.push_back(std::move(series));
  }
  picture.caption = "In brackets: users.";
  if (by_popularity)
    for (const std::string& one : about) picture.caption += " " + one + ".";
  picture.caption += only_best(report, figure);
  return picture;
}

Picture calibration(const Report& report, const std::string& figure) {
  Plot plot{.title = "Chance told against what happened", .x_label = "chance that the score gave an item", .y_label = "share that were the held-out item",
            .log_x = true, .log_y = true, .width = kWide, .height = 460};
  double least = 1, most = 0;
  for (const Row* row : shown_rows(report, figure)) {
    if (!row->calibration.is_measured()) continue;
    Series series{.name = row->model};
    for (const CalibrationBin& bin : row->calibration.bins) {
      series.x.push_back(bin.chance);
      series.y.push_back(bin.share);
      series.low.push_back(bin.low);
      series.high.push_back(bin.high);
      least = std::min(least, bin.chance);
      most = std::max(most, bin.chance);
    }
    plot.series.push_back(std::move(series));
  }
  if (!plot.series.empty()) plot.series.push_back({.name = "chance told = what happened", .x = {least, most}, .y = {least, most}, .is_dashed = true});
  return {"calibration", "calibration",
          "Each point holds a tenth of all the chance a model gave out. Below the dashed line the model was too sure, above it not sure enough. The "
          "model's scores for a user were centred, divided by their spread and by a temperature, and made chances by softmax over the ranked items; the "
          "temperature was learned on one half of the users and judged on the other, both ways round." + only_best(report, figure),
          std::move(plot)};
}

std::string metric_of(const std::string& series) { return series.substr(series.find('/') == std::string::npos ? 0 : series.find('/') + 1); }

// Curves of a model's own fit; a fused row fits others again, whose curves their own rows have.
bool is_own(const Row& row, const Curve& curve) { return row.control.empty() && curve.series.starts_with(row.model + "/") && curve.steps.size() > 1; }

Series line_of(const Row& row, const Curve& curve) {
  Series series{.name = row.model};
  for (std::size_t i = 0; i < curve.steps.size(); ++i) {
    series.x.push_back(static_cast<double>(curve.steps[i]));
    series.y.push_back(curve.values[i]);
  }
  return series;
}

// What models measured on validation cases stands in one picture a metric; losses of two models mean different things and stand alone.
std::vector<Picture> learning(const Report& report) {
  std::vector<Picture> losses, metrics;
  for (const Row& row : report.rows)
    for (const Curve& curve : row.curves) {
      if (!is_own(row, curve)) continue;
      const std::string metric = metric_of(curve.series);
      const bool is_figure = metric.find('@') != std::string::npos;
      auto at = std::find_if(metrics.begin(), metrics.end(), [&](const Picture& p) { return is_figure && p.name == "learning_" + metric; });
      if (at != metrics.end()) {
        at->plot.series.push_back(line_of(row, curve));
        continue;
      }
      Picture picture{.name = "learning_" + (is_figure ? metric : row.model + "_" + metric),
                      .part = "learning",
                      .caption = is_figure ? "Measured on validation cases while learning; the fit keeps the best epoch." : "",
                      .plot = {.title = is_figure ? figure_title(metric) + " while learning" : row.model + ": " + metric,
                               .x_label = "epoch",
                               .y_label = is_figure ? figure_title(metric) : metric,
                               .width = kHalf,
                               .height = 320,
                               .series = {line_of(row, curve)}}};
      (is_figure ? metrics : losses).push_back(std::move(picture));
    }
  for (Picture& one : losses) metrics.push_back(std::move(one));
  return metrics;
}

Picture comparison(const Report& report) {
  const std::string figure = figure_title(report.comparisons[0].metric), best = report.comparisons[0].second;
  Plot plot{.title = best + " minus each other model", .y_label = "difference of " + figure, .from_zero = true, .is_lying = true, .width = kWide,
            .height = 90 + 30 * static_cast<int>(report.comparisons.size())};
  Series series{.name = best, .draw = Series::Draw::points};
  for (const Comparison& one : report.comparisons) {
    series.x.push_back(static_cast<double>(plot.categories.size()));
    series.y.push_back(one.difference);
    series.low.push_back(one.low);
    series.high.push_back(one.high);
    plot.categories.push_back(one.first);
  }
  plot.series = {std::move(series)};
  return {"comparison", "comparison",
          fmt::format("Paired over the same {} users; whiskers: {:g} % interval of the difference. Whiskers that reach 0: the two cannot be told apart here.",
                      report.comparisons[0].n, 100 * report.confidence),
          std::move(plot)};
}

}  // namespace

std::string main_figure(const Report& report) {
  if (!report.comparisons.empty()) return report.comparisons[0].metric;
  if (report.rows.empty()) return "";
  const Evaluation& evaluation = report.rows.front().evaluation;
  for (const Figure& figure : evaluation.figures)
    if (figure.name.starts_with("ndcg@")) return evaluation.find("ndcg@10") != nullptr ? "ndcg@10" : figure.name;
  return evaluation.figures.empty() ? "" : evaluation.figures.front().name;
}

std::string figure_title(const std::string& figure) {
  static constexpr std::string_view kLetters[] = {"ndcg", "hr", "mrr", "map", "auc"};   // abbreviations
  const std::string metric = figure.substr(0, figure.find('@'));
  if (std::find(std::begin(kLetters), std::end(kLetters), metric) == std::end(kLetters)) return figure;
  std::string title = figure;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return title;
}

std::vector<Picture> pictures(const Report& report, const std::string& figure) {
  if (ranked_rows(report, figure).empty()) return {};
  std::vector<Picture> list = {accuracy(report, figure)};
  if (!report.comparisons.empty()) list.push_back(comparison(report));
  list.push_back(against_time(report, figure, true));
  list.push_back(against_time(report, figure, false));
  for (const char* kind : {"target popularity", "history length"})
    if (Picture one = by_segment(report, figure, kind); !one.plot.categories.empty()) list.push_back(std::move(one));
  if (Picture one = calibration(report, figure); !one.plot.series.empty()) list.push_back(std::move(one));
  for (Picture& one : learning(report)) list.push_back(std::move(one));
  return list;
}

}  // namespace attune::eval
