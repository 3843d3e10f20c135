// Scores: each source once over everything. Cost: what the models take, then two passes over the scores of each source.
#include "attune/rank/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/kernels.h"
#include "attune/core/top_k.h"

namespace attune::rank {
namespace {

constexpr float kCannot = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kScaleSample = 4096;   // items that stand for a large catalogue's mean and sd: their error is 1.6 % of sd

// What a source needs to score fresh items for one query; made once a request.
struct FreshQuery {
  std::vector<Scored> input;
  std::optional<std::vector<float>> vector;
};

FreshQuery fresh_query(const Source& source, const model::Query& query) {
  return {source.model->input(query), source.model->query_vector(query)};
}

float score_fresh(const Source& source, const FreshQuery& query, const FreshItem& fresh) {
  if (const auto column = fresh.columns.find(source.name); column != fresh.columns.end()) {
    double sum = 0;
    for (const Scored& in : query.input) sum += static_cast<double>(in.score) * column->second[to_index(in.item)];
    return static_cast<float>(sum);
  }
  const auto row = fresh.item_vectors.find(source.name);
  if (row == fresh.item_vectors.end() || !query.vector) return kCannot;
  return dot(row->second, *query.vector);
}

bool uses_index(const World& world, const Source& source, const ScoreOptions& options) {
  return source.index != nullptr && world.fitted_count() > options.exact_below && source.model->item_vectors().has_value();
}

// Mean and sd of a source that is too large to be scored whole, from items evenly spread over the catalogue.
Scale sampled_scale(const Source& source, const model::Query& query, std::size_t count) {
  std::vector<ItemId> sample;
  const std::size_t n = std::min(count, kScaleSample);
  for (std::size_t i = 0; i < n; ++i) sample.push_back(item_at(i * count / n));
  std::vector<float> scores(n);
  source.model->score(query, sample, scores);
  return scale_of(scores);
}

std::vector<std::uint8_t> barred_items(const World& world, const Request& request) {
  std::vector<std::uint8_t> barred(world.item_count(), 0);
  for (const std::vector<ItemId>* ids : {&world.gone, &request.seen, &request.exclude})
    for (const ItemId id : *ids)
      if (to_index(id) < barred.size()) barred[to_index(id)] = 1;
  return barred;
}

class Scorer {
 public:
  Scorer(const World& world, const Request& request, const ScoreOptions& options) : world_(world), request_(request), options_(options) {
    scores_.history = model_history(world, request);
    scores_.mix = mix_for(world, request, scores_.history);
    scores_.barred = barred_items(world, request);
    scores_.scales.resize(world.sources.size());
    scores_.raw.resize(world.sources.size());
    query_ = {.history = scores_.history.touches, .k = request.k, .user = request.user_id, .now_ms = request.now_ms};
    depth_ = std::max<std::size_t>(options.depth, static_cast<std::size_t>(std::max(request.k, 0)));
  }

  Scores run() && {
    bool any_index = false;
    for (std::size_t s = 0; s < world_.sources.size(); ++s)
      any_index = any_index || (scores_.mix.uses(s) && uses_index(world_, world_.sources[s], options_));
    if (any_index) score_found();
    else score_everything();
    score_fresh_items();
    fuse();
    return std::move(scores_);
  }

 private:
  std::size_t fitted() const { return world_.fitted_count(); }

  void score_everything() {
    scores_.items.resize(world_.item_count());
    for (std::size_t i = 0; i < scores_.items.size(); ++i) scores_.items[i] = item_at(i);
    for (std::size_t s = 0; s < world_.sources.size(); ++s) {
      std::vector<float>& raw = scores_.raw[s];
      if (!scores_.mix.uses(s)) {
        raw.assign(scores_.items.size(), kCannot);
        continue;
      }
      raw.resize(scores_.items.size(), kCannot);
      const std::span<float> known = std::span(raw).first(fitted());
      world_.sources[s].model->score_all(query_, known);
      scores_.scales[s] = scale_of(known);
    }
  }

  // Candidates from the indexes (and from the whole of those sources that have none), then every source's exact score of each.
  void score_found() {
    std::vector<std::uint8_t> skip = allowed_items(world_, request_);   // the index must find what may be shown: all bars beforehand
    for (std::uint8_t& flag : skip) flag = flag != 0 ? 0 : 1;
    skip.resize(fitted());
    std::vector<std::vector<float>> whole(world_.sources.size());
    for (std::size_t s = 0; s < world_.sources.size(); ++s) {
      if (!scores_.mix.uses(s)) continue;
      const Source& source = world_.sources[s];
      std::vector<Scored> best;
      if (uses_index(world_, source, options_)) {
        scores_.scales[s] = sampled_scale(source, query_, fitted());
        if (const auto vector = source.model->query_vector(query_)) best = source.index->search(*vector, depth_, skip);
      } else {
        whole[s].resize(fitted());
        source.model->score_all(query_, whole[s]);
        scores_.scales[s] = scale_of(whole[s]);
        best = best_of(whole[s], skip);
      }
      for (const Scored& hit : best) scores_.items.push_back(hit.item);
    }
    std::sort(scores_.items.begin(), scores_.items.end());
    scores_.items.erase(std::unique(scores_.items.begin(), scores_.items.end()), scores_.items.end());
    rescore(whole);
    for (std::size_t f = 0; f < world_.fresh.size(); ++f) scores_.items.push_back(item_at(fitted() + f));
    for (std::vector<float>& raw : scores_.raw) raw.resize(scores_.items.size(), kCannot);
  }

