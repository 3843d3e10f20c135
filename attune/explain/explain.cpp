// Explanations: the fused score of one item as a tree, model by model, history item by history item.
// Cost: one explain() and one contributions() a model and item: tens of microseconds for linear models.
#include "attune/explain/explain.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "attune/core/error.h"
#include "attune/rank/fuse.h"

namespace attune::explain {
namespace {

constexpr const char* kItem = "item:";

std::string label(const rank::World& world, ItemId origin) {
  return origin == rank::kAbout ? "about" : kItem + world.item(origin).name;
}

// The dense id in a model's leaf "item:123"; nullopt for other leaves.
std::optional<ItemId> item_of(const std::string& what) {
  if (!what.starts_with(kItem)) return std::nullopt;
  std::uint32_t id = 0;
  const char* last = what.data() + what.size();
  if (std::from_chars(what.data() + 5, last, id).ptr != last) return std::nullopt;
  return static_cast<ItemId>(id);
}

Explanation scaled(Explanation e, double by) {
  e.value *= by;
  for (Explanation& part : e.parts) part = scaled(std::move(part), by);
  return e;
}

// Adds `part` to the child of `parent` with the same name, parts and all.
void merge_into(Explanation& parent, Explanation part) {
  for (Explanation& there : parent.parts) {
    if (there.what != part.what) continue;
    if (there.parts.empty() != part.parts.empty()) {  // keep the sum honest when only one side is told apart
      Explanation& plain = there.parts.empty() ? there : part;
      plain.parts.push_back({"rest", plain.value, {}});
    }
    there.value += part.value;
    for (Explanation& p : part.parts) merge_into(there, std::move(p));
    return;
  }
  parent.parts.push_back(std::move(part));
}

// Who stands behind each touch of one fitted item, with its share of what the item adds: shares sum to 1.
using Shares = std::vector<std::pair<ItemId, double>>;
Shares behind(const rank::ModelHistory& history, ItemId item, std::span<const double> touch_values) {
  Shares shares;
  double sum = 0;
  for (std::size_t t = 0; t < history.touches.size(); ++t) {
    if (history.touches[t].item != item) continue;
    const double value = touch_values.empty() ? 0 : touch_values[t];
    sum += value;
    const auto same = std::find_if(shares.begin(), shares.end(), [&](const auto& s) { return s.first == history.origin[t]; });
    if (same != shares.end()) same->second += value;
    else shares.emplace_back(history.origin[t], value);
  }
  for (std::size_t s = 0; s < shares.size(); ++s)  // nothing to go by: all to the newest
    shares[s].second = sum != 0 ? shares[s].second / sum : (s + 1 == shares.size() ? 1.0 : 0.0);
  return shares;
}

// A model's own explanation with its dense ids replaced by what the history item stands for.
Explanation by_origin(const rank::World& world, const rank::ModelHistory& history, Explanation own, std::span<const double> touch_values) {
  Explanation named{own.what, own.value, {}};
  for (Explanation& part : own.parts) {
    const auto item = item_of(part.what);
    const Shares shares = item ? behind(history, *item, touch_values) : Shares{};
    if (shares.empty()) {
      if (item) part.what = label(world, *item);
      merge_into(named, std::move(part));
      continue;
    }
    for (const auto& [origin, share] : shares) {
      if (share == 0 && shares.size() > 1) continue;
      Explanation piece = scaled(part, share);
      piece.what = label(world, origin);
      merge_into(named, std::move(piece));
    }
  }
  return named;
}

// What a linear model says of an item put after it was fitted: its column against the history.
Explanation explain_fresh(const rank::FreshItem& fresh, const rank::Source& source, const model::Query& query) {
  Explanation own{"model", 0, {}};
  const auto column = fresh.columns.find(source.name);
  if (column != fresh.columns.end()) {
    for (const Scored& in : source.model->input(query)) {
      const double value = static_cast<double>(in.score) * column->second[to_index(in.item)];
      if (value == 0) continue;
      own.value += value;
      own.parts.push_back({kItem + std::to_string(to_index(in.item)), value, {{"text:neighbours", value, {}}}});
    }
  } else if (const auto row = fresh.item_vectors.find(source.name); row != fresh.item_vectors.end()) {
    const auto asked = source.model->query_vector(query);
    for (std::size_t d = 0; asked && d < asked->size(); ++d) own.value += static_cast<double>((*asked)[d]) * row->second[d];
  }
  return own;
}

std::vector<double> touch_values(const rank::Source& source, const model::Query& query, ItemId item) {
  const auto shares = source.model->contributions(query, {&item, 1});
  if (!shares) return {};
  return {shares->row(0).begin(), shares->row(0).end()};
}

// One source's part: weight / sd of its own explanation, and what centring takes off.
Explanation part_of(const rank::World& world, const rank::ModelHistory& history, const rank::Source& source, const rank::Scale& scale,
                    double weight, const model::Query& query, ItemId item) {
  const bool fresh = world.is_fresh(item);
  Explanation own = fresh ? explain_fresh(*world.fresh[to_index(item) - world.fitted_count()], source, query) : source.model->explain(query, item);
  const std::vector<double> values = fresh ? std::vector<double>{} : touch_values(source, query, item);
  Explanation named = scaled(by_origin(world, history, std::move(own), values), weight / scale.sd);
  if (named.parts.empty() && named.value != 0) named.parts.push_back({"score", named.value, {}});
  Explanation part{"model:" + source.name, 0, std::move(named.parts)};
  const double centre = -weight * scale.mean / scale.sd;
  if (centre != 0) part.parts.push_back({"centre", centre, {}});
  for (const Explanation& p : part.parts) part.value += p.value;
  return part;
}

Explanation tree(const rank::World& world, const rank::ModelHistory& history, const rank::Request& request, const rank::Candidate& candidate,
                 std::span<const rank::Scale> scales) {
  const model::Query query{.history = history.touches, .now_ms = request.now_ms};
  const std::vector<double> weights = rank::source_weights(world, request, history.places, candidate.item, candidate.raw);
  Explanation total{"total", 0, {}};
  for (std::size_t s = 0; s < world.sources.size(); ++s) {
    if (weights[s] == 0 || !(scales[s].sd > 0) || !std::isfinite(candidate.raw[s])) continue;
    total.parts.push_back(part_of(world, history, world.sources[s], scales[s], weights[s], query, candidate.item));
  }
  for (const Explanation& adjustment : candidate.adjustments) total.parts.push_back(adjustment);
  for (const Explanation& part : total.parts) total.value += part.value;
  return total;
}

}  // namespace

rank::Slate attach(const rank::World& world, const rank::Request& request, rank::Slate slate) {
  const rank::ModelHistory history = rank::model_history(world, request);
  for (rank::Candidate& candidate : slate.candidates) {
    candidate.why = tree(world, history, request, candidate, slate.scales);
    candidate.because = phrase(world, request, candidate.why, request.language);
  }
  return slate;
}

Explanation why(const rank::World& world, const rank::Request& request, ItemId item) {
  const rank::ModelHistory history = rank::model_history(world, request);
  const rank::Scores scores = rank::score_sources(world, request, history);
  return tree(world, history, request, rank::candidate_of(scores, item), scores.scales);
}

Explanation by_history(const Explanation& why) {
  Explanation merged{why.what, why.value, {}};
  for (const Explanation& part : why.parts) {
    if (!part.what.starts_with("model:")) {
      merge_into(merged, part);
      continue;
    }
    for (const Explanation& leaf : part.parts) merge_into(merged, leaf);
  }
  std::stable_sort(merged.parts.begin(), merged.parts.end(),
                   [](const Explanation& a, const Explanation& b) { return std::abs(a.value) > std::abs(b.value); });
  return merged;
}

}  // namespace attune::explain
