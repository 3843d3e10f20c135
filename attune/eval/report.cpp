// Report: the tables people read, made from the figures.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "attune/eval/protocol.h"

namespace attune::eval {
namespace {

std::string model_text(const Row& row) { return row.control.empty() ? row.model : row.model + " (" + row.control + ")"; }

std::string figure_text(const Figure& figure) {
  if (!figure.has_interval) return number_text(figure.mean);
  return number_text(figure.mean) + " \u00b1" + number_text((figure.high - figure.low) / 2);
}

std::string seconds_text(double seconds) { return fmt::format("{:.2f}", seconds); }

// Two figures that count, however small: a p of .00003 must not read as nothing.
std::string p_text(double p) { return p < 1e-4 ? "<.0001" : fmt::format("{:.2g}", p); }

// Puts the cells of a figure: one with its interval as text, or its mean and the ends of the interval.
void put_figure(std::vector<Json>& cells, const Figure* figure, Cells how) {
  const bool is_there = figure != nullptr && figure->n > 0;
  if (how == Cells::text) {
    cells.push_back(is_there ? Json(figure_text(*figure)) : Json());
    return;
  }
  cells.push_back(is_there ? Json(figure->mean) : Json());
  cells.push_back(is_there && figure->has_interval ? Json(figure->low) : Json());
  cells.push_back(is_there && figure->has_interval ? Json(figure->high) : Json());
}

void put_columns(std::vector<Column>& columns, const std::string& name, Cells how) {
  columns.push_back({name});
  if (how == Cells::text) return;
  columns.push_back({name + " low"});
  columns.push_back({name + " high"});
}

// "ndcg@10" if measured, else the same metric at the first K that was.
std::string at_some_k(const Evaluation& evaluation, const std::string& metric) {
  if (evaluation.find(metric + "@10") != nullptr) return metric + "@10";
  for (const Figure& figure : evaluation.figures)
    if (figure.name.starts_with(metric + "@")) return figure.name;
  return "";
}

std::vector<std::string> usual_figures(const Evaluation& evaluation) {
  std::vector<std::string> chosen;
  for (const char* metric : {"ndcg", "hr", "coverage"})
    if (std::string name = at_some_k(evaluation, metric); !name.empty()) chosen.push_back(std::move(name));
  if (chosen.empty())
    for (const Figure& figure : evaluation.figures) chosen.push_back(figure.name);
  return chosen;
}

Json json_of(const std::vector<Curve>& curves) {
  Json list = Json::array();
  for (const Curve& curve : curves) {
    Json one = Json::object();
    one["series"] = curve.series;
    one["steps"] = Json::array();
    one["values"] = Json::array();
    for (std::size_t i = 0; i < curve.steps.size(); ++i) {
      one["steps"].push_back(curve.steps[i]);
      one["values"].push_back(curve.values[i]);
    }
    list.push_back(std::move(one));
  }
  return list;
}

// Kind and name of the segments, in the order first seen.
std::vector<std::pair<std::string, std::string>> segments_in(const Report& report) {
  std::vector<std::pair<std::string, std::string>> keys;
  for (const Row& row : report.rows)
    for (const Segment& segment : row.evaluation.segments)
      if (std::pair key{segment.kind, segment.name}; std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  return keys;
}

}  // namespace

std::string Report::ranked() const {
  return candidates == 0 ? "Every item is ranked." : fmt::format("The {} candidates of each user are ranked, no other item.", candidates);
}

std::vector<std::string> Report::notes() const {
  std::vector<std::string> notes;
  if (tied_share > 0)
    notes.push_back(fmt::format("{:.1f} % of the targets have the same time as the event before them: what is right there may be file order. (shuffled): that order made random.",
                                100 * tied_share));
  if (split.find("last events passed over") != std::string::npos)
    notes.push_back("Passed over: last events that repeat an item (a purchase after its view) or are only a look. Asked is about the last item that a user took and had not seen before, at the moment before they first saw it "
                    "(of who took fewer than three: the last item new to them; --unmasked: about the last event).");
  if (repeated_targets > 0)
    notes.push_back(fmt::format("{} of {} targets are items that the user had looked at or had before: easy to foretell by repeating the history; --segments judges both kinds.", repeated_targets, targets));
  if (users_without_training > 0) notes.push_back(fmt::format("{} users have targets but no events before them.", users_without_training));
  if (shared_texts > 0.01)
    notes.push_back(fmt::format("{:.1f} % of the items share their text with another item: a text model cannot tell those apart.", 100 * shared_texts));
  notes.push_back("Split " + split_hash.substr(0, 12) + ": figures of another hash were measured on another test.");
  return notes;
}

Table Report::table(std::vector<std::string> figures) const {
  Table table{.title = fmt::format("{}: {} users, {} items, {} events to learn from", split, users, items, events)};
  if (figures.empty() && !rows.empty()) figures = usual_figures(rows.front().evaluation);
  table.columns.push_back({"model", false});
  for (const std::string& name : figures) put_columns(table.columns, name, Cells::text);
  for (const char* name : {"fit s", "ask us", "peak MB"}) table.columns.push_back({name});
  for (const Row& row : rows) {
    std::vector<Json> line = {model_text(row)};
    for (const std::string& name : figures) put_figure(line, row.evaluation.find(name), Cells::text);
    line.emplace_back(seconds_text(row.fit_seconds));
    line.emplace_back(fmt::format("{:.0f}", row.evaluation.microseconds_per_user));
    line.emplace_back(fmt::format("{:.0f}", 1e-6 * static_cast<double>(std::max(row.fit_peak_rss_bytes, row.evaluation.peak_rss_bytes))));
    table.rows.push_back(std::move(line));
  }
  table.notes = notes();
  const bool has_intervals = std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return std::any_of(row.evaluation.figures.begin(), row.evaluation.figures.end(), [](const Figure& figure) { return figure.has_interval; });
  });
  std::string first = ranked();
  if (has_intervals) first += fmt::format(" \u00b1: half the width of the {:g} % interval, bootstrap over users.", 100 * confidence);
  table.notes.insert(table.notes.begin(), std::move(first));
  table.notes.push_back("ask us: microseconds of one thread to score and rank the catalogue for one user. peak MB: of the whole process.");
  return table;
}

