// The space of intents: vectors of several encoders made one dense row a text, so that none of them drowns the others.
// Cost: a fit is one covariance an encoder where rows are whitened, else one pass.
#pragma once
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/whiten.h"

namespace attune::talk::desk {

struct SpaceOptions {
  bool is_white = false;       // directions of little variance made as loud as the others
  float whitening = 1.0f;      // eps of core/whiten.h
  float later_weight = 0.5f;   // length of the vectors of encoders after the first, where not whitened
};

// Const after fit, safe from any thread.
class IntentSpace {
 public:
  // vectors: one [texts, dim] an encoder, rows of length 1.
  static IntentSpace fit(const std::vector<Matrix>& vectors, const SpaceOptions& options);
  // [texts, dim()]. Throws Error: bad_data when the vectors are of other encoders than those it was fitted to.
  Matrix apply(const std::vector<Matrix>& vectors) const;
  std::size_t dim() const noexcept;

  void save(ByteWriter& out) const;
  static IntentSpace load(ByteReader& in);   // throws Error: bad_data

 private:
  std::vector<Whitening> whitenings_;         // empty = not whitened
  std::vector<std::vector<float>> means_;     // by encoder; zeros for the first one
  float later_weight_ = 0.5f;
};

}  // namespace attune::talk::desk
