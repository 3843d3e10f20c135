// Cold users: two sets of users without training, one to choose blends by and one to judge. Cost: two fits a model; the scores of a
// way to ask are made once, blends are sums of them.
#include "attune/eval/cold_users.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "attune/core/error.h"
#include "attune/core/matrix.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"

namespace attune::eval {
namespace {

// The users of one part, what is known of them, and what everybody else did.
struct World {
  data::Split split;                  // input: the one event, if it may be used
  std::vector<std::string> texts;     // [cases]
  Matrix likeness;                    // [cases, items] of the text to every item
  std::vector<float> popularity;      // [items] log(1 + takers) in training
};

std::vector<ItemId> taken_by(const data::Dataset& data, UserId user) {
  std::vector<ItemId> items;
  for (const Touch& touch : data.history(user))
    if (touch.weight > 0 && std::find(items.begin(), items.end(), touch.item) == items.end()) items.push_back(touch.item);
  return items;
}

// Users who can be asked about, in random order: with a profile and an item, or with enough items.
std::vector<UserId> askable(const data::Dataset& data, const ColdUsersOptions& options, const Run& run) {
  std::vector<UserId> users;
  if (!options.profiles.empty()) {
    for (const auto& [name, text] : options.profiles) {
      const auto user = data.catalogue().find_user(name);
      if (!user) throw Error(Code::bad_request, "the profiles name a user '" + name + "' of whom the data know nothing; every user needs events to be judged by");
      if (!taken_by(data, *user).empty()) users.push_back(*user);
    }
    std::sort(users.begin(), users.end());
  } else {
    for (std::size_t u = 0; u < data.user_count(); ++u)
      if (taken_by(data, user_at(u)).size() >= ColdUsersOptions::kLeastItems) users.push_back(user_at(u));
  }
  Random random(run.seed ^ 0x75736572u);
  random.shuffle(std::span(users));
  return users;
}

std::shared_ptr<const data::Dataset> without_users(const data::Dataset& data, const std::vector<UserId>& gone) {
  std::vector<bool> is_gone(data.user_count(), false);
  for (const UserId user : gone) is_gone[to_index(user)] = true;
  data::Histories histories;
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const UserId user = user_at(u);
    for (std::size_t k = 0; !is_gone[u] && k < data.history(user).size(); ++k)
      histories.push_back({data.history(user)[k], data.sessions(user)[k], data.hides(user)[k] != 0});
    histories.end_user();
  }
  auto rest = std::make_shared<data::Dataset>(data.shared_catalogue(), std::move(histories), data.until());
  for (const auto& [encoder, features] : data.all_features()) rest->with_features(encoder, features);
  return rest;
}

World world_for(const data::Dataset& data, const TextLikeness& likeness, const std::vector<UserId>& asked, const std::vector<UserId>& gone,
                const ColdUsersOptions& options, const Run& run) {
  World world;
  world.split.train = without_users(data, gone);
  world.split.name = "cold users";
  for (const UserId user : asked) {
    std::vector<ItemId> items = taken_by(data, user);
    data::Case one{.user = user};
    if (options.profiles.empty()) {
      Random random(run.seed ^ (0x9e3779b97f4a7c15u * (static_cast<std::uint64_t>(user) + 1)));
      const std::size_t drawn = random.below(items.size());
      one.input.push_back({.item = items[drawn]});
      one.seen.push_back(items[drawn]);
      world.texts.push_back(data.catalogue().item(items[drawn]).text);
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(drawn));
    } else {
      world.texts.push_back(options.profiles.find(data.catalogue().user(user))->second);
    }
    one.targets = std::move(items);
    world.split.cases.push_back(std::move(one));
  }
  world.likeness = Matrix(world.texts.size(), data.item_count());
  for (std::size_t c = 0; c < world.texts.size(); ++c) {
    if (c % 16 == 0) run.check();
    likeness(world.texts[c], world.likeness.row(c));
  }
  for (const std::uint32_t takers : world.split.train->popularity()) world.popularity.push_back(static_cast<float>(std::log1p(takers)));
  return world;
}

// Mean 0 and sd 1; zeros when all are alike.
void to_z(std::span<float> scores) {
  double sum = 0, squares = 0;
  for (const float s : scores) sum += s;
  const double mean = sum / static_cast<double>(std::max<std::size_t>(scores.size(), 1));
  for (const float s : scores) squares += (s - mean) * (s - mean);
  const double sd = std::sqrt(squares / static_cast<double>(std::max<std::size_t>(scores.size(), 1)));
  for (float& s : scores) s = sd > 1e-12 ? static_cast<float>((s - mean) / sd) : 0.0f;
}

