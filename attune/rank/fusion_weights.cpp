// Fusion weights: segments and their record in a snapshot.
#include "attune/rank/fusion_weights.h"

#include <cmath>
#include <utility>

#include "attune/core/error.h"

namespace attune::rank {

const std::array<const char*, kHistorySegments> kHistorySegmentNames = {"0", "1", "2-4", "5-19", "20+"};
const std::array<const char*, kItemSegments> kItemSegmentNames = {"nobody yet", "1-9 users", "10+ users"};

std::size_t history_segment(std::size_t touches) noexcept {
  if (touches < 2) return touches;
  return touches < 5 ? 2 : touches < 20 ? 3 : 4;
}

std::size_t item_segment(std::uint32_t takers) noexcept { return takers == 0 ? 0 : takers < 10 ? 1 : 2; }

FusionWeights FusionWeights::equal(std::vector<std::string> sources) {
  FusionWeights weights;
  const std::vector<float> cell(sources.size(), sources.empty() ? 0.0f : 1.0f / static_cast<float>(sources.size()));
  weights.sources = std::move(sources);
  for (auto& row : weights.table) row.fill(cell);
  return weights;
}

Json FusionWeights::to_json() const {
  Json json = Json::object();
  json["sources"] = Json::array();
  for (const std::string& source : sources) json["sources"].push_back(source);
  json["table"] = Json::object();
  for (std::size_t h = 0; h < kHistorySegments; ++h)
    for (std::size_t i = 0; i < kItemSegments; ++i) {
      Json cell = Json::array();
      for (const float w : table[h][i]) cell.push_back(w);
      json["table"][kHistorySegmentNames[h]][kItemSegmentNames[i]] = std::move(cell);
    }
  return json;
}

FusionWeights FusionWeights::from_json(const Json& json) {
  FusionWeights weights;
  for (const Json& source : json.at("sources").as_array()) weights.sources.push_back(source.as_string());
  for (std::size_t h = 0; h < kHistorySegments; ++h)
    for (std::size_t i = 0; i < kItemSegments; ++i) {
      std::vector<float>& cell = weights.table[h][i];
      for (const Json& w : json.at("table").at(kHistorySegmentNames[h]).at(kItemSegmentNames[i]).as_array())
        cell.push_back(static_cast<float>(w.as_number()));
      bool is_sound = cell.size() == weights.sources.size();
      for (const float w : cell) is_sound = is_sound && std::isfinite(w) && w >= 0;
      if (!is_sound)
        throw Error(Code::bad_data, std::string("fusion weights of history '") + kHistorySegmentNames[h] + "', items '" + kItemSegmentNames[i] +
                                        "': expected " + std::to_string(weights.sources.size()) + " numbers of 0 or more; fit again");
    }
  return weights;
}

}  // namespace attune::rank
