// Layout: a place in the plane for every vector, so that what is near in all dimensions lies near in two: for looking at.
// Source: UMAP (McInnes, Healy, Melville 2018), its fuzzy neighbours and its pulls and pushes; begun from the two strongest directions.
// Large sets: `anchors` of them, drawn at random, are laid out; the others are put among those they are nearest to.
#pragma once
#include <cstddef>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::index {

struct Point {
  float x = 0, y = 0;       // 0..1
};

struct LayoutOptions {
  std::size_t neighbours = 15;
  std::size_t anchors = 8192;
  std::size_t dims = 64;    // vectors are looked at along so many of their strongest directions
  int rounds = 200;
};

// Vectors of length 1 are compared by their angle; a row of zeros (no text) goes where chance puts it. Same bits for the same seed.
// Cost: one thread; 4,000 vectors of 384 in 0.4 s, 150,000 in 19 s (2 GHz, AVX-512), 50 MB beside the vectors.
// Throws Error: cancelled.
std::vector<Point> lay_out(MatrixView vectors, const LayoutOptions& options, const Run& run);

}  // namespace attune::index
