// Fusing: one pass over all items a source; then a weighted sum of z-scores.
#include "attune/rank/fuse.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/kernels.h"
#include "attune/core/params.h"
#include "attune/core/top_k.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

Scale scale_of(std::span<const float> scores) {
  double sum = 0, squares = 0;
  for (const float s : scores) sum += s;
  const double mean = scores.empty() ? 0 : sum / static_cast<double>(scores.size());
  for (const float s : scores) squares += (s - mean) * (s - mean);
  const double sd = scores.empty() ? 0 : std::sqrt(squares / static_cast<double>(scores.size()));
  return {mean, sd > 1e-12 * (1 + std::abs(mean)) ? sd : 0};
}

// Scores of the items put since the fit: their column or their vector against the history.
void score_fresh(const World& world, const Source& source, const model::Query& query, std::span<float> out) {
  if (out.empty()) return;
  const std::vector<Scored> input = source.model->input(query);
  const std::optional<std::vector<float>> asked = source.model->query_vector(query);
  for (std::size_t f = 0; f < out.size(); ++f) {
    const FreshItem& fresh = *world.fresh[f];
    out[f] = kNone;
    if (const auto column = fresh.columns.find(source.name); column != fresh.columns.end()) {
      out[f] = 0;
      for (const Scored& in : input) out[f] += in.score * column->second[to_index(in.item)];
    } else if (const auto row = fresh.item_vectors.find(source.name); asked && row != fresh.item_vectors.end()) {
      out[f] = dot(*asked, row->second);
    }
  }
}

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

class Fuse final : public Stage {
 public:
  std::string name() const override { return "fuse"; }
  Duty duty() const override { return Duty::rank; }
  Slate run(const World& world, const Request& request, Slate slate) const override {
    const std::size_t places = model_history(world, request).places;
    for (Candidate& candidate : slate.candidates) {
      const std::vector<double> weights = source_weights(world, request, places, candidate.item, candidate.raw);
      double fused = 0;
      for (std::size_t s = 0; s < weights.size(); ++s)
        if (weights[s] != 0 && slate.scales[s].sd > 0) fused += weights[s] * (candidate.raw[s] - slate.scales[s].mean) / slate.scales[s].sd;
      candidate.score = static_cast<float>(fused);
    }
    std::sort(slate.candidates.begin(), slate.candidates.end(), [](const Candidate& a, const Candidate& b) {
      return better({a.item, a.score}, {b.item, b.score});
    });
    return slate;
  }
};

}  // namespace

Scores score_sources(const World& world, const Request& request, const ModelHistory& history) {
  const model::Query query{.history = history.touches, .now_ms = request.now_ms};
  Scores scores;
  for (const Source& source : world.sources) {
    std::vector<float> all(world.item_count());
    const auto fitted = std::span(all).first(world.fitted_count());
    source.model->score_all(query, fitted);
    score_fresh(world, source, query, std::span(all).subspan(world.fitted_count()));
    scores.scales.push_back(scale_of(fitted));
    scores.by_source.push_back(std::move(all));
  }
  return scores;
}

Candidate candidate_of(const Scores& scores, ItemId item) {
  Candidate candidate{.item = item};
  for (const std::vector<float>& source : scores.by_source) candidate.raw.push_back(source[to_index(item)]);
  return candidate;
}

std::vector<double> source_weights(const World& world, const Request& request, std::size_t places, ItemId item, std::span<const float> raw) {
  const std::vector<float>& learned = world.weights.table[history_segment(places)][item_segment(world.takers(item))];
  std::vector<double> weights(world.sources.size(), 0);
  double all = 0, able = 0;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    double weight = s < learned.size() ? learned[s] : 0;
    if (!request.weights.empty())
      if (const auto asked = request.weights.find(world.sources[s].name); asked != request.weights.end()) {
        if (weight == 0 && asked->second > 0) weight = 1;  // asked for by name: it counts, whatever was learned
        weight *= asked->second;
      }
    all += weight;
    if (!std::isfinite(raw[s])) continue;
    able += weight;
    weights[s] = weight;
  }
  if (able > 0 && able < all)
    for (double& w : weights) w *= all / able;
  return weights;
}

std::vector<double> fused_scores(const World& world, const Request& request, const ModelHistory& history, const Scores& scores) {
  std::vector<double> fused(world.item_count());
  std::vector<float> raw(world.sources.size());
  for (std::size_t i = 0; i < fused.size(); ++i) {
    bool any = false;
    for (std::size_t s = 0; s < raw.size(); ++s) {
      raw[s] = scores.by_source[s][i];
      any = any || std::isfinite(raw[s]);
    }
    fused[i] = any ? 0 : -std::numeric_limits<double>::infinity();
    const std::vector<double> weights = source_weights(world, request, history.places, item_at(i), raw);
    for (std::size_t s = 0; s < raw.size(); ++s)
      if (weights[s] != 0 && scores.scales[s].sd > 0) fused[i] += weights[s] * (raw[s] - scores.scales[s].mean) / scores.scales[s].sd;
  }
  return fused;
}

std::unique_ptr<const Stage> make_fuse(const Json& json) {
  params_from<Params>(json);
  return std::make_unique<const Fuse>();
}

}  // namespace attune::rank
