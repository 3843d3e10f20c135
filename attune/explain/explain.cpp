// Explanations: the fused score of one item as a tree, model by model, history item by history item. Sums are in double and
// every value is the sum of its parts, so the tree adds up by construction; it meets the score within the rounding of a float.
// Cost: one explain() a model and item; contributions() only where one fitted item stands for several history items.
#include "attune/explain/explain.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/rank/scores.h"

namespace attune::explain {
namespace {

constexpr std::string_view kItem = "item:";

// The dense id in a model's leaf "item:123"; nullopt for other leaves.
std::optional<ItemId> item_of(std::string_view what) {
  if (!what.starts_with(kItem)) return std::nullopt;
  std::uint32_t id = 0;
  const char* last = what.data() + what.size();
  if (std::from_chars(what.data() + kItem.size(), last, id).ptr != last) return std::nullopt;
  return static_cast<ItemId>(id);
}

void scale_by(Explanation& e, double by) {
  e.value *= by;
  for (Explanation& part : e.parts) scale_by(part, by);
}

// Bottom up: a value is the sum of its parts.
void add_up(Explanation& e) {
  if (e.parts.empty()) return;
  e.value = 0;
  for (Explanation& part : e.parts) {
    add_up(part);
    e.value += part.value;
  }
}

// Adds `part` to `there`, which has the same name.
void merge(Explanation& there, Explanation part) {
  if (there.parts.empty() != part.parts.empty()) {  // only one side is told apart: the other becomes one part
    Explanation& plain = there.parts.empty() ? there : part;
    plain.parts.push_back({"rest", plain.value, {}});
  }
  there.value += part.value;
  for (Explanation& p : part.parts) {
    const auto same = std::find_if(there.parts.begin(), there.parts.end(), [&](const Explanation& t) { return t.what == p.what; });
    if (same == there.parts.end()) there.parts.push_back(std::move(p));
    else merge(*same, std::move(p));
  }
}

// What the history items of a request are called, and which of them stand behind each fitted item that the models saw.
class Origins {
 public:
  Origins(const rank::World& world, const rank::ModelHistory& history) : world_(world), history_(history) {
    for (std::size_t t = 0; t < history.touches.size(); ++t) {
      std::vector<std::size_t>& touches = behind_[to_index(history.touches[t].item)];
      if (!touches.empty() && history.origin[touches.front()] != history.origin[t]) mixed_ = true;
      touches.push_back(t);
    }
  }

  // Is there a fitted item behind which several history items stand.
  bool mixed() const { return mixed_; }
  std::string label(ItemId origin) const {
    return origin == rank::kAbout ? "about" : std::string(kItem) + world_.item(origin).name;
  }

  // Gives the parts of a model's own explanation to the history items. `shares` [touches] or empty: each touch's share in the score.
  std::vector<Explanation> give(Explanation own, std::span<const float> shares) const {
    std::vector<Explanation> given;
    std::unordered_map<std::uint32_t, std::size_t> place;   // origin -> in `given`
    const auto add = [&](ItemId origin, Explanation part) {
      const auto [it, is_new] = place.emplace(static_cast<std::uint32_t>(origin), given.size());
      if (!is_new) return merge(given[it->second], std::move(part));
      part.what = label(origin);
      given.push_back(std::move(part));
    };
    for (Explanation& part : own.parts) {
      const auto item = item_of(part.what);
      const auto touches = item ? behind_.find(to_index(*item)) : behind_.end();
      if (touches == behind_.end()) {
        given.push_back(std::move(part));
      } else if (const auto split = split_of(touches->second, shares); split.size() == 1) {
        add(split.front().first, std::move(part));
      } else {
        for (const auto& [origin, share] : split) {
          Explanation piece = part;
          scale_by(piece, share);
          add(origin, std::move(piece));
        }
      }
    }
    return given;
  }

 private:
  // Each origin behind these touches with its part of 1.
  std::vector<std::pair<ItemId, double>> split_of(const std::vector<std::size_t>& touches, std::span<const float> shares) const {
    std::vector<std::pair<ItemId, double>> split;
    double sum = 0;
    for (const std::size_t t : touches) {
      const double value = shares.empty() ? history_.touches[t].weight : shares[t];
      sum += value;
      const auto same = std::find_if(split.begin(), split.end(), [&](const auto& s) { return s.first == history_.origin[t]; });
      if (same != split.end()) same->second += value;
      else split.emplace_back(history_.origin[t], value);
    }
    if (sum == 0) return {split.back()};   // they cancel: what remains is rounding
    for (auto& [origin, share] : split) share /= sum;
    return split;
  }

