// Judging: every question is heard once, all ways of scoring are asked, intervals are made of whole dialogues.
#include "attune/talk/ranking/judge.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/talk/ranking/learn.h"

namespace attune::talk::ranking {
namespace {

std::size_t place_of(std::span<const float> scores, ItemId item, std::span<const ItemId> named) {
  const float mine = scores[to_index(item)];
  std::size_t above = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    above += scores[i] > mine || (scores[i] == mine && i < to_index(item));
  for (const ItemId one : named) above -= scores[to_index(one)] > mine || (scores[to_index(one)] == mine && to_index(one) < to_index(item));
  return above + 1;
}

std::string cell(double value, const eval::Interval* interval) {
  char text[64];
  if (interval == nullptr) std::snprintf(text, sizeof text, "%.4f", value);
  else std::snprintf(text, sizeof text, "%.4f (%.4f-%.4f)", value, interval->low, interval->high);
  return text;
}

}  // namespace

ConversationReport judge(const View& view, const Ranker& ranker, const std::vector<Conversation>& conversations, const std::vector<ListMaker>& makers,
                         const JudgeOptions& options, const Run& run) {
  const std::vector<Question> asked = questions(conversations);
  if (asked.empty()) throw Error(Code::bad_data, "no turn of the " + std::to_string(conversations.size()) + " dialogues recommends an item of this catalogue that was not named before: nothing to judge by");
  // [makers][questions][wanted] places
  std::vector<std::vector<std::vector<std::size_t>>> places(makers.size(), std::vector<std::vector<std::size_t>>(asked.size()));
  std::vector<Conversation> said;
  for (const Question& question : asked) said.push_back(before(conversations[question.conversation], question.turn));
  const std::vector<Heard> heard = view.hear_all(said, options.cache_folder, run);
  parallel_for(0, asked.size(), 4, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t q = first; q < last; ++q) {
      run.check();
      const Matrix figures = ranker.figures(view, heard[q]);
      for (std::size_t m = 0; m < makers.size(); ++m) {
        const std::vector<float> scores = makers[m].by_words ? makers[m].by_words(said[q]) : makers[m].score(heard[q], figures);
        for (const ItemId item : asked[q].wanted) places[m][q].push_back(place_of(scores, item, heard[q].named));
      }
    }
  });
  ConversationReport report{.ks = options.ks, .turns = asked.size(), .items = view.item_count()};
  std::vector<std::size_t> dialogue(asked.size());
  for (std::size_t q = 0; q < asked.size(); ++q) {
    report.dialogues += q == 0 || asked[q].conversation != asked[q - 1].conversation;
    dialogue[q] = report.dialogues - 1;
    report.cases += asked[q].wanted.size();
  }
  const std::size_t n = options.ks.size(), columns = n + 1;
  for (std::size_t m = 0; m < makers.size(); ++m) {
    ConversationReport::Row row{.name = makers[m].name, .recall = std::vector<double>(n, 0.0)};
    std::vector<double> sums(report.dialogues * columns, 0.0);   // hits at each K, and cases: a mean of cases is a ratio of these
    for (std::size_t q = 0; q < asked.size(); ++q)
      for (const std::size_t place : places[m][q]) {
        double* of = sums.data() + dialogue[q] * columns;
        for (std::size_t k = 0; k < n; ++k) of[k] += place <= static_cast<std::size_t>(options.ks[k]);
        of[n] += 1;
        row.mrr += 1 / static_cast<double>(place) / static_cast<double>(report.cases);
      }
    for (std::size_t d = 0; d < report.dialogues; ++d)
      for (std::size_t k = 0; k < n; ++k) row.recall[k] += sums[d * columns + k] / static_cast<double>(report.cases);
    if (options.bootstrap > 0) {
      std::vector<double> means = eval::bootstrap_means(sums, columns, options.bootstrap, run);
      for (std::size_t b = 0; b * columns < means.size(); ++b)
        for (std::size_t k = 0; k < n; ++k) means[b * columns + k] /= means[b * columns + n];
      row.intervals = eval::intervals(means, columns, 0.95);
      row.intervals.resize(n);
    }
    report.rows.push_back(std::move(row));
  }
  return report;
}

std::vector<ListMaker> usual_makers(const View& view, const Ranker& ranker) {
  std::vector<ListMaker> makers;
  makers.push_back({ranker.is_learned() ? "learned" : "general", [&](const Heard& heard, const Matrix& figures) { return ranker.score(view, heard, figures); }});
  if (ranker.is_learned()) makers.push_back({"learned, weights alone", [&](const Heard&, const Matrix& figures) { return ranker.weighed(view, figures); }});
  const std::vector<std::string> names = ranker.names(view);
  for (std::size_t f = 0; f < names.size(); ++f) {
    if (names[f].starts_with("is:") || names[f].starts_with("near:")) continue;
    makers.push_back({names[f], [f](const Heard&, const Matrix& figures) { return std::vector<float>(figures.row(f).begin(), figures.row(f).end()); }});
  }
  return makers;
}

eval::Table ConversationReport::table() const {
  eval::Table table{.title = "Conversations: " + std::to_string(dialogues) + " dialogues, " + std::to_string(turns) + " turns that recommend something new, " +
                             std::to_string(cases) + " cases, " + std::to_string(items) + " items to choose from"};
  table.columns.push_back({"by", false});
  for (const int k : ks) table.columns.push_back({"recall@" + std::to_string(k)});
  table.columns.push_back({"mrr"});
  for (const Row& row : rows) {
    std::vector<Json> cells = {Json(row.name)};
    for (std::size_t k = 0; k < ks.size(); ++k) cells.emplace_back(cell(row.recall[k], row.intervals.empty() ? nullptr : &row.intervals[k]));
    cells.emplace_back(cell(row.mrr, nullptr));
    table.rows.push_back(std::move(cells));
  }
  table.notes = notes;
  return table;
}

Json ConversationReport::to_json() const {
  Json json = Json::object();
  json["protocol"] = "conversation";
  json["dialogues"] = dialogues;
  json["turns"] = turns;
  json["cases"] = cases;
  json["items"] = items;
  Json list = Json::array();
  for (const Row& row : rows) {
    Json one = Json::object();
    one["by"] = row.name;
    for (std::size_t k = 0; k < ks.size(); ++k) {
      const std::string name = "recall@" + std::to_string(ks[k]);
      one[name] = row.recall[k];
      if (!row.intervals.empty()) {
        one[name + " low"] = row.intervals[k].low;
        one[name + " high"] = row.intervals[k].high;
      }
    }
    one["mrr"] = row.mrr;
    list.push_back(std::move(one));
  }
  json["rows"] = std::move(list);
  Json remarks = Json::array();
  for (const std::string& note : notes) remarks.push_back(note);
  json["notes"] = std::move(remarks);
  return json;
}

}  // namespace attune::talk::ranking
