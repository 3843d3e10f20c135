// Head: see the header.
#include "attune/talk/safety/head.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"

namespace attune::talk::safety {
namespace {

constexpr float kWidth = 2.0f;          // of exp(-2 width (1 - cosine)); 1 and 2 measured alike
constexpr float kRidge = 0.3f;
constexpr std::size_t kMostRead = 2000; // bytes of a message; the encoder reads 256 tokens of it
constexpr int kFormat = 1;

float kernel(float cosine) { return std::exp(-2 * kWidth * (1 - cosine)); }

}  // namespace

Head Head::fit(Matrix vectors, std::vector<Kind> kinds) {
  const std::size_t n = vectors.rows();
  ATTUNE_ASSERT(kinds.size() == n, "every case has a kind");
  const auto bad = static_cast<float>(std::count_if(kinds.begin(), kinds.end(), [](Kind k) { return k != Kind::none; })), all = static_cast<float>(n);
  if (bad == 0 || bad == all) throw Error(Code::bad_data, "the guard's head needs cases of both sorts");
  Matrix k = multiply(vectors, vectors, {.transpose_b = true});
  for (float& v : std::span(k.data(), n * n)) v = kernel(v);
  Matrix y(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_bad = kinds[i] != Kind::none;
    k(i, i) += kRidge * 2 * (is_bad ? bad : all - bad) / all;       // both sorts weigh the same
    y(i, 0) = is_bad ? 1.0f : -1.0f;
  }
  solve_spd(k, y, "the guard's head");
  Head head;
  head.vectors_ = std::move(vectors);
  head.kinds_ = std::move(kinds);
  head.weights_.assign(y.data(), y.data() + n);
  return head;
}

HeadScore Head::score(std::span<const float> vector) const {
  HeadScore score;
  std::array<float, 6> by_kind{};
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const float part = weights_[i] * kernel(dot(vectors_.row(i), vector));
    score.refuse += part;
    by_kind[static_cast<std::size_t>(kinds_[i])] += part;
  }
  score.kind = static_cast<Kind>(std::max_element(by_kind.begin() + 1, by_kind.end()) - by_kind.begin());
  return score;
}

void Head::save(const std::filesystem::path& file) const {
  ByteWriter out(file);
  out.number(kFormat);
  out.matrix(vectors_);
  std::vector<std::uint8_t> kinds;
  for (const Kind k : kinds_) kinds.push_back(static_cast<std::uint8_t>(k));
  out.array<std::uint8_t>(kinds);
  out.array<float>(weights_);
  out.close();
}

Head Head::load(const std::filesystem::path& file) {
  ByteReader in(file);
  if (in.number<int>() != kFormat) throw Error(Code::bad_data, file.string() + " is of another format");
  Head head;
  head.vectors_ = in.matrix();
  for (const std::uint8_t k : in.array<std::uint8_t>()) {
    if (k > static_cast<std::uint8_t>(Kind::privacy)) throw Error(Code::bad_data, file.string() + " holds an unknown kind");
    head.kinds_.push_back(static_cast<Kind>(k));
  }
  head.weights_ = in.array<float>();
  if (head.kinds_.size() != head.vectors_.rows() || head.weights_.size() != head.vectors_.rows()) throw Error(Code::bad_data, file.string() + " is damaged");
  return head;
}

namespace {

struct Reader {
  std::unique_ptr<lm::LanguageModel> encoder;
  std::optional<Head> head;
};

// Made once: a machine without the encoder keeps to the rules until the program starts again.
const Reader& reader() {
  static const Reader made = []() -> Reader {
    Reader r;
    Run run;
    run.threads = 1;
    try {
      const auto model = lm::find_model("minilm.gguf");
      r.encoder = lm::open_gguf(model, "minilm", "");
      const auto file = model.parent_path() / ("guard-" + hash_hex(std::string(english_cases()) + r.encoder->fingerprint() + std::to_string(kFormat)).substr(0, 16) + ".bin");
      try {
        r.head = Head::load(file);
        if (r.head) return r;
      } catch (const Error&) {                    // not there yet, or damaged: made anew
      }
      const auto cases = expanded(english_cases(), kCasesOfATemplate);
      std::vector<std::string> texts;
      std::vector<Kind> kinds;
      for (const SafetyCase& c : cases) texts.push_back(c.text), kinds.push_back(c.kind);
      run.threads = 0;
      r.head = Head::fit(r.encoder->embed(texts, run), std::move(kinds));
      try {
        r.head->save(file);
      } catch (const Error&) {                    // a folder that nobody may write to: fitted again next time
      }
    } catch (const Error&) {
      r.head.reset();
    }
    return r;
  }();
  return made;
}

}  // namespace

std::optional<HeadScore> opinion(std::string_view message) {
  std::size_t letters = 0, others = 0;
  for (const char c : message.substr(0, kMostRead)) (static_cast<unsigned char>(c) < 0x80 ? letters : others) += std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
  if (letters < 3 || others > letters) return std::nullopt;
  const Reader& r = reader();
  if (!r.head) return std::nullopt;
  Run run;
  run.threads = 1;
  const std::string text[] = {std::string(message.substr(0, kMostRead))};
  return r.head->score(r.encoder->embed(text, run).row(0));
}

}  // namespace attune::talk::safety
