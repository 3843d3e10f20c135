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
constexpr float kKernelWords = 0.6f;
constexpr std::size_t kMany = 3000;   // messages: with fewer, directions of little variance and words beside the kernel's vectors are noise (bench/offline/desk_intents.cpp)

FrozenOptions chosen(FrozenOptions o, bool is_many) {
  if (o.kernel_words < 0) o.kernel_words = 0;
  if (o.later_weight < 0) o.later_weight = is_many ? 0.8f : 0.5f;
  if (o.ridge < 0) o.ridge = is_many ? 0.05f : 0.3f;
  return o;
}

Sparse weighed(const Sparse& words, float weight) {
  Sparse m = words;
  for (float& x : m.values) x *= weight;
  return m;
}

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

FrozenHeads FrozenHeads::fit(const std::vector<Matrix>& vectors, const Lessons& lessons, std::size_t classes, const FrozenOptions& asked, const Run& run) {
  FrozenHeads made;
  const bool is_many = lessons.texts.size() >= kMany;
  const FrozenOptions& options = made.options_ = chosen(asked, is_many);
  made.linear_space_ = IntentSpace::fit(vectors, {.is_white = is_many, .whitening = options.whitening, .later_weight = options.later_weight});
  made.kernel_space_ = IntentSpace::fit(vectors, {.later_weight = options.later_weight});
  made.ngrams_ = encode::Ngrams::fit(lessons.texts, {.min_texts = is_many ? 2 : 1}, run);
  const Matrix dense = made.linear_space_.apply(vectors);
  const Sparse words = made.ngrams_.encode(lessons.texts, run), sparse = weighed(words, options.ngram_weight);
  made.linear_ = train::LinearHead::fit({.dense = dense, .sparse = &sparse}, lessons.labels, classes, {}, {.reg = options.reg, .steps = 120}, run);
  made.known_ = made.kernel_space_.apply(vectors);
  made.fit_kernel(made.known_, words, lessons.labels, run);
  for (std::size_t r = 0; r < made.known_.rows(); ++r) normalise(made.known_.row(r));
  return made;
}

void FrozenHeads::fit_kernel(const Matrix& rows, const Sparse& words, std::span<const std::uint32_t> labels, const Run& run) {
  const Sparse weighed_words = weighed(words, options_.kernel_words);
  kernel_ = train::KernelHead();
  try {
    kernel_ = train::KernelHead::fit({.dense = rows, .sparse = options_.kernel_words > 0 ? &weighed_words : nullptr}, labels, linear_.classes(),
                                     {.reach = options_.reach, .ridge = options_.ridge}, run);
  } catch (const NeedsMoreMemory& e) {
    run.remark(std::string(e.what()) + "; the linear head answers alone");
  }
}

std::vector<float> FrozenHeads::kernel_words_to_try(const FrozenOptions& options, std::size_t messages) {
  if (options.kernel_words >= 0) return {options.kernel_words};
  return messages >= kMany ? std::vector<float>{0.0f, kKernelWords} : std::vector<float>{0.0f};
}

void FrozenHeads::refit_kernel(const std::vector<Matrix>& vectors, const Lessons& lessons, float kernel_words, const Run& run) {
  options_.kernel_words = kernel_words;
  fit_kernel(kernel_space_.apply(vectors), ngrams_.encode(lessons.texts, run), lessons.labels, run);
}

FrozenHeads::Said FrozenHeads::say(const std::vector<Matrix>& vectors, std::span<const std::string> texts, const Run& run) const {
  Said said;
  const Matrix dense = linear_space_.apply(vectors);
  const Sparse words = ngrams_.encode(texts, run), sparse = weighed(words, options_.ngram_weight), kernel_words = weighed(words, options_.kernel_words);
  said.linear = linear_.scores({.dense = dense, .sparse = &sparse}, run);
  said.rows = kernel_space_.apply(vectors);
  if (kernel_.classes() > 0) said.kernel = kernel_.scores({.dense = said.rows, .sparse = kernel_.sparse_dim() > 0 ? &kernel_words : nullptr}, run);
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
  const Sparse words = ngrams_.encode(texts, run), sparse = weighed(words, options_.ngram_weight), kernel_words = weighed(words, options_.kernel_words);
  // Twice the margin in chances: whoever picked is surer than what was fitted.
  linear_.learn({.dense = dense, .sparse = &sparse}, 0, label, 4 * linear_.temperature());
  if (kernel_.classes() > 0) kernel_.learn({.dense = row, .sparse = kernel_.sparse_dim() > 0 ? &kernel_words : nullptr}, 0, label);
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
  out.number(options_.ngram_weight), out.number(options_.kernel_words), out.number(options_.kernel_weight);
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
  made.options_.ngram_weight = in.number<float>(), made.options_.kernel_words = in.number<float>(), made.options_.kernel_weight = in.number<double>();
  made.linear_space_ = IntentSpace::load(in);
  made.kernel_space_ = IntentSpace::load(in);
  made.ngrams_ = encode::Ngrams::load(in);
  made.linear_ = train::LinearHead::load(in);
  if (in.number<std::uint8_t>() != 0) made.kernel_ = train::KernelHead::load(in);
  made.known_ = in.matrix();
  made.later_ = in.array<float>();
  const std::size_t dim = made.kernel_space_.dim();
  const bool fits_kernel = made.kernel_.classes() == 0 || (made.kernel_.classes() == classes && made.kernel_.dim() == dim && (made.kernel_.sparse_dim() == 0 || made.kernel_.sparse_dim() == made.ngrams_.dim()));
  const bool fits_linear = made.linear_.classes() == classes && made.linear_.dense_dim() == dim && made.linear_.sparse_dim() == made.ngrams_.dim();
  if (!fits_kernel || !fits_linear || made.linear_space_.dim() != dim || made.known_.cols() != dim || made.later_.size() % std::max<std::size_t>(dim, 1) != 0)
    throw Error(Code::bad_data, "the trained intents are damaged or of another version; run: attune desk train");
  return made;
}

}  // namespace attune::talk::desk
