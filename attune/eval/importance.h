// Importance: how much of the spread of a tuning's figures each setting explains alone, by functional analysis of variance on a
// small forest. Source: Hutter, Hoos and Leyton-Brown, ICML 2014 (fANOVA), main effects only; the rest is interaction.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/eval/trial.h"
#include "attune/eval/tune.h"

namespace attune::eval {

struct Importance {
  std::string setting;
  double share = 0;      // of the forest's variance over the space, 0..1; shares sum to at most 1
};
// Of the model's whole trials whose points are known, largest first. Empty with fewer than 8 of them or no spread.
// A setting of several coordinates counts the sum of theirs.
std::vector<Importance> importance(std::span<const Trial> trials, const Tunable& model, std::uint64_t seed);

// Pictures of a tuning: how the best figure rose, what each setting explains, curves of training by epochs.
struct NamedPicture {
  std::string name, svg;   // "best.svg"
};
std::vector<NamedPicture> pictures_of(const Tuned& tuned, const std::vector<Tunable>& models, std::uint64_t seed);

}  // namespace attune::eval
