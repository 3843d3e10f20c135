// Dataset: the immutable sparse rows both ways round. Cost: O(events log events-of-one-user), once.
#include "attune/data/dataset.h"

#include <algorithm>

#include "attune/core/error.h"

namespace attune::data {
namespace {

Histories flattened(std::vector<std::vector<HistoryRow>> rows) {
  Histories all;
  std::size_t n = 0;
  for (const auto& history : rows) n += history.size();
  all.offsets.reserve(rows.size() + 1);
  all.touches.reserve(n);
  all.sessions.reserve(n);
  all.hides.reserve(n);
  for (auto& history : rows) {
    for (const HistoryRow& row : history) all.push_back(row);
    all.end_user();
    std::vector<HistoryRow>().swap(history);
  }
  return all;
}

void check(const Histories& all, std::size_t items) {
  ATTUNE_ASSERT(all.offsets.front() == 0 && all.offsets.back() == all.touches.size(), "offsets span the events");
  ATTUNE_ASSERT(all.sessions.size() == all.touches.size() && all.hides.size() == all.touches.size(), "one of each an event");
  for (std::size_t u = 0; u + 1 < all.offsets.size(); ++u)
    for (std::uint64_t k = all.offsets[u]; k < all.offsets[u + 1]; ++k) {
      ATTUNE_ASSERT(to_index(all.touches[k].item) < items, "items of histories are in the catalogue");
      ATTUNE_ASSERT(k == all.offsets[u] || all.touches[k - 1].time_ms <= all.touches[k].time_ms, "histories are oldest first");
    }
}

// Distinct items of each user whose weights add up to more than zero.
Sparse positive_totals(const Histories& all, std::size_t items) {
  Sparse x;
  x.rows = all.offsets.size() - 1;
  x.cols = items;
  x.offsets.reserve(x.rows + 1);
  std::vector<double> total(items, 0.0);
  std::vector<std::uint8_t> is_taken(items, 0);
  std::vector<std::uint32_t> taken;
  for (std::size_t u = 0; u < x.rows; ++u) {
    taken.clear();
    for (std::uint64_t k = all.offsets[u]; k < all.offsets[u + 1]; ++k) {
      const auto i = static_cast<std::uint32_t>(all.touches[k].item);
      if (!is_taken[i]) {
        is_taken[i] = 1;
        taken.push_back(i);
      }
      total[i] += all.touches[k].weight;
    }
    std::sort(taken.begin(), taken.end());
    for (const std::uint32_t i : taken) {
      const auto weight = static_cast<float>(total[i]);
      if (weight > 0) {
        x.indices.push_back(i);
        x.values.push_back(weight);
      }
      total[i] = 0;
      is_taken[i] = 0;
    }
    x.offsets.push_back(x.indices.size());
  }
  x.indices.shrink_to_fit();
  x.values.shrink_to_fit();
  return x;
}

}  // namespace

Dataset::Dataset(std::shared_ptr<const Catalogue> catalogue, std::vector<std::vector<HistoryRow>> rows, Sequence until)
    : Dataset(std::move(catalogue), flattened(std::move(rows)), until) {}

Dataset::Dataset(std::shared_ptr<const Catalogue> catalogue, Histories histories, Sequence until)
    : catalogue_(std::move(catalogue)), histories_(std::move(histories)), until_(until) {
  while (histories_.offsets.size() < catalogue_->user_count() + 1) histories_.end_user();
  check(histories_, catalogue_->item_count());
  interactions_ = positive_totals(histories_, catalogue_->item_count());
  audience_ = transpose(interactions_);
  popularity_.resize(catalogue_->item_count());
  for (std::size_t i = 0; i < popularity_.size(); ++i) popularity_[i] = static_cast<std::uint32_t>(audience_.row_size(i));
  for (const Touch& touch : histories_.touches) newest_ms_ = std::max(newest_ms_, touch.time_ms);
}

std::span<const Touch> Dataset::history(UserId user) const {
  const std::size_t u = to_index(user);
  ATTUNE_ASSERT(u < user_count(), "the user is one of this dataset");
  return std::span(histories_.touches).subspan(histories_.offsets[u], histories_.offsets[u + 1] - histories_.offsets[u]);
}

std::span<const std::uint32_t> Dataset::sessions(UserId user) const {
  const std::size_t u = to_index(user);
  ATTUNE_ASSERT(u < user_count(), "the user is one of this dataset");
  return std::span(histories_.sessions).subspan(histories_.offsets[u], histories_.offsets[u + 1] - histories_.offsets[u]);
}

std::span<const std::uint8_t> Dataset::hides(UserId user) const {
  const std::size_t u = to_index(user);
  ATTUNE_ASSERT(u < user_count(), "the user is one of this dataset");
  return std::span(histories_.hides).subspan(histories_.offsets[u], histories_.offsets[u + 1] - histories_.offsets[u]);
}

const ItemFeatures* Dataset::features(std::string_view encoder) const {
  const auto found = features_.find(encoder);
  return found == features_.end() ? nullptr : found->second.get();
}

Dataset& Dataset::with_features(std::string encoder, std::shared_ptr<const ItemFeatures> features) {
  ATTUNE_ASSERT(features != nullptr, "features are something");
  const std::size_t rows = features->is_sparse() ? features->sparse.rows : features->dense.rows();
  ATTUNE_ASSERT(rows == item_count(), "features have one row an item");
  features_[std::move(encoder)] = std::move(features);
  return *this;
}

Dataset& Dataset::with_held_out(std::shared_ptr<const std::vector<Case>> cases) {
  held_out_ = std::move(cases);
  return *this;
}

}  // namespace attune::data
