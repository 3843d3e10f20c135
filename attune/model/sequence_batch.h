// Sequence batch: the forward and backward pass of a Transformer over many sequences at once, packed without padding.
// Products of whole batches by train/products.h; what is done place by place or sequence by sequence in shards whose number does
// not depend on the threads: the same bits whatever their number. Source: backpropagation by hand; tests hold it to MLX's gradients, to finite differences and to Transformer::state().
// Cost a place and block, forward: width x (4 width + 2 inner + 2 n) multiplications; backward twice that.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/progress.h"
#include "attune/model/transformer.h"

namespace attune::model {

// Sequence s has places offsets[s]..offsets[s + 1] - 1; each asks for the target after its input. At most `length` places each.
struct SequenceBatch {
  std::vector<std::uint32_t> inputs, targets;   // [places]; targets may be empty: forward only
  std::vector<std::size_t> offsets = {0};
  std::size_t places() const noexcept { return inputs.size(); }
  std::size_t sequences() const noexcept { return offsets.size() - 1; }
  void clear();
  void push_back(std::span<const std::uint32_t> input, std::span<const std::uint32_t> target);
};

struct Dropout {
  float hidden = 0, attention = 0;   // share put to 0, the rest raised to make up for it
  std::uint64_t seed = 0;            // of this step
};

class SequencePass {
 public:
  explicit SequencePass(const TransformerShape& shape);
  // States after every place [places, width]; kept until the next call.
  std::span<const float> forward(const Transformer& model, const SequenceBatch& batch, const Dropout& dropout, const Run& run);
  // After forward() of the same batch, model and dropout: from the gradient of the states [places, width] (overwritten) adds to
  // the gradient of the body [body.size()] and of the items [items, width].
  void backward(const Transformer& model, const SequenceBatch& batch, std::span<float> dstates, std::span<float> dbody, Matrix& ditems, const Run& run);

 private:
  struct Block {
    std::vector<float> x, qkv, weights, context, normal1, sd1, low, normal_f, sd_f, h, u, g, normal2, sd2;
    std::vector<float> keep_attention, keep_out, keep_filter, keep_back;   // masks of dropout
  };
  struct Shard {
    std::size_t first = 0, last = 0;   // sequences
  };
  void lay_out(const SequenceBatch& batch, const Dropout& dropout);
  template <class Body>
  void for_shards(const SequenceBatch& batch, const Run& run, const Body& body);
  void embed(const Transformer& model, const SequenceBatch& batch, const Run& run);
  void forward_block(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::vector<float>& out, const Run& run);
  void backward_block(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run);
  void inner_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run);
  void norms_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run);
  void attention_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run);
  std::size_t partial_size() const;
  std::span<float> partial(std::size_t shard, std::size_t slot);
  void collect(std::size_t slot, std::size_t count, std::span<float> out);
  void embed_back(const Transformer& model, const SequenceBatch& batch, std::span<float> dbody, Matrix& ditems, const Run& run);
  void draw_masks(std::size_t b, std::size_t first_place, std::size_t last_place);
  void attend_sequence(const Transformer& model, std::size_t b, std::size_t first, std::size_t n, std::size_t weights_at);

  TransformerShape shape_;
  TransformerLayout at_;
  std::vector<float> taps_;
  Dropout dropout_;
  std::vector<Shard> shards_;
  std::vector<std::size_t> weights_at_;   // where each sequence's attention weights begin, per head n x n
  std::vector<Block> blocks_;
  std::vector<float> normal0_, sd0_, keep0_, states_, scratch_, dh_, dx_, du_, dqkv_, dcontext_, dlow_;
  std::vector<float> partial_;            // [shards, widest small gradient]
};

}  // namespace attune::model
