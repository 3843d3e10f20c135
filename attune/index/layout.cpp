// Layout: see the header.
#include "attune/index/layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/random.h"

namespace attune::index {
namespace {

constexpr float kNear = 1.6f;          // of 1 / (1 + kNear d^2), the likeness of two places: things closer than about .3 are together
constexpr float kMostMove = 4;         // of one pull or push
constexpr int kPushes = 5;             // for each pull
constexpr std::size_t kPlacedBy = 4;   // anchors that say where another point lies

struct Near {
  std::uint32_t to = 0;
  float likeness = 0;                  // cosine
};

// Rows centred and turned to their strongest directions, each of length 1 again: [rows, at most dims].
Matrix strongest(MatrixView vectors, std::size_t dims) {
  const std::size_t n = vectors.rows, d = vectors.cols, kept = std::min({dims, d});
  std::vector<double> mean(d, 0);
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c < d; ++c) mean[c] += vectors(r, c);
  for (double& m : mean) m /= static_cast<double>(std::max<std::size_t>(n, 1));
  Matrix covariance(d, d), turned(n, kept);
  constexpr std::size_t kBlock = 4096;
  const auto centred = [&](std::size_t from) {
    Matrix block(std::min(kBlock, n - from), d);
    for (std::size_t r = 0; r < block.rows(); ++r)
      for (std::size_t c = 0; c < d; ++c) block(r, c) = vectors(from + r, c) - static_cast<float>(mean[c]);
    return block;
  };
  for (std::size_t from = 0; from < n; from += kBlock) {
    const Matrix block = centred(from);
    multiply(block, block, covariance, {.beta = 1, .transpose_a = true});
  }
  eigen_symmetric(covariance);         // ascending: the strongest are the last columns
  Matrix directions(d, kept);
  for (std::size_t r = 0; r < d; ++r)
    for (std::size_t c = 0; c < kept; ++c) directions(r, c) = covariance(r, d - 1 - c);
  for (std::size_t from = 0; from < n; from += kBlock) {
    const Matrix block = multiply(centred(from), directions);
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const auto row = block.row(r);
      const float length = std::sqrt(dot(row, row));
      for (std::size_t c = 0; c < kept; ++c) turned(from + r, c) = length > 1e-6f ? row[c] / length : 0;
    }
  }
  return turned;
}

// The k likest of `among` to one row, likest first.
std::vector<Near> nearest(const Matrix& rows, std::size_t row, const std::vector<std::uint32_t>& among, std::size_t k) {
  std::vector<Near> best;
  const auto worse = [](const Near& a, const Near& b) { return a.likeness != b.likeness ? a.likeness > b.likeness : a.to < b.to; };
  for (std::uint32_t a = 0; a < among.size(); ++a) {
    if (among[a] == row) continue;
    const float likeness = dot(rows.row(row), rows.row(among[a]));
    if (best.size() == k && likeness <= best.front().likeness) continue;
    if (best.size() == k) {
      std::pop_heap(best.begin(), best.end(), worse);
      best.pop_back();
    }
    best.push_back({a, likeness});
    std::push_heap(best.begin(), best.end(), worse);
  }
  std::sort(best.begin(), best.end(), worse);
  return best;
}

struct Edge {
  std::uint32_t from, to;
  float weight;
};

