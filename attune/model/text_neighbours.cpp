// Text neighbours: one pass over all items' points an encoder.
#include "attune/model/text_neighbours.h"

#include <algorithm>
#include <map>
#include <utility>

#include "attune/core/error.h"
#include "attune/core/top_k.h"
#include "attune/model/text_prior.h"

namespace attune::model {
namespace {

// Mean of the nearest items' columns: ahead of the text prior's own column on the cold items of two sets (Beauty and Games, NDCG@10
// among the cold .10 against .08). 50 by squared cosine beside ridge: ahead of 20 by cosine on the validation parts of MovieLens and, by a
// little, Online Retail (bench/results/cold_items.jsonl).
constexpr std::size_t kNearest = 50;
// Of a small catalogue no more than this part, or all of it would stand for a new item and its twin would count little.
constexpr std::size_t kPart = 20;

std::vector<std::string> names_of(const data::Dataset& data, std::string_view features) {
  std::vector<std::string> names;
  if (features.empty())
    for (const auto& [name, one] : data.all_features()) names.push_back(name);
  while (!features.empty()) {
    const std::string_view name = features.substr(0, features.find(','));
    features.remove_prefix(std::min(name.size() + 1, features.size()));
    if (!name.empty()) names.push_back(chosen_feature(data, name));
  }
  return names;
}

}  // namespace

TextNeighbours::Seen TextNeighbours::look(const NewItem& item, std::optional<ItemId> except) const {
  Seen seen;
  std::map<ItemId, float> weights;
  std::size_t with_neighbours = 0, speaking = 0;
  std::vector<float> cosines(item_count());
  for (const TextSpace& space : spaces_) {
    const std::vector<float> point = space.place(item);
    if (point.empty()) continue;
    space.dots(point, cosines);
    if (except) cosines[to_index(*except)] = -1;
    seen.alike.resize(item_count());
    for (std::size_t i = 0; i < cosines.size(); ++i)
      if (cosines[i] > 0) seen.alike[i] += cosines[i] * cosines[i] * cosines[i];
    ++speaking;
    std::vector<Scored> near = top_k(cosines, count_);
    std::erase_if(near, [](const Scored& n) { return !(n.score > 0); });
    double sum = 0;
    for (const Scored& n : near) sum += n.score * n.score;
    for (const Scored& n : near) weights[n.item] += static_cast<float>(n.score * n.score / sum);
    with_neighbours += near.empty() ? 0 : 1;
  }
  for (float& x : seen.alike) x /= static_cast<float>(speaking);
  for (const auto& [known, weight] : weights) seen.nearest.push_back({known, weight / static_cast<float>(with_neighbours)});
  std::stable_sort(seen.nearest.begin(), seen.nearest.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  return seen;
}

std::size_t TextNeighbours::size_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const TextSpace& space : spaces_) bytes += space.size_bytes();
  return bytes;
}

// The count in the lower half; the spaces behind the first in the upper one, so that a file of one space reads as ever.
void TextNeighbours::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(count_) | static_cast<std::uint64_t>(spaces_.size() - 1) << 32);
  for (const TextSpace& space : spaces_) space.save(out);
}

TextNeighbours TextNeighbours::load(ByteReader& in) {
  const auto head = in.number<std::uint64_t>();
  std::vector<TextSpace> spaces;
  for (std::uint64_t n = 0; n <= head >> 32; ++n) {
    spaces.push_back(TextSpace::load(in));
    if (spaces.back().item_count() != spaces.front().item_count()) throw Error(Code::bad_data, "the model's text neighbours are damaged: encoders tell of different items; fit again");
  }
  return {std::move(spaces), static_cast<std::size_t>(head & 0xffffffffu)};
}

std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view features, const Run& run) {
  run.check();
  if (data.item_count() == 0) return std::nullopt;
  std::vector<TextSpace> spaces;
  for (const std::string& name : names_of(data, features)) spaces.emplace_back(name, features_named(data, name), TextSpace::Options{});
  if (spaces.empty()) return std::nullopt;
  return TextNeighbours(std::move(spaces), std::clamp<std::size_t>(data.item_count() / kPart, 1, kNearest));
}

}  // namespace attune::model