// The nearest items as a history of one place; weights by softmax, summing to 1.
std::vector<Touch> history_of_text(std::span<const float> likeness, std::span<const ItemId> left_out, std::size_t count, double temperature) {
  std::vector<float> open(likeness.begin(), likeness.end());
  for (const ItemId item : left_out) open[to_index(item)] = -INFINITY;
  std::vector<Touch> history;
  double total = 0;
  const std::vector<Scored> near = top_k(open, count);
  for (const Scored& hit : near) {
    if (!std::isfinite(hit.score)) continue;
    const double weight = std::exp((static_cast<double>(hit.score) - near.front().score) / temperature);
    history.push_back({.item = hit.item, .weight = static_cast<float>(weight), .joined = !history.empty()});
    total += weight;
  }
  for (Touch& touch : history) touch.weight = static_cast<float>(touch.weight / total);
  return history;
}

// z-scores of every item for every case: [cases, items].
Matrix ask(const World& world, const model::Recommender& model, double temperature, const ColdUsersOptions& options, const Run& run) {
  Matrix scores(world.texts.size(), world.popularity.size());
  parallel_for(0, scores.rows(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t c = first; c < last; ++c) {
      const data::Case& asked = world.split.cases[c];
      const std::span<const ItemId> left_out = options.own_item ? std::span<const ItemId>() : std::span(asked.seen);
      const std::vector<Touch> history = temperature > 0 ? history_of_text(world.likeness.row(c), left_out, options.about_items, temperature) : asked.input;
      model.score_all({.history = history}, scores.row(c));
      to_z(scores.row(c));
    }
  });
  return scores;
}

struct Blend {
  double popularity = 0, likeness = 0;
};

Evaluation measure(const World& world, const Matrix& scores, Blend blend, const EvalOptions& options, const Run& run) {
  std::vector<float> popularity = world.popularity;
  to_z(popularity);
  std::unordered_map<UserId, std::size_t> row_of;
  for (std::size_t c = 0; c < world.split.cases.size(); ++c) row_of[world.split.cases[c].user] = c;
  const Answerer answerer{.scores = [&](const data::Case& asked, std::span<float> out) {
    const std::size_t c = row_of.at(asked.user);
    std::vector<float> like(world.likeness.row(c).begin(), world.likeness.row(c).end());
    if (blend.likeness > 0) to_z(like);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(scores(c, i) + blend.popularity * popularity[i] + (blend.likeness > 0 ? blend.likeness * like[i] : 0.0));
  }};
  return evaluate(world.split, answerer, options, run);
}

class Judge {
 public:
  Judge(const World& world, const World* choosing, const ColdUsersOptions& options, const Run& run)
      : world_(world), choosing_(choosing), options_(options), run_(run) {}

  // One way to ask a model, plain and blended. `temperatures` empty: by the event.
  void rows(const ModelContender& contender, const model::Recommender& model, const model::Recommender* earlier, double fit_seconds,
            std::vector<double> temperatures, ColdUsersReport& report) const {
    const bool by_text = !temperatures.empty();
    if (!by_text) temperatures = {0};
    ColdUsersRow plain{.model = contender.name, .settings = contender.settings, .from = by_text ? "text" : "one event", .fit_seconds = fit_seconds};
    ColdUsersRow blended = plain;
    plain.temperature = blended.temperature = temperatures.front();
    if (earlier != nullptr) choose(*earlier, temperatures, plain, blended);
    const Matrix scores = ask(world_, model, plain.temperature, options_, run_);
    plain.evaluation = measure(world_, scores, {}, options_.eval, run_);
    report.rows.push_back(plain);
    if (blended.popularity == 0 && blended.likeness == 0) return;
    const Matrix others = blended.temperature == plain.temperature ? scores.clone() : ask(world_, model, blended.temperature, options_, run_);
    blended.model += " blended";
    blended.evaluation = measure(world_, others, {blended.popularity, blended.likeness}, options_.eval, run_);
    report.rows.push_back(std::move(blended));
  }

  // Scores that need no model.
  void row(std::string name, std::string from, const Matrix& scores, ColdUsersReport& report) const {
    report.rows.push_back({.model = std::move(name), .from = std::move(from), .evaluation = measure(world_, scores, {}, options_.eval, run_)});
  }

 private:
  void choose(const model::Recommender& model, const std::vector<double>& temperatures, ColdUsersRow& plain, ColdUsersRow& blended) const {
    EvalOptions quick = options_.eval;
    quick.bootstrap = 0;
    quick.segments = false;
    quick.vectors = nullptr;
    quick.metrics = {options_.figure.substr(0, options_.figure.find('@'))};
    double best_plain = -1, best = -1;
    for (const double temperature : temperatures) {
      const Matrix scores = ask(*choosing_, model, temperature, options_, run_);
      for (const double popularity : options_.popularity)
        for (const double likeness : options_.likeness) {
          const double figure = measure(*choosing_, scores, {popularity, likeness}, quick, run_).at(options_.figure);
          if (popularity == 0 && likeness == 0 && figure > best_plain) {
            best_plain = figure;
            plain.temperature = temperature;
          }
          if (figure > best) {
            best = figure;
            blended.temperature = temperature;
            blended.popularity = popularity;
            blended.likeness = likeness;
          }
        }
    }
  }

