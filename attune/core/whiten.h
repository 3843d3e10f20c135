// Whitening: vectors of one encoder made comparable: mean taken away, no direction louder than another.
// Sentence vectors crowd into a narrow cone; cosine and text EASE tell them apart only after this (bench/offline).
#pragma once
#include <cstddef>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"

namespace attune {

// y = (x - mean) V (eig + eps x mean(eig))^-1/2 with V, eig of the rows' covariance. Immutable after fit; safe from any thread.
struct Whitening {
  std::vector<float> mean;  // [d]
  Matrix map;               // [d, d]; y = (x - mean) map

  // From rows [n, d], n >= 1. eps > 0 keeps directions without variance from blowing up; 1 is gentle, 0.1 strong.
  static Whitening fit(MatrixView rows, float eps = 1.0f);
  // [n, d] to [n, d]; rows keep their length (normalise() them where cosine is meant). Uses BLAS threads.
  // Throws Error: bad_data when the rows are not d long.
  Matrix apply(MatrixView rows) const;

  std::size_t size_bytes() const noexcept { return mean.size() * sizeof(float) + map.size_bytes(); }
  void save(ByteWriter& out) const;
  static Whitening load(ByteReader& in);
};

}  // namespace attune
