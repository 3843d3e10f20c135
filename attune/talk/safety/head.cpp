// Head: see the header.
#include "attune/talk/safety/head.h"

#include <algorithm>
#include <cmath>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/talk/safety/rules.h"

namespace attune::talk::safety {
namespace {

constexpr float kWidth = 1.0f;          // of exp(-2 width (1 - cosine)) of the vectors; .5, 1 and 2 measured alike
constexpr float kTraitWidth = 0.5f;     // of exp(-width squared distance) of the traits; .25 to 1 measured alike
constexpr float kRidge = 0.2f;
constexpr std::size_t kKinds = 6;

// Rows of which one kernel is the product of both: the vectors, and the traits as far apart as they count.
Matrix joined(MatrixView vectors, MatrixView traits) {
  static const float scale = std::sqrt(kTraitWidth / kWidth);
  Matrix rows(vectors.rows, vectors.cols + traits.cols);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r);
    std::copy(vectors.row(r).begin(), vectors.row(r).end(), row.begin());
    std::transform(traits.row(r).begin(), traits.row(r).end(), row.begin() + static_cast<std::ptrdiff_t>(vectors.cols), [](float x) { return scale * x; });
  }
  return rows;
}

}  // namespace

void traits_of(std::string_view text, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0f);
  const Reading reading = read(text);
  for (std::size_t k = 0; k < kMostLists; ++k) out[k] = reading.all.test(k) ? 1.0f : 0.0f;
  if (const Verdict verdict = judge_reading(reading); !verdict.is_allowed()) out[kMostLists + static_cast<std::size_t>(verdict.kind)] = 2.0f;
  const float length = std::sqrt(dot(out, out) + 1);
  for (float& v : out) v /= length;
}

Head Head::fit(const Matrix& vectors, const Matrix& traits, const std::vector<Kind>& kinds) {
  ATTUNE_ASSERT(kinds.size() == vectors.rows() && traits.rows() == vectors.rows(), "every case has traits and a kind");
  const auto passing = static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), Kind::none));
  if (passing == 0 || passing == kinds.size()) throw Error(Code::bad_data, "the guard's head needs cases of both sorts");
  Head head;
  std::vector<std::uint32_t> labels;
  for (const Kind kind : kinds) labels.push_back(kind == Kind::none ? 0 : 1), head.kinds_.push_back(static_cast<std::uint32_t>(kind));
  head.kernel_ = train::KernelHead::fit({.dense = joined(vectors, traits)}, labels, 2, {.reach = kWidth, .ridge = kRidge, .balanced = true}, Run{});
  return head;
}

HeadScore Head::score(std::span<const float> vector, std::span<const float> traits) const {
  Run run;
  run.threads = 1;
  const Matrix row = joined({vector.data(), 1, vector.size()}, {traits.data(), 1, traits.size()});
  const Matrix parts = kernel_.parts({.dense = row}, 1, kinds_, kKinds, run);
  const auto by_kind = parts.row(0);
  HeadScore score;
  for (const float part : by_kind) score.refuse += 2 * part;        // the class's score is 1/2 or -1/2 for its own cases
  score.kind = static_cast<Kind>(std::max_element(by_kind.begin() + 1, by_kind.end()) - by_kind.begin());
  return score;
}

void Head::save(const std::filesystem::path& file) const {
  ByteWriter out(file);
  out.number(kHeadFormat);
  out.array<std::uint32_t>(kinds_);
  kernel_.save(out);
  out.close();
}

Head Head::load(const std::filesystem::path& file) {
  ByteReader in(file);
  if (in.number<int>() != kHeadFormat) throw Error(Code::bad_data, file.string() + " is of another format");
  Head head;
  head.kinds_ = in.array<std::uint32_t>();
  head.kernel_ = train::KernelHead::load(in);
  const bool are_kinds = std::all_of(head.kinds_.begin(), head.kinds_.end(), [](std::uint32_t kind) { return kind < kKinds; });
  if (!are_kinds || head.kinds_.size() != head.kernel_.count() || head.kernel_.classes() != 2 || head.kernel_.dim() <= kTraits) throw Error(Code::bad_data, file.string() + " is damaged");
  return head;
}

bool is_latin(std::string_view text) noexcept {
  std::size_t letters = 0, others = 0;
  for (const char c : text.substr(0, 4000)) (static_cast<unsigned char>(c) < 0x80 ? letters : others) += std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
  return letters >= 3 && others <= letters;
}

}  // namespace attune::talk::safety
