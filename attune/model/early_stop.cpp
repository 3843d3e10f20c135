// Early stop: NDCG@10 of the held-out cases, epoch by epoch.
#include "attune/model/early_stop.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/place.h"
#include "attune/core/random.h"

namespace attune::model {
namespace {

constexpr int kDepth = 10;

double ndcg(const std::vector<Place>& places) {
  double gain = 0, ideal = 0;
  for (const double place : expected_places(places))
    if (place <= kDepth) gain += 1 / std::log2(place + 1);
  for (std::size_t n = 0; n < std::min<std::size_t>(places.size(), kDepth); ++n) ideal += 1 / std::log2(static_cast<double>(n) + 2);
  return ideal > 0 ? gain / ideal : 0;
}

}  // namespace

EarlyStop::EarlyStop(const data::Dataset& data, EarlyStopOptions options, const Run& run)
    : options_(std::move(options)), items_(data.item_count()) {
  for (const data::Case& asked : data.held_out()) cases_.push_back(&asked);
  if (cases_.size() <= options_.most_cases) return;
  Random random(run.seed);
  random.shuffle(std::span(cases_));
  cases_.resize(options_.most_cases);
}

bool EarlyStop::judge(int epoch, const Scores& scores, const Run& run) {
  if (!has_cases()) {
    best_epoch_ = epoch;
    return true;
  }
  std::vector<double> gains(cases_.size());
  parallel_for(0, cases_.size(), 16, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> room(items_);
    for (std::size_t c = first; c < last; ++c) {
      scores(*cases_[c], room);
      gains[c] = ndcg(places_of(room, cases_[c]->seen, cases_[c]->targets));
    }
  });
  const double mean = std::accumulate(gains.begin(), gains.end(), 0.0) / static_cast<double>(gains.size());
  run.record(options_.model + "/ndcg@10", static_cast<std::size_t>(epoch), mean);
  const bool is_better = best_epoch_ == 0 || mean > best_;
  since_best_ = is_better ? 0 : since_best_ + 1;
  if (is_better) {
    best_ = mean;
    best_epoch_ = epoch;
  }
  return is_better;
}

void check_loss(const std::string& model, std::size_t step, double loss) {
  if (std::isfinite(loss)) return;
  throw Error(Code::bad_data, model + ": training diverged at step " + std::to_string(step) + ": the loss is " + std::to_string(loss) +
                                  "; try a smaller learning rate (" + model + ".lr)");
}

}  // namespace attune::model
