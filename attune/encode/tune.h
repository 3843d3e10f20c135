// Tuning: a sentence encoder's layers moved so that texts of one class lie together and away from the others'. The classes' own
// vectors are learned beside them. The result is a model file like any other; a head on its vectors is fitted as on any encoder's.
// Source: softmax of cosines, Wang et al. 2017 (NormFace); pairs within a batch, Khosla et al. 2020; AdamW, Loshchilov and Hutter 2019.
// Cost: a pass over 10,000 short texts with MiniLM's six layers takes about a minute of two cores.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/encode/trainable_bert.h"

namespace attune::encode {

// A text of no class: it is to look like all of them equally little.
inline constexpr std::uint32_t kNoClass = UINT32_MAX;

struct TuneOptions {
  float epochs = 4;            // passes over the texts
  int batch = 32;              // texts a step
  float rate = 1e-4f;          // of the top layer, at its highest; rises over the first tenth, then falls to 0
  float layer_share = 1.0f;    // each layer further down takes this share of the rate of the one above
  float class_rate = 5e-3f;    // of the classes' vectors
  float dropout = 0.1f;
  float word_dropout = 0.1f;   // share of the pieces of a text left out at each pass
  float smoothing = 0.1f;      // share of every label spread over all classes
  float scale = 20;            // what cosines are multiplied by before the softmax
  float pairs = 0;             // weight of the contrast between the texts of a batch
  float pair_scale = 15;
  float decay = 0.01f;         // weight decay
  int first_layer = 0;         // layers below stay as they are
};

//   texts   [n], labels [n] in 0..classes-1 or kNoClass
// Moves the weights of `bert`; returns the classes' vectors [classes, dim], of length 1. The same bits for any number of threads.
// Throws Error: bad_request (lengths, ranges), bad_data without texts, cancelled.
Matrix tune(TrainableBert& bert, std::span<const std::string> texts, std::span<const std::uint32_t> labels, std::size_t classes,
            const TuneOptions& options, const Run& run);

}  // namespace attune::encode
