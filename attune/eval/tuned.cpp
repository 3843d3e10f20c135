// Tuned: what a tuning found, as a table and as JSON.
#include <algorithm>

#include <fmt/core.h>

#include "attune/eval/tune.h"

namespace attune::eval {
namespace {

std::string settings_text(const Json& settings) {
  std::string text;
  if (settings.is_null()) return text;
  for (const auto& [key, value] : settings.as_object()) text += (text.empty() ? "" : " ") + key + "=" + (value.is_string() ? value.as_string() : value.dump());
  return text;
}

}  // namespace

const Trial* Tuned::best(std::string_view model) const {
  const Trial* found = nullptr;
  for (const Trial& trial : trials)
    if (trial.model == model && trial.counts() && (found == nullptr || trial.figure.mean > found->figure.mean)) found = &trial;
  return found;
}

std::vector<std::string> Tuned::models() const {
  std::vector<std::string> names;
  for (const Trial& trial : trials)
    if (std::find(names.begin(), names.end(), trial.model) == names.end()) names.push_back(trial.model);
  return names;
}

Table Tuned::table() const {
  Table table{.title = objective + " on " + split + ", " + std::to_string(users) + " users"};
  table.columns = {{"model", false}, {"trials"}, {"at first"}, {"best"}, {"fit s"}, {"best settings", false}};
  for (const std::string& name : models()) {
    const auto is_its = [&](const Trial& t) { return t.model == name; };
    const auto first = std::find_if(trials.begin(), trials.end(), is_its);
    const Trial* winner = best(name);
    std::vector<Json> cells(6);
    cells[0] = name;
    cells[1] = static_cast<long long>(std::count_if(trials.begin(), trials.end(), is_its));
    if (first->failure.empty() && first->share == 1) cells[2] = number_text(first->figure.mean);
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
  const auto given_up = std::count_if(trials.begin(), trials.end(), [](const Trial& t) { return !t.stopped.empty(); });
  if (given_up > 0) table.notes.push_back(std::to_string(given_up) + " trials were given up as hopeless.");
  return table;
}

Json Tuned::to_json() const {
  Json json = Json::object();
  json["split"] = split;
  json["objective"] = objective;
  json["users"] = users;
  json["trials"] = Json::array();
  for (const Trial& trial : trials) {
    Json one = eval::to_json(trial);
    if (trial.failure.empty() && trial.figure.n > 0) {
      one["mean"] = trial.figure.mean;
      one["low"] = trial.figure.low;
      one["high"] = trial.figure.high;
    }
    one["is_best"] = &trial == best(trial.model);
    json["trials"].push_back(std::move(one));
  }
  return json;
}

}  // namespace attune::eval
