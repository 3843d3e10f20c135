// Cold items: fit on what is known, give every hidden item its column, rank both kinds of users.
// Cost: two fits a model (validation for the lift, test), O(hidden x known) memory for the columns.
#include "attune/eval/cold_items.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/matrix.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/data/cold_items.h"

namespace attune::eval {
namespace {

// One part of the data as it is judged.
struct World {
  data::Split cold, warm;                          // the same training part
  data::KnownItems known;
  std::vector<ItemId> known_items, cold_items, all;   // ids in the whole, ascending; `all` = known and cold
};

World world_for(const data::Dataset& data, const ColdItemsOptions& options, data::Part part, const Run& run) {
  data::SplitOptions asked;
  asked.part = part;
  asked.refit_with_validation = part == data::Part::test;   // the items hidden for validation are known again
  const auto split_for = [&](const char* side) {
    Json settings = options.split;
    settings["ask"] = side;
    return data::split_cold_items(data, settings, asked, run);
  };
  World world{.cold = split_for("cold"), .warm = split_for("warm")};
  if (options.users > 0 && world.warm.cases.size() > options.users) {
    Random random(run.seed ^ 0x7761726du);
    random.shuffle(std::span(world.warm.cases));
    world.warm.cases.resize(options.users);
  }
  world.cold_items = data::hidden_items(data, options.split, part, run);
  std::vector<ItemId> unknown = world.cold_items;
  if (part == data::Part::validation) {             // what test hides is in no list at all
    const std::vector<ItemId> later = data::hidden_items(data, options.split, data::Part::test, run);
    unknown.insert(unknown.end(), later.begin(), later.end());
    std::sort(unknown.begin(), unknown.end());
  }
  world.known = data::without_items(*world.cold.train, unknown);
  world.known_items = world.known.old_id;
  std::merge(world.known_items.begin(), world.known_items.end(), world.cold_items.begin(), world.cold_items.end(), std::back_inserter(world.all));
  return world;
}

// What the encoders said of an item, as if it came now.
model::NewItem as_new(const data::Dataset& data, ItemId item) {
  model::NewItem made;
  const auto is_zero = [](float x) { return x == 0; };
  for (const auto& [name, features] : data.all_features()) {
    model::NewItem::Row row;
    if (features->is_sparse()) {
      const auto words = features->sparse.row_indices(to_index(item));
      const auto values = features->sparse.row_values(to_index(item));
      row.indices.assign(words.begin(), words.end());
      row.values.assign(values.begin(), values.end());
    } else {
      const auto values = features->dense.row(to_index(item));
      row.dense.assign(values.begin(), values.end());
    }
    if (!std::ranges::all_of(row.dense, is_zero) || !std::ranges::all_of(row.values, is_zero)) made.features[name] = std::move(row);
  }
  return made;
}

// Scores known items by the model and hidden ones by their columns.
class Placed {
 public:
  Placed(const World& world, std::shared_ptr<const model::Recommender> model, const Run& run) : world_(world), model_(std::move(model)) {
    const std::size_t count = world.cold_items.size();
    if (const auto vectors = model_->item_vectors()) vectors_ = Matrix(count, vectors->cols);
    columns_ = Matrix(count, world.known_items.size());
    has_.resize(count);
    parallel_for(0, count, 4, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t n = first; n < last; ++n) place(n);
    });
  }

  bool places_any() const { return std::ranges::any_of(has_, [](How how) { return how != How::not_at_all; }); }

