// Text factors: whitening for dense features; for sparse ones the strongest directions by randomised subspace iteration
// (Halko et al. 2011): O(nnz x directions) a pass, four passes.
#include "attune/model/text_factors.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/random.h"
#include "attune/core/tall.h"

namespace attune::model {
namespace {

constexpr std::size_t kDirections = 128, kSpare = 16;
constexpr int kPasses = 4;
constexpr float kWhitenEps = 0.1f;   // directions far below the mean variance stay small

// A X: [rows of A, columns of X]
Matrix times(const Sparse& a, const Matrix& x) {
  Matrix y(a.rows, x.cols());
  for (std::size_t r = 0; r < a.rows; ++r)
    for (std::size_t k = 0; k < a.row_size(r); ++k) axpy(a.row_values(r)[k], x.row(a.row_indices(r)[k]), y.row(r));
  return y;
}

// Makes the columns orthonormal, strongest last; returns their squared lengths along their own axes. Directions without
// length become zeros.
std::vector<float> orthonormalise(Matrix& x, const Run& run) {
  Matrix q = gram(x, run);
  std::vector<float> squares = eigen_symmetric(q);
  const float least = 1e-6f * std::max(squares.empty() ? 0.0f : squares.back(), 1e-20f);
  for (std::size_t c = 0; c < q.cols(); ++c) {
    const float by = squares[c] > least ? 1.0f / std::sqrt(squares[c]) : 0.0f;
    for (std::size_t r = 0; r < q.rows(); ++r) q(r, c) *= by;
  }
  multiply_in_place(x, q, run);
  return squares;
}

// [vocabulary, directions]: F map has orthogonal columns of mean square 1.
Matrix strongest_directions(const Sparse& f, const Run& run) {
  const std::size_t wanted = std::min({kDirections, f.rows, f.cols}), width = std::min({kDirections + kSpare, f.rows, f.cols});
  if (wanted == 0) return {};
  const Sparse turned = transpose(f);
  Random random(7);   // the same directions whatever the model's seed: they belong to the texts
  Matrix y(f.rows, width);
  {
    Matrix start(f.cols, width);
    for (float& x : start.all()) x = static_cast<float>(random.normal());
    y = times(f, start);
  }
  Matrix t;
  for (int pass = 0; pass < kPasses; ++pass) {
    run.check();
    orthonormalise(y, run);
    t = times(turned, y);              // F' Y
    if (pass + 1 < kPasses) y = times(f, t);
  }
  const std::vector<float> squares = orthonormalise(t, run);   // right singular vectors, strongest last
  Matrix map(f.cols, wanted);
  for (std::size_t c = 0; c < wanted; ++c) {
    const std::size_t from = width - 1 - c;
    const float length = std::sqrt(std::max(squares[from], 0.0f));
    const float by = length > 1e-6f ? std::sqrt(static_cast<float>(f.rows)) / length : 0.0f;
    for (std::size_t r = 0; r < f.cols; ++r) map(r, c) = t(r, from) * by;
  }
  return map;
}

std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> list;
  while (!names.empty()) {
    const std::string_view one = names.substr(0, names.find(','));
    names.remove_prefix(std::min(one.size() + 1, names.size()));
    if (!one.empty()) list.emplace_back(one);
  }
  return list;
}

}  // namespace

TextFactors::TextFactors(const data::Dataset& data, std::string_view names, const Run& run) {
  std::vector<std::string> wanted = split_names(names), known;
  for (const auto& [name, features] : data.all_features()) known.push_back(name);
  if (wanted.empty()) wanted = known;
  for (const std::string& name : wanted) {
    const data::ItemFeatures* features = data.features(name);
    if (features == nullptr) {
      std::string list;
      for (const std::string& k : known) list += (list.empty() ? "" : ", ") + k;
      throw Error(Code::bad_request, "no item texts were encoded by '" + name + "'; there " + (known.empty() ? "are none: encode first" : "are: " + list));
    }
    Part part{.encoder = name};
    if (features->is_sparse()) part.sparse = strongest_directions(features->sparse, run);
    else part.dense = Whitening::fit(features->dense, kWhitenEps);
    if (part.columns() > 0) parts_.push_back(std::move(part));
  }
}

std::size_t TextFactors::columns() const noexcept {
  std::size_t n = parts_.empty() ? 0 : 1;
  for (const Part& part : parts_) n += part.columns();
  return n;
}

Matrix TextFactors::rows(const data::Dataset& data) const {
  Matrix out(data.item_count(), columns());
  std::size_t at = 0;
  for (const Part& part : parts_) {
    const data::ItemFeatures* features = data.features(part.encoder);
    ATTUNE_ASSERT(features != nullptr, "the dataset has the encoders it had");
    const Matrix some = part.dense ? part.dense->apply(features->dense) : times(features->sparse, part.sparse);
    for (std::size_t i = 0; i < out.rows(); ++i) std::copy_n(some.row(i).data(), some.cols(), out.row(i).data() + at);
    at += part.columns();
  }
  if (at > 0)
    for (std::size_t i = 0; i < out.rows(); ++i) out(i, at) = 1;
  return out;
}

std::optional<std::vector<float>> TextFactors::row(const NewItem& item) const {
  std::vector<float> out(columns());
  std::size_t at = 0;
  bool found = false;
  for (const Part& part : parts_) {
    const std::span<float> to = std::span(out).subspan(at, part.columns());
    at += part.columns();
    const auto given = item.features.find(part.encoder);
    if (given == item.features.end()) continue;   // the mean of what is not known: zeros
    const NewItem::Row& row = given->second;
    if (part.dense && row.dense.size() == part.inputs()) {
      const Matrix y = part.dense->apply({row.dense.data(), 1, row.dense.size()});
      std::copy(y.all().begin(), y.all().end(), to.begin());
      found = true;
    } else if (!part.dense) {
      for (std::size_t k = 0; k < row.indices.size(); ++k) {
        if (row.indices[k] >= part.inputs()) continue;   // a word nobody had used
        axpy(row.values[k], part.sparse.row(row.indices[k]), to);
        found = true;
      }
    }
  }
  if (!found) return std::nullopt;
  out[at] = 1;
  return out;
}

std::size_t TextFactors::size_bytes() const noexcept {
  std::size_t n = 0;
  for (const Part& part : parts_) n += part.sparse.size_bytes() + (part.dense ? part.dense->size_bytes() : 0);
  return n;
}

void TextFactors::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(parts_.size()));
  for (const Part& part : parts_) {
    out.text(part.encoder);
    out.number(static_cast<std::uint8_t>(part.dense ? 1 : 0));
    if (part.dense) part.dense->save(out);
    else out.matrix(part.sparse);
  }
}

TextFactors TextFactors::load(ByteReader& in) {
  TextFactors text;
  for (auto n = in.number<std::uint64_t>(); n > 0; --n) {
    Part part{.encoder = in.text()};
    if (in.number<std::uint8_t>() != 0) part.dense = Whitening::load(in);
    else part.sparse = in.matrix();
    text.parts_.push_back(std::move(part));
  }
  return text;
}

}  // namespace attune::model
