// Text neighbours: one pass over all items' points.
#include "attune/model/text_neighbours.h"

#include <utility>

#include "attune/core/top_k.h"
#include "attune/model/text_prior.h"

namespace attune::model {
namespace {

// Mean of the 20 nearest items' columns: ahead of the text prior's own column and of ridge on the cold items of two sets
// (Beauty and Games, NDCG@10 among the cold .10 against .08 and .096).
constexpr std::size_t kNearest = 20;

}  // namespace

std::vector<Scored> TextNeighbours::nearest(const NewItem& item) const {
  const std::vector<float> point = space_.place(item);
  if (point.empty()) return {};
  std::vector<float> cosines(item_count());
  space_.dots(point, cosines);
  std::vector<Scored> near = top_k(cosines, count_);
  std::erase_if(near, [](const Scored& n) { return !(n.score > 0); });
  double sum = 0;
  for (const Scored& n : near) sum += n.score;
  for (Scored& n : near) n.score = static_cast<float>(n.score / sum);
  return near;
}

void TextNeighbours::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(count_));
  space_.save(out);
}

TextNeighbours TextNeighbours::load(ByteReader& in) {
  const auto count = static_cast<std::size_t>(in.number<std::uint64_t>());
  return {TextSpace::load(in), count};
}

std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view feature, const Run& run) {
  run.check();
  const std::string chosen = chosen_feature(data, feature);
  if (chosen.empty() || data.item_count() == 0) return std::nullopt;
  return TextNeighbours(TextSpace(chosen, features_named(data, chosen), {}), kNearest);
}

}  // namespace attune::model