  void score(const data::Case& asked, double lift, std::span<float> scores) const {
    data::Case known{.user = asked.user};
    for (Touch touch : asked.input)
      if (const auto id = world_.known.new_id[to_index(touch.item)]) {
        touch.item = *id;
        known.input.push_back(touch);
      }
    const model::Query query{.history = known.input, .user = asked.user};
    std::vector<float> own(world_.known_items.size());
    model_->score_all(query, own);
    double sum = 0;
    float least = 0;
    for (const float s : own) sum += s;
    if (!own.empty()) least = *std::min_element(own.begin(), own.end());
    const double mean = own.empty() ? 0 : sum / static_cast<double>(own.size());
    std::ranges::fill(scores, least - 1);
    for (std::size_t n = 0; n < own.size(); ++n) scores[to_index(world_.known_items[n])] = own[n];
    const std::vector<Scored> input = model_->input(query);
    const auto vector = vectors_.empty() ? std::nullopt : model_->query_vector(query);
    for (std::size_t n = 0; n < has_.size(); ++n) {
      double score = 0;
      if (has_[n] == How::column) {
        const auto column = columns_.row(n);
        for (const Scored& in : input) score += static_cast<double>(in.score) * column[to_index(in.item)];
      } else if (has_[n] == How::vector && vector) {
        score = dot(vectors_.row(n), *vector);
      } else {
        continue;
      }
      scores[to_index(world_.cold_items[n])] = static_cast<float>(mean + lift * (score - mean));
    }
  }

 private:
  enum class How : std::uint8_t { not_at_all, column, vector };

  void place(std::size_t n) {
    const model::NewItem item = as_new(*world_.cold.train, world_.cold_items[n]);
    if (const auto column = model_->column(item)) {
      std::ranges::copy(*column, columns_.row(n).begin());
      has_[n] = How::column;
    } else if (const auto vector = model_->item_vector(item); vector && !vectors_.empty()) {
      std::ranges::copy(*vector, vectors_.row(n).begin());
      has_[n] = How::vector;
    }
  }

  const World& world_;
  std::shared_ptr<const model::Recommender> model_;
  Matrix columns_, vectors_;
  std::vector<How> has_;
};

Evaluation measure(const data::Split& split, const Placed& placed, double lift, std::span<const ItemId> among, EvalOptions options, const Run& run) {
  options.candidates = [among](const data::Case&) { return among; };
  options.vectors = nullptr;
  const Answerer answerer{.scores = [&](const data::Case& asked, std::span<float> scores) { placed.score(asked, lift, scores); }};
  return evaluate(split, answerer, options, run);
}

// The lift with the best figure among all that loses no more than allowed. The higher new items are lifted the more is lost: the first
// lift that loses too much ends the search, and the gap below it is halved.
double chosen_lift(const World& world, const Placed& placed, const ColdItemsOptions& options, const Run& run) {
  EvalOptions plain = options.eval;
  plain.bootstrap = 0;
  plain.segments = false;
  plain.metrics = {options.figure.substr(0, options.figure.find('@'))};
  const double alone = measure(world.warm, placed, 1, world.known_items, plain, run).at(options.figure);
  std::vector<double> lifts = options.lifts;
  std::ranges::sort(lifts);
  double best = lifts.front(), best_figure = -1, allowed = 0, forbidden = 0;
  const auto is_allowed = [&](double lift) {
    if (measure(world.warm, placed, lift, world.all, plain, run).at(options.figure) < (1 - options.allowed_loss) * alone) {
      forbidden = lift;
      return false;
    }
    allowed = lift;
    if (const double figure = measure(world.cold, placed, lift, world.all, plain, run).at(options.figure); figure > best_figure) {
      best = lift;
      best_figure = figure;
    }
    return true;
  };
  for (const double lift : lifts)
    if (!is_allowed(lift)) break;
  for (std::size_t n = 0; n < options.halvings && allowed > 0 && forbidden > 0; ++n) is_allowed(std::sqrt(allowed * forbidden));
  return best;
}

ColdItemsRow judge_one(const World& world, const World* validation, const ModelContender& contender, const ColdItemsOptions& options, const Run& run) {
  ColdItemsRow row{.model = contender.name, .settings = contender.settings};
  try {
    if (validation != nullptr)
      row.lift = chosen_lift(*validation, Placed(*validation, contender.fit(*validation->known.data, run), run), options, run);
    else if (!options.lifts.empty())
      row.lift = options.lifts.front();
    const auto begin = std::chrono::steady_clock::now();
    const Placed placed(world, contender.fit(*world.known.data, run), run);
    row.fit_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    row.places_new_items = placed.places_any();
    row.among_cold = measure(world.cold, placed, 1, world.cold_items, options.eval, run);
    row.among_all_natural = measure(world.cold, placed, 1, world.all, options.eval, run);
    row.among_all = measure(world.cold, placed, row.lift, world.all, options.eval, run);
    row.warm_alone = measure(world.warm, placed, 1, world.known_items, options.eval, run);
    row.warm = measure(world.warm, placed, row.lift, world.all, options.eval, run);
  } catch (const Error& e) {
    throw Error(e.code(), contender.name + ": " + e.what());
  }
  return row;
}