// How much each neighbour counts: the nearest wholly, the others so that all together count log2(k) (fuzzy neighbours), both ways.
std::vector<Edge> edges_of(const std::vector<std::vector<Near>>& near) {
  std::vector<Edge> edges;
  for (std::uint32_t i = 0; i < near.size(); ++i) {
    if (near[i].empty()) continue;
    const double wanted = std::log2(static_cast<double>(near[i].size()) + 1), first = 1 - static_cast<double>(near[i].front().likeness);
    double low = 0, high = 10, spread = 1;
    for (int step = 0; step < 40; ++step) {
      double sum = 0;
      for (const Near& n : near[i]) sum += std::exp(-std::max(0.0, 1 - static_cast<double>(n.likeness) - first) / spread);
      (sum > wanted ? high : low) = spread;
      spread = (low + high) / 2;
    }
    for (const Near& n : near[i]) {
      const double weight = std::exp(-std::max(0.0, 1 - static_cast<double>(n.likeness) - first) / std::max(spread, 1e-6));
      edges.push_back({std::min(i, n.to), std::max(i, n.to), static_cast<float>(weight)});
    }
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
  std::size_t kept = 0;
  for (std::size_t e = 0; e < edges.size(); ++e) {
    if (kept > 0 && edges[kept - 1].from == edges[e].from && edges[kept - 1].to == edges[e].to) edges[kept - 1].weight += edges[e].weight - edges[kept - 1].weight * edges[e].weight;
    else edges[kept++] = edges[e];
  }
  edges.resize(kept);
  return edges;
}

float bounded(float move) { return std::clamp(move, -kMostMove, kMostMove); }

void settle(std::vector<Point>& points, const std::vector<Edge>& edges, int rounds, const Run& run) {
  Random random(run.seed ^ 0x6d6170);
  std::vector<float> due(edges.size(), 0);      // an edge of weight w is pulled in w of the rounds
  for (int round = 0; round < rounds; ++round) {
    run.check();
    const float step = 1 - static_cast<float>(round) / static_cast<float>(rounds);
    for (std::size_t e = 0; e < edges.size(); ++e) {
      due[e] += edges[e].weight;
      if (due[e] < 1) continue;
      due[e] -= 1;
      Point &a = points[edges[e].from], &b = points[edges[e].to];
      const float dx = a.x - b.x, dy = a.y - b.y, d2 = dx * dx + dy * dy, pull = -2 * kNear / (1 + kNear * d2);
      a.x += step * bounded(pull * dx);
      a.y += step * bounded(pull * dy);
      b.x -= step * bounded(pull * dx);
      b.y -= step * bounded(pull * dy);
      for (int push = 0; push < kPushes; ++push) {
        const Point& c = points[random.below(points.size())];
        const float ex = a.x - c.x, ey = a.y - c.y, e2 = ex * ex + ey * ey;
        if (e2 == 0) continue;
        const float force = 2 / ((0.001f + e2) * (1 + kNear * e2));
        a.x += step * bounded(force * ex);
        a.y += step * bounded(force * ey);
      }
    }
  }
}

// -1..1 stays, times kBulk; what is farther out comes nearer to +-1 the farther it is, and keeps its order.
float drawn_in(float t) {
  constexpr float kBulk = 0.9f;
  if (std::abs(t) <= 1) return kBulk * t;
  return std::copysign(1 - (1 - kBulk) * std::exp(-(std::abs(t) - 1) * kBulk / (1 - kBulk) * 0.3f), t);
}

// Into 0..1, the longer side filled; a few far out do not make all the others small.
void fit_into_square(std::vector<Point>& points) {
  if (points.empty()) return;
  const auto range = [&](auto coordinate) {
    std::vector<float> values;
    for (const Point& p : points) values.push_back(coordinate(p));
    std::sort(values.begin(), values.end());
    const std::size_t edge = values.size() / 50;
    return std::pair{values[edge], values[values.size() - 1 - edge]};
  };
  const auto [x0, x1] = range([](const Point& p) { return p.x; });
  const auto [y0, y1] = range([](const Point& p) { return p.y; });
  const float half = std::max({x1 - x0, y1 - y0, 1e-6f}) / 2;
  for (Point& p : points) {
    p.x = 0.5f + 0.5f * drawn_in((p.x - (x0 + x1) / 2) / half);
    p.y = 0.5f + 0.5f * drawn_in((p.y - (y0 + y1) / 2) / half);
  }
}

}  // namespace

std::vector<Point> lay_out(MatrixView vectors, const LayoutOptions& options, const Run& run) {
  const std::size_t n = vectors.rows;
  std::vector<Point> points(n);
  if (n < 3 || vectors.cols < 2) {
    for (std::size_t i = 0; i < n; ++i) points[i] = {n == 1 ? 0.5f : static_cast<float>(i), 0.5f};
    return points;
  }
  const Matrix rows = strongest(vectors, options.dims);
  Random random(run.seed ^ 0x6c61796f7574);
  std::vector<std::uint32_t> anchors(n);
  std::iota(anchors.begin(), anchors.end(), 0u);
  if (n > options.anchors) {
    random.shuffle(std::span(anchors));
    anchors.resize(options.anchors);
    std::sort(anchors.begin(), anchors.end());
  }
  std::vector<std::vector<Near>> near(anchors.size());
  for (std::size_t a = 0; a < anchors.size(); ++a) {
    if (a % 256 == 0) run.check();
    near[a] = nearest(rows, anchors[a], anchors, std::min(options.neighbours, anchors.size() - 1));
  }
  std::vector<Point> laid(anchors.size());
  for (std::size_t a = 0; a < anchors.size(); ++a)
    laid[a] = {10 * rows(anchors[a], 0) + 0.01f * static_cast<float>(random.normal()), 10 * rows(anchors[a], 1) + 0.01f * static_cast<float>(random.normal())};
  settle(laid, edges_of(near), options.rounds, run);
  for (std::size_t a = 0; a < anchors.size(); ++a) points[anchors[a]] = laid[a];
  for (std::size_t i = 0, a = 0; i < n; ++i) {
    if (a < anchors.size() && anchors[a] == i) {
      ++a;
      continue;
    }
    if (i % 256 == 0) run.check();
    Point sum;
    float all = 0;
    for (const Near& by : nearest(rows, i, anchors, kPlacedBy)) {
      const float weight = std::exp(8 * by.likeness);
      sum.x += weight * laid[by.to].x;
      sum.y += weight * laid[by.to].y;
      all += weight;
    }
    points[i] = {sum.x / all + 0.05f * static_cast<float>(random.normal()), sum.y / all + 0.05f * static_cast<float>(random.normal())};
  }
  fit_into_square(points);
  return points;
}

}  // namespace attune::index
