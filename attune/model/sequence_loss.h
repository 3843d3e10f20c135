// Sequence loss: how well states foretell the next items: cross-entropy of the softmax over all items, or over the target and
// items drawn by chance that a whole batch shares. In blocks, so that the scores of all items never stand in memory at once.
// Source: SASRec with a real softmax (Petrov and Macdonald, RecSys 2023; Klenitskiy and Vasilev, RecSys 2023).
// Cost: full 6 places x items x width operations and one exp a score; drawn the same with the drawn items alone.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::model {

class SequenceLoss {
 public:
  // Mean cross-entropy in nats of targets[t] by states row t [places, width] over all rows of `items`.
  // Fills dstates [places, width] and adds to ditems.
  double full(std::span<const float> states, std::span<const std::uint32_t> targets, const Matrix& items, std::span<float> dstates, Matrix& ditems, const Run& run);
  // The same over the target and `drawn` (ids, repeats allowed; a place's own target counts once).
  double sampled(std::span<const float> states, std::span<const std::uint32_t> targets, std::span<const std::uint32_t> drawn, const Matrix& items,
                 std::span<float> dstates, Matrix& ditems, const Run& run);

 private:
  std::vector<float> scores_, rows_, drows_;
};

}  // namespace attune::model
