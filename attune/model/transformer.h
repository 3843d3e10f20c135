// Transformer: a causal self-attention network over the items of a history, as learned weights and the forward pass that serves
// requests on core kernels. With filter_share > 0 each block mixes attention with a low-pass filter over the history (BSARec).
//   x    = norm(E[item] + P[place])
//   block: a = norm(x + W_o attention(x)); with a filter: f = norm(x + low + high^2 (x - low)), low = taps * x; h = share f + (1 - share) a
//          x = norm(h + W_2 gelu(W_1 h))
//   score of item j after place t = x_t . E[j]
// Attention takes only what came before, adds a learned number by distance in places, and the filter's taps reach back only: a
// later event never changes an earlier state. (Shin et al. filter whole windows by a Fourier transform, which looks ahead and
// so needs one pass a prefix; these taps are the last row of their low-pass matrix: the same filter seen from the newest place.)
// Source: SASRec (Kang and McAuley, 2018), BSARec (Shin et al., AAAI 2024). Cost of a request: blocks x n x width x (4 width + 2 inner + 2 n).
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/types.h"

namespace attune::model {

struct TransformerShape {
  std::size_t items = 0, width = 64, inner = 256, blocks = 2, heads = 1;
  std::size_t length = 50;      // places of the history that are read
  float filter_share = 0;       // 0 = attention alone
  std::size_t waves = 3;        // waves of the filter that count as low, the constant one included
  bool has_places = false;      // P is learned; distances are learned in any case
};

// Where each weight begins in the body.
struct TransformerLayout {
  struct Block {
    std::size_t qkv = 0, qkv_shift = 0;           // [width, 3 width], [3 width]
    std::size_t out = 0, out_shift = 0;           // [width, width], [width]
    std::size_t gain1 = 0, shift1 = 0;            // [width]
    std::size_t distance = 0;                     // [heads, length]
    std::size_t high = 0, gain_f = 0, shift_f = 0;  // [width]; only with a filter
    std::size_t in = 0, in_shift = 0;             // [width, inner], [inner]
    std::size_t back = 0, back_shift = 0;         // [inner, width], [width]
    std::size_t gain2 = 0, shift2 = 0;            // [width]
  };
  std::size_t places = 0, gain0 = 0, shift0 = 0, size = 0;
  std::vector<Block> blocks;
  explicit TransformerLayout(const TransformerShape& shape);
};

// The taps of the causal filter [length]: how much of x at distance k is low.
std::vector<float> filter_taps(std::size_t length, std::size_t waves);

struct Transformer {
  TransformerShape shape;
  Matrix items;              // E [items, width]
  std::vector<float> body;   // everything else, by TransformerLayout

  // Weights drawn for training: normal with sd .02, gains 1, shifts 0, `high` normal with sd 1.
  static Transformer drawn(const TransformerShape& shape, std::uint64_t seed);
  // State after the newest place of the history [width]; zeros when no touch counts. Touches of weight <= 0 keep their place and
  // count nothing; joined touches are read as one event, the mean of their items by weight. Safe from any thread.
  std::vector<float> state(std::span<const Touch> history) const;

  std::size_t size_bytes() const noexcept { return items.size_bytes() + body.size() * sizeof(float); }
  void save(ByteWriter& out) const;
  // Throws Error: bad_data when the parts do not fit together.
  static Transformer load(ByteReader& in);
};

}  // namespace attune::model
