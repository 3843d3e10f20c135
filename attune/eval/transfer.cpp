// Transfer: the source is fitted once a model; the target is judged like any split, with models that were moved instead of fitted.
#include "attune/eval/transfer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/core.h>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/model/transfer.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_popularity(const data::Dataset& data, const Json& params, const Run& run);
}

namespace attune::eval {
namespace {

constexpr const char* kWithEvents = " + events there";

// Dense features of both sides.
std::vector<std::string> shared_encoders(const data::Dataset& source, const data::Dataset& target) {
  std::vector<std::string> names;
  for (const auto& [name, features] : source.all_features()) {
    const data::ItemFeatures* there = target.features(name);
    if (!features->is_sparse() && there != nullptr && !there->is_sparse() && features->dense.cols() == there->dense.cols()) names.push_back(name);
  }
  if (names.empty())
    throw Error(Code::bad_request, "no sentence encoder has read both sides, so nothing learned on one can be read on the other; set the same one in [encoders] use, such as minilm");
  return names;
}

// The dataset with these features alone; without events if `is_empty`.
data::Dataset reading(const data::Dataset& data, const std::vector<std::string>& encoders, bool is_empty) {
  data::Histories histories;
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const UserId user = user_at(u);
    for (std::size_t k = 0; !is_empty && k < data.history(user).size(); ++k)
      histories.push_back({data.history(user)[k], data.sessions(user)[k], data.hides(user)[k] != 0});
    histories.end_user();
  }
  data::Dataset made(data.shared_catalogue(), std::move(histories), data.until());
  for (const std::string& name : encoders) made.with_features(name, data.all_features().find(name)->second);
  return made;
}

// What models learn from: all but every user's last event, which tells them when to stop.
data::Dataset to_learn_from(const data::Dataset& source, const std::vector<std::string>& encoders, const Run& run) {
  data::SplitOptions options;
  options.part = data::Part::test;
  options.refit_with_validation = true;
  data::Split split = data::split_leave_one_out(source, Json::object(), options, run);
  data::Dataset train = reading(*split.train, encoders, false);
  train.with_held_out(std::make_shared<const std::vector<data::Case>>(std::move(split.cases)));
  return train;
}

// Share of the target's items whose text an item of the source has too.
double shared_texts(const data::Catalogue& source, const data::Catalogue& target) {
  std::unordered_set<std::string_view> known;
  for (const data::CatalogueItem& item : source.items())
    if (!item.text.empty()) known.insert(item.text);
  std::size_t shared = 0;
  for (const data::CatalogueItem& item : target.items()) shared += known.contains(item.text);
  return target.item_count() == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(target.item_count());
}

bool same_figures(const Evaluation& a, const Evaluation& b) {
  return std::ranges::equal(a.values, b.values, [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace

Report judge_transfer(const data::Dataset& source, const data::Dataset& target, const SplitFn& split, const std::vector<TransferContender>& contenders,
                      const ProtocolOptions& options, const Run& run) {
  if (contenders.empty()) throw Error(Code::bad_request, "expected at least one model to judge, got none");
  const std::vector<std::string> encoders = shared_encoders(source, target);
  const data::Dataset learned_from = to_learn_from(source, encoders, run);
  std::map<std::string, std::shared_ptr<const model::Recommender>> fitted;   // one fit a model
  std::vector<Contender> list;
  list.push_back({.name = "chance",
                  .fit = [](const data::Dataset&, const Run& r) {
                    return Answerer{.scores = [seed = r.seed](const data::Case& asked, std::span<float> out) {
                      Random random(seed ^ (0x9e3779b97f4a7c15u * (static_cast<std::uint64_t>(asked.user) + 1)));
                      for (float& x : out) x = static_cast<float>(random.uniform());
                    }};
                  },
                  .is_trivial = true});
  list.push_back(contender("popularity, learned there", model::fit_popularity));
  list.back().is_trivial = true;
  for (const TransferContender& one : contenders)
    for (const bool is_empty : {true, false})
      list.push_back({.name = one.name + (is_empty ? "" : kWithEvents),
                      .fit = [&, one, is_empty](const data::Dataset& train, const Run& r) {
                        auto& model = fitted[one.name];
                        if (model == nullptr) model = one.fit(learned_from, r);
                        return answers_of(model::moved(*model, reading(train, encoders, is_empty), r));
                      },
                      .settings = one.settings});
  ProtocolOptions asked = options;
  asked.trivial_rows = false;
  Report report = judge(target, split, list, asked, run);
  report.split += fmt::format("; learned elsewhere: {} events of {} items, {:.1f} % of the texts here stand there too", learned_from.event_count(),
                              learned_from.item_count(), 100 * shared_texts(source.catalogue(), target.catalogue()));
  std::vector<std::string> idle;   // rows that read no events
  for (std::size_t n = 1; n < report.rows.size(); ++n)
    if (report.rows[n].model == report.rows[n - 1].model + kWithEvents && same_figures(report.rows[n].evaluation, report.rows[n - 1].evaluation)) idle.push_back(report.rows[n].model);
  const auto is_idle = [&](const std::string& name) { return std::ranges::find(idle, name) != idle.end(); };
  std::erase_if(report.rows, [&](const Row& row) { return is_idle(row.model); });
  std::erase_if(report.comparisons, [&](const Comparison& c) { return is_idle(c.first) || is_idle(c.second); });
  return report;
}

}  // namespace attune::eval