std::string with_interval(const Evaluation& evaluation, const std::string& name) {
  const Figure* figure = evaluation.find(name);
  if (figure == nullptr || figure->n == 0) return "";
  return number_text(figure->mean) + (figure->has_interval ? " \u00b1" + number_text((figure->high - figure->low) / 2) : "");
}

}  // namespace

double ColdItemsRow::warm_loss(const std::string& figure) const {
  const double alone = warm_alone.at(figure);
  return alone > 0 ? 1 - warm.at(figure) / alone : 0;
}

Table ColdItemsReport::table() const {
  Table table{.title = fmt::format("{}: {} of {} items are new; {} users look for one of them, {} for a known one; {}", split, cold_items,
                                   cold_items + known_items, cold_users, warm_users, figure)};
  table.columns = {{"model", false}, {"among the new"}, {"among all"}, {"lifted"}, {"lift"}, {"known items"}, {"loss %"}, {"fit s"}};
  for (const ColdItemsRow& row : rows) {
    table.rows.push_back({row.model, with_interval(row.among_cold, figure), with_interval(row.among_all_natural, figure),
                          with_interval(row.among_all, figure), number_text(row.lift), with_interval(row.warm_alone, figure),
                          fmt::format("{:.2f}", 100 * row.warm_loss(figure)), fmt::format("{:.2f}", row.fit_seconds)});
    if (!row.places_new_items) table.notes.push_back(row.model + " knows nothing of new items: they stand last, all alike.");
  }
  table.notes.push_back("lift: how far new items' scores are pulled away from the mean of the known ones, chosen on other hidden items;");
  table.notes.push_back("loss: what users who look for a known item lose of the figure to lifted new items in their list.");
  return table;
}

Json ColdItemsReport::to_json() const {
  Json json = Json::object();
  json["protocol"] = "cold-items";
  json["split"] = split;
  json["figure"] = figure;
  json["cold_items"] = cold_items;
  json["known_items"] = known_items;
  json["cold_users"] = cold_users;
  json["warm_users"] = warm_users;
  json["events"] = events;
  json["rows"] = Json::array();
  for (const ColdItemsRow& row : rows) {
    Json one = Json::object();
    one["model"] = row.model;
    one["settings"] = row.settings;
    one["places_new_items"] = row.places_new_items;
    one["lift"] = row.lift;
    one["warm_loss"] = row.warm_loss(figure);
    one["fit_seconds"] = row.fit_seconds;
    one["among_cold"] = row.among_cold.to_json();
    one["among_all"] = row.among_all.to_json();
    one["among_all_natural"] = row.among_all_natural.to_json();
    one["warm_alone"] = row.warm_alone.to_json();
    one["warm"] = row.warm.to_json();
    json["rows"].push_back(std::move(one));
  }
  return json;
}

ColdItemsReport judge_cold_items(const data::Dataset& data, const std::vector<ModelContender>& contenders, const ColdItemsOptions& options,
                                 const Run& run) {
  if (contenders.empty()) throw Error(Code::bad_request, "expected at least one model to judge, got none");
  const World world = world_for(data, options, options.part, run);
  std::optional<World> validation;
  if (options.part == data::Part::test && options.lifts.size() > 1) validation = world_for(data, options, data::Part::validation, run);
  const World* chooses = validation ? &*validation : options.lifts.size() > 1 ? &world : nullptr;   // validation judges itself: for choosing settings
  ColdItemsReport report{.split = world.cold.name,
                         .figure = options.figure,
                         .cold_items = world.cold_items.size(),
                         .known_items = world.known_items.size(),
                         .cold_users = world.cold.cases.size(),
                         .warm_users = world.warm.cases.size(),
                         .events = world.known.data->event_count()};
  for (const ModelContender& one : contenders)
    report.rows.push_back(judge_one(world, chooses, one, options, run));
  return report;
}

}  // namespace attune::eval
