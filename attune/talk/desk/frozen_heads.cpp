// Frozen heads: two spaces of the same vectors, whitened for the linear head where there are messages enough, plain for the kernel.
#include "attune/talk/desk/frozen_heads.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kNearest = 3;
constexpr std::size_t kWhitenFrom = 3000;   // messages: with fewer the directions of little variance are noise (bench/offline/desk_intents.cpp)

double log_sum(std::span<const float> row) {
  const double top = static_cast<double>(*std::max_element(row.begin(), row.end()));
  double sum = 0;
  for (const float x : row) sum += std::exp(static_cast<double>(x) - top);
  return top + std::log(sum);
}

}  // namespace

void note_surprise(const Matrix& scores, std::size_t at, double share, std::span<Signs> signs) {
  for (std::size_t r = 0; r < scores.rows(); ++r) {
    const double all = log_sum(scores.row(r)), most = static_cast<double>(*std::max_element(scores.row(r).begin(), scores.row(r).end()));
    signs[r][at] += share * (all - most);
    signs[r][at + 1] -= share * all;
  }
}

void multiply_chances(Matrix& chances, const Matrix& other, double share, const Run& run) {
  const auto log_of = [](float x) { return std::log(std::max(1e-12, static_cast<double>(x))); };
  for (std::size_t i = 0; i < chances.size(); ++i)
    chances.data()[i] = static_cast<float>((1 - share) * log_of(chances.data()[i]) + share * log_of(other.data()[i]));
  train::softmax_rows(chances, 1, run);
}

FrozenHeads FrozenHeads::fit(const std::vector<Matrix>& vectors, const Lessons& lessons, std::size_t classes, const FrozenOptions& options, const Run& run) {
  FrozenHeads made;
  made.options_ = options;
  const bool is_much = lessons.texts.size() >= kWhitenFrom;
  made.linear_space_ = IntentSpace::fit(vectors, {.is_white = is_much, .whitening = options.whitening, .later_weight = options.later_weight});
  made.kernel_space_ = IntentSpace::fit(vectors, {.later_weight = options.later_weight});
  made.ngrams_ = encode::Ngrams::fit(lessons.texts, {.min_texts = is_much ? 2 : 1}, run);
  const Matrix dense = made.linear_space_.apply(vectors);
  const Sparse sparse = made.words(lessons.texts, run);
  made.linear_ = train::LinearHead::fit({.dense = dense, .sparse = &sparse}, lessons.labels, classes, {}, {.reg = options.reg, .steps = 120}, run);
  made.known_ = made.kernel_space_.apply(vectors);
  try {
    made.kernel_ = train::KernelHead::fit(made.known_, lessons.labels, classes, {.reach = options.reach, .ridge = options.ridge}, run);
  } catch (const NeedsMoreMemory& e) {
    run.remark(std::string(e.what()) + "; the linear head answers alone");
  }
  for (std::size_t r = 0; r < made.known_.rows(); ++r) normalise(made.known_.row(r));
  return made;
}

Sparse FrozenHeads::words(std::span<const std::string> texts, const Run& run) const {
  Sparse m = ngrams_.encode(texts, run);
  for (float& x : m.values) x *= options_.ngram_weight;
  return m;
}

FrozenHeads::Said FrozenHeads::say(const std::vector<Matrix>& vectors, std::span<const std::string> texts, const Run& run) const {
  Said said;
  const Matrix dense = linear_space_.apply(vectors);
  const Sparse sparse = words(texts, run);
  said.linear = linear_.scores({.dense = dense, .sparse = &sparse}, run);
  said.rows = kernel_space_.apply(vectors);
  if (kernel_.classes() > 0) said.kernel = kernel_.scores(said.rows, run);
  return said;
}

Matrix FrozenHeads::chances(Said said, std::span<Signs> signs, const Run& run) const {
  const std::size_t n = said.linear.rows();
  note_surprise(said.linear, kSurprise, 1, signs);
  train::softmax_rows(said.linear, linear_.temperature(), run);
  if (kernel_.classes() > 0) {
    for (std::size_t r = 0; r < n; ++r) signs[r][kOutOfReach] = 1 - static_cast<double>(*std::max_element(said.kernel.row(r).begin(), said.kernel.row(r).end()));
    train::softmax_rows(said.kernel, kernel_.temperature(), run);
    multiply_chances(said.linear, said.kernel, options_.kernel_weight, run);
  }
  parallel_for(0, n, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      normalise(said.rows.row(r));
      signs[r][kDistance] = 1 - nearness(said.rows.row(r));
    }
  });
  return std::move(said.linear);
}