  void rescore(const std::vector<std::vector<float>>& whole) {
    for (std::size_t s = 0; s < world_.sources.size(); ++s) {
      std::vector<float>& raw = scores_.raw[s];
      raw.resize(scores_.items.size(), kCannot);
      if (!scores_.mix.uses(s)) continue;
      if (whole[s].empty()) world_.sources[s].model->score(query_, scores_.items, raw);
      else
        for (std::size_t n = 0; n < raw.size(); ++n) raw[n] = whole[s][to_index(scores_.items[n])];
    }
  }

  std::vector<Scored> best_of(std::vector<float> all, const std::vector<std::uint8_t>& skip) const {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (skip[i] != 0) all[i] = -INFINITY;
    return top_k(all, depth_);
  }

  void score_fresh_items() {
    if (world_.fresh.empty()) return;
    const std::size_t first = scores_.items.size() - world_.fresh.size();
    for (std::size_t s = 0; s < world_.sources.size(); ++s) {
      if (!scores_.mix.uses(s)) continue;
      const FreshQuery query = fresh_query(world_.sources[s], query_);
      for (std::size_t f = 0; f < world_.fresh.size(); ++f)
        if (scores_.barred[fitted() + f] == 0) scores_.raw[s][first + f] = score_fresh(world_.sources[s], query, *world_.fresh[f]);
    }
  }

  void fuse() {
    scores_.fused.resize(scores_.items.size());
    const std::size_t first_fresh = scores_.items.size() - world_.fresh.size();
    std::vector<float> room(world_.sources.size());
    fuse_fitted(first_fresh);
    for (std::size_t n = first_fresh; n < scores_.items.size(); ++n) {
      const double score = fused_score(scores_.mix, item_segment(0), scores_.raw_of(n, room), scores_.scales);
      scores_.fused[n] = std::isnan(score) ? -INFINITY : static_cast<float>(score);
    }
    for (std::size_t n = 0; n < scores_.items.size(); ++n)
      if (to_index(scores_.items[n]) < request_.likeness.size()) scores_.fused[n] += request_.likeness[to_index(scores_.items[n])];
  }

  // Every source that is in use scores every fitted item, so the weights are those of the cell and the sum is a few
  // multiplications an item. The order of additions is that of fused_score: both give the same bits.
  void fuse_fitted(std::size_t count) {
    std::vector<std::size_t> in_use;
    for (std::size_t s = 0; s < world_.sources.size(); ++s)
      if (scores_.mix.uses(s)) in_use.push_back(s);
    if (in_use.empty()) {
      std::fill_n(scores_.fused.begin(), count, -INFINITY);
      return;
    }
    std::vector<std::uint8_t> segments(count);
    for (std::size_t n = 0; n < count; ++n) segments[n] = static_cast<std::uint8_t>(item_segment(world_.takers(scores_.items[n])));
    std::vector<double> sums(count, 0.0);
    for (const std::size_t s : in_use) {
      const Scale scale = scores_.scales[s];
      if (scale.sd == 0) continue;
      std::array<double, kItemSegments> factor;
      for (std::size_t i = 0; i < kItemSegments; ++i) factor[i] = scores_.mix.weights[i][s] / scale.sd;
      const float* raw = scores_.raw[s].data();
      for (std::size_t n = 0; n < count; ++n) sums[n] += factor[segments[n]] * (static_cast<double>(raw[n]) - scale.mean);
    }
    for (std::size_t n = 0; n < count; ++n) scores_.fused[n] = static_cast<float>(sums[n]);
  }

  const World& world_;
  const Request& request_;
  const ScoreOptions& options_;
  Scores scores_;
  model::Query query_;
  std::size_t depth_ = 0;
};

}  // namespace

std::span<const float> Scores::raw_of(std::size_t at, std::span<float> room) const {
  for (std::size_t s = 0; s < raw.size(); ++s) room[s] = raw[s][at];
  return room;
}

Scores score_world(const World& world, const Request& request, const ScoreOptions& options) {
  return Scorer(world, request, options).run();
}

bool may_show(const World& world, const Request& request, ItemId item) {
  const data::CatalogueItem& known = world.item(item);
  return !known.hidden && request.filter.passes(known);
}

std::vector<std::uint8_t> allowed_items(const World& world, const Request& request) {
  std::vector<std::uint8_t> mask = barred_items(world, request);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = mask[i] == 0 && may_show(world, request, item_at(i)) ? 1 : 0;
  return mask;
}

std::vector<float> raw_scores(const World& world, const Mix& mix, const model::Query& query, ItemId item) {
  std::vector<float> raw(world.sources.size(), kCannot);
  for (std::size_t s = 0; s < raw.size(); ++s) {
    if (!mix.uses(s)) continue;
    if (world.is_fresh(item))
      raw[s] = score_fresh(world.sources[s], fresh_query(world.sources[s], query), *world.fresh[to_index(item) - world.fitted_count()]);
    else
      world.sources[s].model->score(query, {&item, 1}, {&raw[s], 1});
  }
  return raw;
}

void add_likeness(const Request& request, Candidate& candidate) {
  if (to_index(candidate.item) >= request.likeness.size()) return;
  const double value = request.likeness[to_index(candidate.item)];
  if (value == 0) return;
  candidate.adjustments.push_back({"about", value, {{"text:likeness", value, {}}}});
}

}  // namespace attune::rank
