// Pipeline: runs, times and checks.
#include "attune/rank/pipeline.h"

#include <algorithm>
#include <chrono>

#include "attune/core/error.h"

namespace attune::rank {
namespace {

std::vector<ItemId> ids(const Slate& slate) {
  std::vector<ItemId> all;
  for (const Candidate& candidate : slate.candidates) all.push_back(candidate.item);
  std::sort(all.begin(), all.end());
  return all;
}

// A rank or police stage may not add; what a police stage drops must be kept with its note.
void check_duty(const Stage& stage, const std::vector<ItemId>& before, const Slate& after) {
  if (stage.duty() == Duty::retrieve) return;
  const std::vector<ItemId> now = ids(after);
  const bool is_subset = std::includes(before.begin(), before.end(), now.begin(), now.end());
  if (!is_subset) throw Error(Code::internal, "the stage '" + stage.name() + "' added an item, which only retrieve may do");
  if (stage.duty() != Duty::police || now.size() == before.size()) return;
  std::size_t explained = 0;
  for (const Candidate& gone : after.dropped)
    explained += !gone.notes.empty() && gone.notes.back().stage == stage.name() ? 1 : 0;
  if (explained < before.size() - now.size())
    throw Error(Code::internal, "the stage '" + stage.name() + "' dropped an item without a note");
}

}  // namespace

Pipeline::Pipeline(std::vector<std::unique_ptr<const Stage>> stages) : stages_(std::move(stages)) {}

Slate Pipeline::run(const World& world, const Request& request, std::vector<Timing>* timings) const {
  Slate slate;
  for (const auto& stage : stages_) {
    const std::vector<ItemId> before = ids(slate);
    const auto began = std::chrono::steady_clock::now();
    slate = stage->run(world, request, std::move(slate));
    if (timings != nullptr)
      timings->push_back({stage->name(), std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count()});
    check_duty(*stage, before, slate);
  }
  return slate;
}

}  // namespace attune::rank