// Mean cosine to the nearest known messages.
double FrozenHeads::nearness(std::span<const float> row) const {
  std::array<float, kNearest> best;
  best.fill(-1);
  const auto take = [&](std::span<const float> other) {
    float c = dot(row, other);
    for (float& b : best)
      if (c > b) std::swap(c, b);
  };
  for (std::size_t k = 0; k < known_.rows(); ++k) take(known_.row(k));
  for (std::size_t at = 0; at + row.size() <= later_.size(); at += row.size()) take(std::span(later_).subspan(at, row.size()));
  return static_cast<double>(best[0] + best[1] + best[2]) / static_cast<double>(kNearest);
}

void FrozenHeads::set_temperatures(const Said& said, std::span<const std::uint32_t> labels) {
  linear_.set_temperature(train::best_temperature(said.linear, labels));
  if (kernel_.classes() > 0) kernel_.set_temperature(train::best_temperature(said.kernel, labels));
}

void FrozenHeads::set_temperatures(const FrozenHeads& like) {
  linear_.set_temperature(like.linear_.temperature());
  if (kernel_.classes() > 0 && like.kernel_.classes() > 0) kernel_.set_temperature(like.kernel_.temperature());
}

void FrozenHeads::learn(const std::vector<Matrix>& vectors, const std::string& text, std::uint32_t label, const Run& run) {
  const std::vector<std::string> texts = {text};
  const Matrix dense = linear_space_.apply(vectors);
  Matrix row = kernel_space_.apply(vectors);
  const Sparse sparse = words(texts, run);
  // Twice the margin in chances: whoever picked is surer than what was fitted.
  linear_.learn({.dense = dense, .sparse = &sparse}, 0, label, 4 * linear_.temperature());
  if (kernel_.classes() > 0) kernel_.learn(row.row(0), label);
  normalise(row.row(0));
  later_.insert(later_.end(), row.all().begin(), row.all().end());
}

std::vector<double> FrozenHeads::echoes(const std::vector<Matrix>& vectors) const {
  std::vector<double> most(vectors.front().rows(), -1);
  if (later_.empty()) return most;
  Matrix rows = kernel_space_.apply(vectors);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r);
    normalise(row);
    for (std::size_t at = 0; at + row.size() <= later_.size(); at += row.size())
      most[r] = std::max(most[r], static_cast<double>(dot(row, std::span(later_).subspan(at, row.size()))));
  }
  return most;
}

void FrozenHeads::save(ByteWriter& out) const {
  out.number(options_.ngram_weight), out.number(options_.kernel_weight);
  linear_space_.save(out);
  kernel_space_.save(out);
  ngrams_.save(out);
  linear_.save(out);
  out.number(static_cast<std::uint8_t>(kernel_.classes() > 0));
  if (kernel_.classes() > 0) kernel_.save(out);
  out.matrix(known_);
  out.array(std::span<const float>(later_));
}

FrozenHeads FrozenHeads::load(ByteReader& in, std::size_t classes) {
  FrozenHeads made;
  made.options_.ngram_weight = in.number<float>(), made.options_.kernel_weight = in.number<double>();
  made.linear_space_ = IntentSpace::load(in);
  made.kernel_space_ = IntentSpace::load(in);
  made.ngrams_ = encode::Ngrams::load(in);
  made.linear_ = train::LinearHead::load(in);
  if (in.number<std::uint8_t>() != 0) made.kernel_ = train::KernelHead::load(in);
  made.known_ = in.matrix();
  made.later_ = in.array<float>();
  const std::size_t dim = made.kernel_space_.dim();
  const bool fits_kernel = made.kernel_.classes() == 0 || (made.kernel_.classes() == classes && made.kernel_.dim() == dim);
  const bool fits_linear = made.linear_.classes() == classes && made.linear_.dense_dim() == dim && made.linear_.sparse_dim() == made.ngrams_.dim();
  if (!fits_kernel || !fits_linear || made.linear_space_.dim() != dim || made.known_.cols() != dim || made.later_.size() % std::max<std::size_t>(dim, 1) != 0)
    throw Error(Code::bad_data, "the trained intents are damaged or of another version; run: attune desk train");
  return made;
}

}  // namespace attune::talk::desk
