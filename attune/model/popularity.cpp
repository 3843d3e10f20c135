// Popularity: rank items by how many people took them, recent days counting more. Knows nobody.
// Source: baseline. Cost: one pass over the log to fit, O(1) an item to score.
#include <algorithm>
#include <cmath>

#include "attune/model/recommender.h"

namespace attune::model {
namespace {

constexpr double kDayMs = 24.0 * 3600 * 1000;

struct Params {
  float half_life_days = 0;
  template <class Visitor>
  void visit(Visitor& v) {
    v("half_life_days", half_life_days, "days after which a taken item counts half; 0 = all days count alike");
  }
};

class Popularity final : public Recommender {
 public:
  Popularity(std::vector<float> counts, Json settings) : counts_(std::move(counts)), settings_(std::move(settings)) {}
  std::string name() const override { return "popularity"; }
  std::size_t item_count() const override { return counts_.size(); }
  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = counts_[to_index(items[n])];
  }
  Explanation explain(const Query& query, ItemId item) const override {
    Explanation whole = Recommender::explain(query, item);
    whole.parts.push_back({.what = "popularity", .value = whole.value});
    return whole;
  }
  std::vector<Scored> input(const Query&) const override { return {}; }
  std::size_t size_bytes() const override { return counts_.size() * sizeof(float); }
  Json settings() const override { return settings_; }
  void save(ByteWriter& out) const override {
    out.text(settings_.dump());
    out.array(std::span<const float>(counts_));
  }

 private:
  std::vector<float> counts_;
  Json settings_;
};

// Each user counts an item once, at the newest time that they took it.
std::vector<float> count(const data::Dataset& data, const Params& params, const Run& run) {
  std::vector<double> counts(data.item_count(), 0.0);
  std::vector<std::int64_t> newest(data.item_count(), INT64_MIN);
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    if (u % 4096 == 0) run.check();
    if (params.half_life_days > 0)
      for (const Touch& touch : data.history(user_at(u)))
        if (touch.weight > 0) newest[to_index(touch.item)] = std::max(newest[to_index(touch.item)], touch.time_ms);
    const auto items = data.interactions().row_indices(u);
    const auto values = data.interactions().row_values(u);
    for (std::size_t k = 0; k < items.size(); ++k) {
      double share = std::min(values[k], 1.0f);
      if (params.half_life_days > 0)
        share *= std::exp2(-static_cast<double>(data.newest_ms() - newest[items[k]]) / (params.half_life_days * kDayMs));
      counts[items[k]] += share;
    }
    if (params.half_life_days > 0)
      for (const Touch& touch : data.history(user_at(u))) newest[to_index(touch.item)] = INT64_MIN;
  }
  return {counts.begin(), counts.end()};
}

}  // namespace

std::unique_ptr<const Recommender> fit_popularity(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  if (!(params.half_life_days >= 0))
    throw Error(Code::bad_request, "popularity.half_life_days must be 0 or more, got " + std::to_string(params.half_life_days));
  return std::make_unique<const Popularity>(count(data, params, run), to_json(params));
}

std::unique_ptr<const Recommender> load_popularity(ByteReader& in) {
  Json settings = Json::parse(in.text(), "settings of popularity");
  return std::make_unique<const Popularity>(in.array<float>(), std::move(settings));
}

std::vector<Setting> settings_popularity() { return settings_of<Params>(); }

}  // namespace attune::model