  const rank::World& world_;
  const rank::ModelHistory& history_;
  std::unordered_map<std::size_t, std::vector<std::size_t>> behind_;   // fitted item -> its touches
  bool mixed_ = false;
};

// What a model says of an item put after the fit: its column against the history. The column is its text's neighbours'.
Explanation explain_fresh(const rank::FreshItem& fresh, const rank::Source& source, const model::Query& query, double raw) {
  Explanation own{.what = "model", .value = raw};
  const auto column = fresh.columns.find(source.name);
  if (column == fresh.columns.end()) return own;
  for (const Scored& in : source.model->input(query)) {
    const double value = static_cast<double>(in.score) * column->second[to_index(in.item)];
    if (value != 0) own.parts.push_back({std::string(kItem) + std::to_string(to_index(in.item)), value, {{"text:neighbours", value, {}}}});
  }
  return own;
}

// All that explaining the items of one request shares.
class Teller {
 public:
  Teller(const rank::World& world, const rank::Request& request)
      : world_(world), history_(rank::model_history(world, request)), mix_(rank::mix_for(world, request, history_)), origins_(world, history_) {
    query_ = {.history = history_.touches, .k = request.k, .user = request.user_id, .now_ms = request.now_ms};
  }

  Explanation total(const rank::Candidate& candidate, std::span<const rank::Scale> scales) const {
    Explanation total{.what = "total"};
    std::vector<double> weights(world_.sources.size());
    rank::item_weights(mix_, rank::item_segment(world_.takers(candidate.item)), candidate.raw, weights);
    for (std::size_t s = 0; s < weights.size(); ++s)
      if (weights[s] != 0 && scales[s].sd > 0) total.parts.push_back(part(world_.sources[s], candidate.item, candidate.raw[s], weights[s], scales[s]));
    for (const Explanation& adjustment : candidate.adjustments) total.parts.push_back(adjustment);
    add_up(total);
    return total;
  }
  const rank::Mix& mix() const { return mix_; }
  const model::Query& query() const { return query_; }

 private:
  Explanation part(const rank::Source& source, ItemId item, double raw, double weight, const rank::Scale& scale) const {
    const bool is_fresh = world_.is_fresh(item);
    Explanation own = is_fresh ? explain_fresh(*world_.fresh[to_index(item) - world_.fitted_count()], source, query_, raw)
                               : source.model->explain(query_, item);
    std::optional<Matrix> shares;
    if (origins_.mixed() && !is_fresh) shares = source.model->contributions(query_, {&item, 1});
    Explanation part{.what = "model:" + source.name};
    const bool is_told_apart = !own.parts.empty();
    if (is_told_apart) part.parts = origins_.give(std::move(own), shares ? shares->row(0) : std::span<const float>{});
    // What the model's own parts leave of its score: all of it for a model that is no sum, else nothing but rounding.
    double told = 0;
    for (Explanation& p : part.parts) {
      add_up(p);
      told += p.value;
    }
    if (!is_told_apart || std::abs(raw - told) > 1e-4 * std::max(std::abs(raw), scale.sd)) part.parts.push_back({"rest", raw - told, {}});
    for (Explanation& p : part.parts) scale_by(p, weight / scale.sd);
    if (scale.mean != 0) part.parts.push_back({"centre", -weight * scale.mean / scale.sd, {}});
    return part;
  }

  const rank::World& world_;
  rank::ModelHistory history_;
  rank::Mix mix_;
  Origins origins_;
  model::Query query_;
};

}  // namespace

rank::Slate attach(const rank::World& world, const rank::Request& request, rank::Slate slate) {
  const Teller teller(world, request);
  for (rank::Candidate& candidate : slate.candidates) {
    candidate.why = teller.total(candidate, slate.scales);
    candidate.because = phrase(world, request, candidate.why, request.language);
  }
  return slate;
}

Explanation why(const rank::World& world, const rank::Request& request, ItemId item) {
  const Teller teller(world, request);
  rank::Candidate candidate{.item = item, .raw = rank::raw_scores(world, teller.mix(), teller.query(), item)};
  if (std::all_of(candidate.raw.begin(), candidate.raw.end(), [](float x) { return std::isnan(x); }))
    throw Error(Code::bad_request, "no model that is asked can score item '" + world.item(item).name +
                                       "' (it is newer than the fit and has no text that they know); fit again");
  rank::add_likeness(request, candidate);
  return teller.total(candidate, rank::score_world(world, request).scales);
}

Explanation by_history(const Explanation& why) {
  Explanation merged{.what = why.what, .value = why.value};
  std::unordered_map<std::string, std::size_t> place;
  const auto add = [&](const Explanation& part) {
    const auto [it, is_new] = place.emplace(part.what, merged.parts.size());
    if (is_new) merged.parts.push_back(part);
    else merge(merged.parts[it->second], part);
  };
  for (const Explanation& part : why.parts) {
    if (!part.what.starts_with("model:")) add(part);
    else
      for (Explanation leaf : part.parts) {
        const bool is_history = leaf.what.starts_with(kItem) || leaf.what == "about";
        if (is_history && leaf.parts.empty()) leaf.parts.push_back({part.what, leaf.value, {}});  // not told apart: goes by its model
        add(leaf);
      }
  }
  std::stable_sort(merged.parts.begin(), merged.parts.end(), [](const Explanation& a, const Explanation& b) { return a.value > b.value; });
  return merged;
}

}  // namespace attune::explain
