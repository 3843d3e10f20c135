// Trainable BERT: a sentence encoder's layers with their way back, so that the vectors of texts can be moved to where a task wants them.
// The forward pass is lm/bert.cpp's (a test holds the two together); word and place vectors stay as they are.
// Source: Devlin et al. 2019; mean pooling and length 1 as in Sentence-BERT (Reimers and Gurevych 2019).
// Cost: 6 x weights of the layers x tokens for a step, and 4 numbers a weight while training.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/random.h"

namespace attune::encode {

// One batch on its way: what the way back needs of the way there.
class BertPass;

class TrainableBert {
 public:
  // Opens a GGUF file of the BERT family whose layers are F32 or F16; `prefix` is put before every text.
  // Throws Error: bad_data, unsupported.
  TrainableBert(const std::filesystem::path& file, std::string prefix);
  ~TrainableBert();
  TrainableBert(const TrainableBert&) = delete;
  TrainableBert& operator=(const TrainableBert&) = delete;

  std::size_t dim() const noexcept;
  std::size_t layer_count() const noexcept;
  // The pieces of a text; empty for one that says nothing.
  std::vector<std::int32_t> tokens(const std::string& text) const;

  // All weights in one row, layer by layer.
  std::span<float> weights() noexcept;
  // Where layer l's weights begin in it; weights_of(layer_count()) is their number.
  std::size_t weights_of(std::size_t layer) const noexcept;

  // Vectors of a batch, [texts, dim], of length 1; zeros for a text without tokens. `dropout` 0..1 with random numbers from
  // `random`, 0 = none. The pass keeps what the way back needs. Runs in the calling thread; several passes may run at once.
  void forward(std::span<const std::vector<std::int32_t>> batch, float dropout, Random& random, BertPass& pass, Matrix& vectors) const;
  // Adds to `gradient` [weights] the slope by all weights of layers first_layer and up, given that by the vectors.
  void backward(BertPass& pass, MatrixView by_vectors, std::size_t first_layer, std::span<float> gradient) const;

  // Writes the model with its present weights: the file it was opened from with other numbers in it, so that everything that
  // opens the one opens the other. The file appears whole. Throws Error: io.
  void write(const std::filesystem::path& path) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class BertPass {
 public:
  BertPass();
  ~BertPass();
  BertPass(BertPass&&) noexcept;

 private:
  friend class TrainableBert;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::encode
