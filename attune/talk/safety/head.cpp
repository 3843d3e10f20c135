// Head: see the header.
#include "attune/talk/safety/head.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/talk/safety/rules.h"

namespace attune::talk::safety {
namespace {

constexpr float kWidth = 1.0f;          // of exp(-2 width (1 - cosine)) of the vectors; .5, 1 and 2 measured alike
constexpr float kTraitWidth = 0.5f;     // of exp(-width squared distance) of the traits; .25 to 1 measured alike
constexpr float kRidge = 0.2f;

float kernel(float cosine, float traits, float square, float other_square) { return std::exp(-2 * kWidth * (1 - cosine) - kTraitWidth * std::max(0.0f, square + other_square - 2 * traits)); }

}  // namespace

void traits_of(std::string_view text, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0f);
  const Reading reading = read(text);
  for (std::size_t k = 0; k < kMostLists; ++k) out[k] = reading.all.test(k) ? 1.0f : 0.0f;
  if (const Verdict verdict = judge_reading(reading); !verdict.is_allowed()) out[kMostLists + static_cast<std::size_t>(verdict.kind)] = 2.0f;
  const float length = std::sqrt(dot(out, out) + 1);
  for (float& v : out) v /= length;
}

Head Head::fit(Matrix vectors, Matrix traits, std::vector<Kind> kinds) {
  const std::size_t n = vectors.rows();
  ATTUNE_ASSERT(kinds.size() == n && traits.rows() == n, "every case has traits and a kind");
  const auto bad = static_cast<float>(std::count_if(kinds.begin(), kinds.end(), [](Kind k) { return k != Kind::none; })), all = static_cast<float>(n);
  if (bad == 0 || bad == all) throw Error(Code::bad_data, "the guard's head needs cases of both sorts");
  Matrix k = multiply(vectors, vectors, {.transpose_b = true});
  std::vector<float> squares(n);
  for (std::size_t i = 0; i < n; ++i) squares[i] = dot(traits.row(i), traits.row(i));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) k(i, j) = kernel(k(i, j), dot(traits.row(i), traits.row(j)), squares[i], squares[j]);
  Matrix y(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_bad = kinds[i] != Kind::none;
    k(i, i) += kRidge * 2 * (is_bad ? bad : all - bad) / all;       // both sorts weigh the same
    y(i, 0) = is_bad ? 1.0f : -1.0f;
  }
  solve_spd(k, y, "the guard's head");
  Head head;
  head.vectors_ = std::move(vectors);
  head.traits_ = std::move(traits);
  head.squares_ = std::move(squares);
  head.kinds_ = std::move(kinds);
  head.weights_.assign(y.data(), y.data() + n);
  return head;
}

HeadScore Head::score(std::span<const float> vector, std::span<const float> traits) const {
  HeadScore score;
  const float square = dot(traits, traits);
  std::array<float, 6> by_kind{};
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const float part = weights_[i] * kernel(dot(vectors_.row(i), vector), dot(traits_.row(i), traits), square, squares_[i]);
    score.refuse += part;
    by_kind[static_cast<std::size_t>(kinds_[i])] += part;
  }
  score.kind = static_cast<Kind>(std::max_element(by_kind.begin() + 1, by_kind.end()) - by_kind.begin());
  return score;
}

void Head::save(const std::filesystem::path& file) const {
  ByteWriter out(file);
  out.number(kHeadFormat);
  out.matrix(vectors_);
  out.matrix(traits_);
  std::vector<std::uint8_t> kinds;
  for (const Kind k : kinds_) kinds.push_back(static_cast<std::uint8_t>(k));
  out.array<std::uint8_t>(kinds);
  out.array<float>(weights_);
  out.close();
}

Head Head::load(const std::filesystem::path& file) {
  ByteReader in(file);
  if (in.number<int>() != kHeadFormat) throw Error(Code::bad_data, file.string() + " is of another format");
  Head head;
  head.vectors_ = in.matrix();
  head.traits_ = in.matrix();
  for (const std::uint8_t k : in.array<std::uint8_t>()) {
    if (k > static_cast<std::uint8_t>(Kind::privacy)) throw Error(Code::bad_data, file.string() + " holds an unknown kind");
    head.kinds_.push_back(static_cast<Kind>(k));
  }
  head.weights_ = in.array<float>();
  if (head.kinds_.size() != head.vectors_.rows() || head.weights_.size() != head.vectors_.rows() || head.traits_.rows() != head.vectors_.rows() || head.traits_.cols() != kTraits) throw Error(Code::bad_data, file.string() + " is damaged");
  for (std::size_t i = 0; i < head.traits_.rows(); ++i) head.squares_.push_back(dot(head.traits_.row(i), head.traits_.row(i)));
  return head;
}

bool is_latin(std::string_view text) noexcept {
  std::size_t letters = 0, others = 0;
  for (const char c : text.substr(0, 4000)) (static_cast<unsigned char>(c) < 0x80 ? letters : others) += std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
  return letters >= 3 && others <= letters;
}

}  // namespace attune::talk::safety
