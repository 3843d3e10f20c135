// Cold users: people of whom nothing is known but a profile text or one event. A share of the users is left out of training as a
// whole; each is then asked about with the text alone (as `--about` does: the nearest items stand for a history) and with one event alone.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "attune/eval/cold_items.h"

namespace attune::eval {

// How like each item is to a text, by what encoders say: out [items] of the dataset given to judge_cold_users.
using TextLikeness = std::function<void(const std::string& text, std::span<float> out)>;

struct ColdUsersOptions {
  std::size_t users = 800;                  // asked about; a quarter of all at most; as many others serve for choosing
  data::Part part = data::Part::test;
  EvalOptions eval;
  std::string figure = "ndcg@10";
  std::size_t about_items = 50;             // nearest items that stand for a text
  // Each is chosen on other cold users, for each model by itself: the softmax temperature of those items, and how much of the
  // z-scores of log popularity and of the likeness to the text is added to the model's. A single choice is taken as it is.
  std::vector<double> temperatures = {0.02, 0.05, 0.1, 0.2};
  std::vector<double> popularity = {0, 0.1, 0.2, 0.4, 0.8};
  std::vector<double> likeness = {0, 0.1, 0.2, 0.4, 0.8};
  // Profile texts by user name. Empty: the text of one of a user's items, drawn by run.seed, stands for one; that item is no target,
  // and it is not among the items that stand for the text unless `own_item` says so. Asked are users of kLeastItems or more.
  std::map<std::string, std::string, std::less<>> profiles;
  bool own_item = false;
  static constexpr std::size_t kLeastItems = 5;
};

struct ColdUsersRow {
  std::string model, settings;
  std::string from;                         // "text", "one event", "nothing"
  double temperature = 0, popularity = 0, likeness = 0;   // chosen; temperature 0 = not used
  double fit_seconds = 0;
  Evaluation evaluation;
};

struct ColdUsersReport {
  std::string figure;
  std::size_t users = 0, items = 0, events = 0;   // asked about, in the catalogue, learned from
  bool has_profiles = false, own_item = false;
  std::vector<ColdUsersRow> rows;           // popularity, text alone, then each model: plain text, blended text, plain event, blended event
  Table table() const;
  Json to_json() const;
};

// Throws Error: bad_data when nobody is left to be asked; bad_request for profiles of users whom the data do not know, naming one.
ColdUsersReport judge_cold_users(const data::Dataset& data, const TextLikeness& likeness, const std::vector<ModelContender>& contenders,
                                 const ColdUsersOptions& options, const Run& run);

}  // namespace attune::eval