  const World& world_;
  const World* choosing_;
  const ColdUsersOptions& options_;
  const Run& run_;
};

void judge_contender(const Judge& judge, const ModelContender& contender, const World& world, const World* choosing, const ColdUsersOptions& options,
                     const Run& run, ColdUsersReport& report) {
  try {
    const auto begin = std::chrono::steady_clock::now();
    const auto model = contender.fit(*world.split.train, run);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto earlier = choosing == nullptr ? nullptr : contender.fit(*choosing->split.train, run);
    judge.rows(contender, *model, earlier.get(), seconds, options.temperatures, report);
    if (options.profiles.empty()) judge.rows(contender, *model, earlier.get(), seconds, {}, report);
  } catch (const Error& e) {
    throw Error(e.code(), contender.name + ": " + e.what());
  }
}

}  // namespace

ColdUsersReport judge_cold_users(const data::Dataset& data, const TextLikeness& likeness, const std::vector<ModelContender>& contenders,
                                 const ColdUsersOptions& options, const Run& run) {
  if (contenders.empty()) throw Error(Code::bad_request, "expected at least one model to judge, got none");
  const std::vector<UserId> order = askable(data, options, run);
  const std::size_t count = std::min(options.users, order.size() / (options.profiles.empty() ? 4 : 2));
  if (count == 0)
    throw Error(Code::bad_data, "nobody is left to be asked: " + std::to_string(order.size()) + " users have " +
                                    (options.profiles.empty() ? "five items" : "a profile and an item") + "; some must be left to learn from");
  const std::vector<UserId> test(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
  const std::vector<UserId> validation(order.begin() + static_cast<std::ptrdiff_t>(count), order.begin() + static_cast<std::ptrdiff_t>(2 * count));
  const std::vector<UserId> both(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(2 * count));
  const bool is_test = options.part == data::Part::test;
  const World choosing = world_for(data, likeness, validation, both, options, run);
  const World asked = is_test ? world_for(data, likeness, test, test, options, run) : World();
  const World& world = is_test ? asked : choosing;
  ColdUsersReport report{.figure = options.figure, .users = world.split.cases.size(), .items = data.item_count(), .events = world.split.train->event_count(),
                         .has_profiles = !options.profiles.empty(), .own_item = options.own_item};
  const Judge judge(world, &choosing, options, run);
  Matrix popular(world.texts.size(), data.item_count());
  for (std::size_t c = 0; c < popular.rows(); ++c) std::ranges::copy(world.popularity, popular.row(c).begin());
  judge.row("popularity", "nothing", popular, report);
  judge.row("text alone", "text", world.likeness, report);
  for (const ModelContender& contender : contenders)
    if (contender.name != "popularity") judge_contender(judge, contender, world, &choosing, options, run, report);
  return report;
}

Table ColdUsersReport::table() const {
  Table table{.title = fmt::format("cold users: {} users without training, {} items, {} events of others; {}", users, items, events, figure)};
  table.columns = {{"asked by", false}, {"model", false}, {figure}, {"temperature"}, {"popularity"}, {"likeness"}, {"fit s"}};
  for (const ColdUsersRow& row : rows) {
    const Figure* found = row.evaluation.find(figure);
    std::string text = found == nullptr ? "" : number_text(found->mean);
    if (found != nullptr && found->has_interval) text += " \u00b1" + number_text((found->high - found->low) / 2);
    const auto cell = [](double x) { return x == 0 ? Json() : Json(number_text(x)); };
    table.rows.push_back({row.from, row.model, text, cell(row.temperature), cell(row.popularity), cell(row.likeness),
                          row.fit_seconds == 0 ? Json() : Json(fmt::format("{:.2f}", row.fit_seconds))});
  }
  if (!has_profiles)
    table.notes.push_back(std::string("text: the words of one of the user's items, drawn at random; all other items are what is looked for. That item itself ") +
                          (own_item ? "may stand" : "may not stand") + " for its text.");
  table.notes.push_back("blended: with z-scores of log popularity and of the likeness to the text added; weights chosen on other cold users.");
  return table;
}

Json ColdUsersReport::to_json() const {
  Json json = Json::object();
  json["protocol"] = "cold-users";
  json["figure"] = figure;
  json["users"] = users;
  json["items"] = items;
  json["events"] = events;
  json["own_item"] = own_item;
  json["rows"] = Json::array();
  for (const ColdUsersRow& row : rows) {
    Json one = Json::object();
    one["model"] = row.model;
    one["settings"] = row.settings;
    one["from"] = row.from;
    one["temperature"] = row.temperature;
    one["popularity"] = row.popularity;
    one["likeness"] = row.likeness;
    one["fit_seconds"] = row.fit_seconds;
    one["evaluation"] = row.evaluation.to_json();
    json["rows"].push_back(std::move(one));
  }
  return json;
}

}  // namespace attune::eval