Table Report::data_table(std::vector<std::string> figures) const {
  Table table{.title = split};
  if (figures.empty() && !rows.empty())
    for (const Figure& figure : rows.front().evaluation.figures) figures.push_back(figure.name);
  table.columns = {{"model", false}, {"control", false}, {"settings", false}, {"users"}};
  for (const std::string& name : figures) put_columns(table.columns, name, Cells::numbers);
  for (const char* name : {"fit_seconds", "ask_microseconds", "peak_rss_bytes"}) table.columns.push_back({name});
  for (const Row& row : rows) {
    std::vector<Json> cells = {row.model, row.control, row.settings, Json(row.evaluation.users)};
    for (const std::string& name : figures) put_figure(cells, row.evaluation.find(name), Cells::numbers);
    cells.emplace_back(row.fit_seconds);
    cells.emplace_back(row.evaluation.microseconds_per_user);
    cells.emplace_back(std::max(row.fit_peak_rss_bytes, row.evaluation.peak_rss_bytes));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table Report::segment_table(const std::string& figure, Cells cells) const {
  Table table{.title = figure + " by segment, " + split};
  table.columns = {{"segment", false}, {"n"}};
  for (const Row& row : rows)
    if (row.control.empty()) put_columns(table.columns, row.model, cells);
  for (const auto& [kind, name] : segments_in(*this)) {
    std::vector<Json> line = {kind + " " + name, Json()};
    for (const Row& row : rows) {
      if (!row.control.empty()) continue;
      const Figure* found = nullptr;
      for (const Segment& segment : row.evaluation.segments) {
        if (segment.kind != kind || segment.name != name) continue;
        found = segment.find(figure);
        if (found != nullptr && line[1].is_null()) line[1] = Json(segment.n);
      }
      put_figure(line, found, cells);
    }
    table.rows.push_back(std::move(line));
  }
  return table;
}

Table Report::comparison_table(Cells cells) const {
  Table table{.title = comparisons.empty() ? "" : comparisons[0].second + " against the others on " + comparisons[0].metric};
  table.columns.push_back({"against", false});
  put_columns(table.columns, "difference", cells);
  for (const char* name : {"better", "worse", "same", "p t-test", "p Wilcoxon", "p Holm"}) table.columns.push_back({name});
  for (const Comparison& one : comparisons) {
    std::vector<Json> line = {one.first};
    if (cells == Cells::numbers)
      line.insert(line.end(), {one.difference, one.low, one.high, one.better, one.worse, one.same, one.p_t, one.p_wilcoxon, one.p_holm});
    else
      line.insert(line.end(), {number_text(one.difference) + (one.low < one.high ? " [" + number_text(one.low) + ", " + number_text(one.high) + "]" : ""), one.better, one.worse, one.same,
                               p_text(one.p_t), p_text(one.p_wilcoxon), p_text(one.p_holm)});
    table.rows.push_back(std::move(line));
  }
  table.notes = {"better, worse, same: users. p Holm: the t-test corrected for making all these comparisons."};
  return table;
}

Json Report::to_json() const {
  Json json = Json::object();
  json["split"] = split;
  json["users"] = users;
  json["items"] = items;
  json["events"] = events;
  json["users_without_training"] = users_without_training;
  json["tied_share"] = tied_share;
  json["confidence"] = confidence;
  json["split_hash"] = split_hash;
  json["shared_texts"] = shared_texts;
  json["rows"] = Json::array();
  for (const Row& row : rows) {
    Json one = Json::object();
    one["model"] = row.model;
    one["settings"] = row.settings;
    one["control"] = row.control;
    one["is_trivial"] = row.is_trivial;
    one["fit_seconds"] = row.fit_seconds;
    one["fit_peak_rss_bytes"] = row.fit_peak_rss_bytes;
    one["evaluation"] = row.evaluation.to_json();
    if (!row.fitted.is_null()) one["fitted"] = row.fitted;
    if (!row.curves.empty()) one["curves"] = json_of(row.curves);
    if (row.calibration.is_measured()) one["calibration"] = row.calibration.to_json();
    json["rows"].push_back(std::move(one));
  }
  json["comparisons"] = Json::array();
  for (const Comparison& one : comparisons) json["comparisons"].push_back(one.to_json());
  return json;
}

}  // namespace attune::eval
