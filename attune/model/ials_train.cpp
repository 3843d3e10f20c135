// iALS training: see the header for the loss and the method.
#include "attune/model/ials_train.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/tall.h"

namespace attune::model {
namespace {

// Turns the rows (and B with them) into the eigenvectors of their Gram matrix; returns its diagonal then.
std::vector<float> diagonalise(Matrix& rows, Matrix& text_map, const Run& run) {
  Matrix q = gram(rows, run);
  std::vector<float> spectrum = eigen_symmetric(q);
  for (float& s : spectrum) s = std::max(s, 0.0f);   // rounding may leave -1e-9
  multiply_in_place(rows, q, run);
  if (!text_map.empty()) text_map = multiply(text_map, q);
  return spectrum;
}

// One side solved, the other fixed.
struct Half {
  const Sparse& weights;               // [rows, others]
  const Matrix& others;                // in the basis where their Gram matrix is diagonal
  std::span<const float> spectrum;     // that diagonal
  std::size_t other_count;             // others that count in a0 (somebody took them)
  MatrixView prior = {};               // [rows, factors] prior means, or empty
};

void solve_rows(const Half& half, const IalsOptions& options, Matrix& out, std::size_t first, std::size_t last) {
  const std::size_t d = half.spectrum.size();
  std::vector<float> diagonal(d), confidence, pulls;
  SolveScratch scratch;
  for (std::size_t r = first; r < last; ++r) {
    const std::span<const std::uint32_t> indices = half.weights.row_indices(r);
    const std::span<float> x = out.row(r);
    std::fill(x.begin(), x.end(), 0.0f);
    if (indices.empty()) continue;
    confidence.resize(std::max(confidence.size(), indices.size()));
    pulls.resize(confidence.size());
    const std::span<float> w = std::span(confidence).first(indices.size()), b = std::span(pulls).first(indices.size());
    const double total = confidences(half.weights.row_values(r), options.power, w, b);
    const float reg = regularisation(options, total, half.other_count), pull = half.prior.data != nullptr ? options.prior * reg : 0.0f;
    for (std::size_t k = 0; k < d; ++k) diagonal[k] = options.unobserved * half.spectrum[k] + reg + pull;
    if (pull > 0)
      for (std::size_t k = 0; k < d; ++k) x[k] = pull * half.prior(r, k);
    const std::size_t end = half.weights.offsets[r + 1], ahead = std::min<std::size_t>(16, half.weights.nnz() - end);
    solve({.diagonal = diagonal, .rows = half.others, .indices = indices, .weights = w, .pulls = b,
           .next = {half.weights.indices.data() + end, ahead}},
          x, {.steps = options.steps, .tolerance = options.tolerance}, scratch);
  }
}

void solve_half(const Half& half, const IalsOptions& options, Matrix& out, const Run& run) {
  // Chunks of about equal work: long rows are rare but heavy.
  const std::size_t grain = std::clamp<std::size_t>(20000 * half.weights.rows / std::max<std::size_t>(half.weights.nnz(), 1), 1, 2048);
  parallel_for(0, half.weights.rows, grain, run, [&](std::size_t first, std::size_t last) { solve_rows(half, options, out, first, last); });
}

std::size_t rows_with_data(const Sparse& m) {
  std::size_t n = 0;
  for (std::size_t r = 0; r < m.rows; ++r) n += m.row_size(r) > 0 ? 1 : 0;
  return n;
}

// B = argmin sum_i reg_i |v_i - B z_i|^2 + ridge |B|^2 over the items somebody took.
class TextRidge {
 public:
  TextRidge(MatrixView text, const Sparse& by_item, const IalsOptions& options, std::size_t users) : text_(text), weighted_(text.rows, text.cols) {
    double sum = 0;
    std::vector<float> w, b;
    for (std::size_t i = 0; i < text.rows; ++i) {
      if (by_item.row_size(i) == 0) continue;
      w.resize(by_item.row_size(i));
      b.resize(w.size());
      const float reg = regularisation(options, confidences(by_item.row_values(i), options.power, w, b), users);
      sum += static_cast<double>(reg);
      for (std::size_t c = 0; c < text.cols; ++c) weighted_(i, c) = reg * text(i, c);
    }
    matrix_ = multiply(weighted_, text, {.transpose_a = true});
    for (std::size_t c = 0; c < matrix_.rows(); ++c) matrix_(c, c) += static_cast<float>(kRidge * sum) + 1e-20f;
  }
  Matrix fit(const Matrix& items) const {
    Matrix a = matrix_.clone(), b = multiply(weighted_, items, {.transpose_a = true});
    solve_spd(a, b, "the matrix of the items' text");
    return b;
  }

 private:
  static constexpr double kRidge = 0.02;   // text columns have mean square about 1; Beauty: the same from 0.002 to 0.2
  MatrixView text_;
  Matrix weighted_, matrix_;
};

}  // namespace

float regularisation(const IalsOptions& options, double confidence, std::size_t others) {
  const double n = confidence + static_cast<double>(options.unobserved) * static_cast<double>(others);
  return std::max(static_cast<float>(static_cast<double>(options.reg) * std::pow(n, static_cast<double>(options.nu))), 1e-12f);
}

double confidences(std::span<const float> signed_weights, float power, std::span<float> weights, std::span<float> pulls) {
  double sum = 0;
  for (std::size_t k = 0; k < signed_weights.size(); ++k) {
    const float size = std::abs(signed_weights[k]);
    weights[k] = size == 1.0f || power == 1.0f ? size : std::pow(size, power);
    pulls[k] = signed_weights[k] > 0 ? weights[k] : 0.0f;
    sum += static_cast<double>(weights[k]);
  }
  return sum;
}

IalsFactors train_ials(const Sparse& by_user, const Sparse& by_item, MatrixView text, const IalsOptions& options, const Run& run) {
  const auto d = static_cast<std::size_t>(options.factors);
  const std::size_t users = rows_with_data(by_user), items = rows_with_data(by_item);
  const bool reads = text.cols > 0 && options.prior > 0;
  IalsFactors f;
  f.items = Matrix(by_item.rows, d);
  Random random(run.seed);
  const double spread = 0.1 / std::sqrt(static_cast<double>(d));
  for (std::size_t i = 0; i < by_item.rows; ++i)
    if (by_item.row_size(i) > 0)
      for (float& x : f.items.row(i)) x = static_cast<float>(random.normal() * spread);

  Matrix user_factors(by_user.rows, d), prior;
  const std::optional<TextRidge> ridge = reads ? std::optional<TextRidge>(std::in_place, text, by_item, options, users) : std::nullopt;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    run.report("ials", static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    f.spectrum = diagonalise(f.items, f.text_map, run);
    solve_half({by_user, f.items, f.spectrum, items}, options, user_factors, run);
    f.spectrum = diagonalise(user_factors, f.text_map, run);
    if (!f.text_map.empty()) prior = multiply(text, f.text_map);
    solve_half({by_item, user_factors, f.spectrum, users, prior}, options, f.items, run);
    if (ridge) f.text_map = ridge->fit(f.items);
  }
  f.spectrum = diagonalise(f.items, f.text_map, run);
  if (ridge) {  // nobody took it: the best guess is what its text foretells
    const Matrix guess = multiply(text, f.text_map);
    for (std::size_t i = 0; i < by_item.rows; ++i)
      if (by_item.row_size(i) == 0) std::copy_n(guess.row(i).data(), d, f.items.row(i).data());
  }
  run.report("ials", static_cast<std::size_t>(options.epochs), static_cast<std::size_t>(options.epochs));
  return f;
}

}  // namespace attune::model
