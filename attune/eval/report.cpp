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

Json figure_cell(const Figure* figure) {
  if (figure == nullptr || figure->n == 0) return nullptr;
  return figure_text(*figure);
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

std::vector<std::string> notes_of(const Report& report) {
  std::vector<std::string> notes = {fmt::format("Every item is ranked. \u00b1: half the width of the {:g} % interval, bootstrap over users.", 100 * report.confidence)};
  if (report.tied_share > 0)
    notes.push_back(fmt::format("{:.1f} % of the targets have the same time as the event before them: what is right there may be file order. (shuffled): that order made random.",
                                100 * report.tied_share));
  if (report.users_without_training > 0)
    notes.push_back(fmt::format("{} users have targets but no events before them.", report.users_without_training));
  if (report.shared_texts > 0.01)
    notes.push_back(fmt::format("{:.1f} % of the items share their text with another item: a text model cannot tell those apart.", 100 * report.shared_texts));
  notes.push_back("Split " + report.split_hash.substr(0, 12) + ": figures of another hash were measured on another test.");
  return notes;
}

}  // namespace

Table Report::table(std::vector<std::string> figures) const {
  Table table{.title = fmt::format("{}: {} users, {} items, {} events to learn from", split, users, items, events)};
  if (figures.empty() && !rows.empty()) figures = usual_figures(rows.front().evaluation);
  table.columns.push_back({"model", false});
  for (const std::string& name : figures) table.columns.push_back({name});
  for (const char* name : {"fit s", "ask us", "peak MB"}) table.columns.push_back({name});
  for (const Row& row : rows) {
    std::vector<Json> cells = {model_text(row)};
    for (const std::string& name : figures) cells.push_back(figure_cell(row.evaluation.find(name)));
    cells.emplace_back(seconds_text(row.fit_seconds));
    cells.emplace_back(fmt::format("{:.0f}", row.evaluation.microseconds_per_user));
    cells.emplace_back(fmt::format("{:.0f}", 1e-6 * static_cast<double>(std::max(row.fit_peak_rss_bytes, row.evaluation.peak_rss_bytes))));
    table.rows.push_back(std::move(cells));
  }
  table.notes = notes_of(*this);
  table.notes.push_back("ask us: microseconds of one thread to score and rank the catalogue for one user. peak MB: of the whole process.");
  return table;
}

Table Report::data_table(std::vector<std::string> figures) const {
  Table table{.title = split};
  if (figures.empty() && !rows.empty())
    for (const Figure& figure : rows.front().evaluation.figures) figures.push_back(figure.name);
  table.columns = {{"model", false}, {"control", false}, {"settings", false}, {"users"}};
  for (const std::string& name : figures)
    for (const char* part : {"", " low", " high"}) table.columns.push_back({name + part});
  for (const char* name : {"fit_seconds", "ask_microseconds", "peak_rss_bytes"}) table.columns.push_back({name});
  for (const Row& row : rows) {
    std::vector<Json> cells = {row.model, row.control, row.settings, Json(row.evaluation.users)};
    for (const std::string& name : figures) {
      const Figure* figure = row.evaluation.find(name);
      const bool is_there = figure != nullptr && figure->n > 0;
      cells.push_back(is_there ? Json(figure->mean) : Json());
      for (const double edge : {is_there ? figure->low : 0, is_there ? figure->high : 0})
        cells.push_back(is_there && figure->has_interval ? Json(edge) : Json());
    }
    cells.emplace_back(row.fit_seconds);
    cells.emplace_back(row.evaluation.microseconds_per_user);
    cells.emplace_back(std::max(row.fit_peak_rss_bytes, row.evaluation.peak_rss_bytes));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table Report::segment_table(const std::string& figure) const {
  Table table{.title = figure + " by segment, " + split};
  table.columns = {{"segment", false}, {"n"}};
  std::vector<std::pair<std::string, std::string>> keys;  // kind and name, in the order first seen
  for (const Row& row : rows) {
    if (!row.control.empty()) continue;
    table.columns.push_back({row.model});
    for (const Segment& segment : row.evaluation.segments)
      if (std::pair key{segment.kind, segment.name}; std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  }
  for (const auto& [kind, name] : keys) {
    std::vector<Json> cells(2);
    cells[0] = kind + " " + name;
    for (const Row& row : rows) {
      if (!row.control.empty()) continue;
      const auto& segments = row.evaluation.segments;
      const auto at = std::find_if(segments.begin(), segments.end(), [&](const Segment& s) { return s.kind == kind && s.name == name; });
      const Figure* found = nullptr;
      if (at != segments.end())
        for (const Figure& one : at->figures)
          if (one.name == figure) found = &one;
      if (found != nullptr && cells[1].is_null()) cells[1] = Json(at->n);
      cells.push_back(figure_cell(found));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table Report::comparison_table() const {
  Table table{.title = comparisons.empty() ? "" : comparisons[0].second + " against the others on " + comparisons[0].metric};
  table.columns = {{"against", false}, {"difference"}, {"better"}, {"worse"}, {"same"}, {"p t-test"}, {"p Wilcoxon"}, {"p Holm"}};
  for (const Comparison& one : comparisons)
    table.rows.push_back({one.first, number_text(one.difference) + " [" + number_text(one.low) + ", " + number_text(one.high) + "]",
                          one.better, one.worse, one.same, p_text(one.p_t), p_text(one.p_wilcoxon), p_text(one.p_holm)});
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
    json["rows"].push_back(std::move(one));
  }
  json["comparisons"] = Json::array();
  for (const Comparison& one : comparisons) json["comparisons"].push_back(one.to_json());
  return json;
}

}  // namespace attune::eval
