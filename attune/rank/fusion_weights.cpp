// Fusion weights: segments and their JSON.
#include "attune/rank/fusion_weights.h"

#include "attune/core/error.h"

namespace attune::rank {

const std::array<const char*, kHistorySegments> kHistorySegmentNames = {"no history", "1 event", "2-4 events", "5-19 events", "20 or more"};
const std::array<const char*, kItemSegments> kItemSegmentNames = {"new items", "taken by 1-9", "taken by 10 or more"};

std::size_t history_segment(std::size_t touches) noexcept {
  return touches == 0 ? 0 : touches == 1 ? 1 : touches < 5 ? 2 : touches < 20 ? 3 : 4;
}
std::size_t item_segment(std::uint32_t takers) noexcept { return takers == 0 ? 0 : takers < 10 ? 1 : 2; }

FusionWeights FusionWeights::equal(std::vector<std::string> sources) {
  FusionWeights weights;
  for (auto& row : weights.table)
    for (auto& cell : row) cell.assign(sources.size(), sources.empty() ? 0.0f : 1.0f / static_cast<float>(sources.size()));
  weights.sources = std::move(sources);
  return weights;
}

Json FusionWeights::to_json() const {
  Json json = Json::object();
  json["sources"] = Json::array();
  for (const std::string& name : sources) json["sources"].push_back(name);
  json["table"] = Json::array();
  for (std::size_t h = 0; h < kHistorySegments; ++h)
    for (std::size_t i = 0; i < kItemSegments; ++i) {
      Json cell = Json::object();
      cell["history"] = kHistorySegmentNames[h];
      cell["items"] = kItemSegmentNames[i];
      cell["weights"] = Json::array();
      for (const float w : table[h][i]) cell["weights"].push_back(w);
      json["table"].push_back(std::move(cell));
    }
  return json;
}

FusionWeights FusionWeights::from_json(const Json& json) {
  FusionWeights weights;
  for (const Json& name : json.at("sources").as_array()) weights.sources.push_back(name.as_string());
  const auto& cells = json.at("table").as_array();
  if (cells.size() != kHistorySegments * kItemSegments)
    throw Error(Code::bad_data, "expected fusion weights of " + std::to_string(kHistorySegments * kItemSegments) + " segments, found " +
                                    std::to_string(cells.size()));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    std::vector<float>& cell = weights.table[c / kItemSegments][c % kItemSegments];
    for (const Json& w : cells[c].at("weights").as_array()) cell.push_back(static_cast<float>(w.as_number()));
    if (cell.size() != weights.sources.size()) throw Error(Code::bad_data, "expected one fusion weight a model in every segment");
    for (const float w : cell)
      if (!(w >= 0)) throw Error(Code::bad_data, "fusion weights are 0 or more");
  }
  return weights;
}

}  // namespace attune::rank
