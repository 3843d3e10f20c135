// Intents: the parts of an answer, and the signs that a message is of no known intent.
#include "attune/talk/desk/intents.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/whiten.h"
#include "attune/lm/language_model.h"
#include "attune/train/logistic.h"

namespace attune::talk::desk {
namespace {

// Signs: surprise and energy of the linear head, distance to known messages, reach of the kernel head; surprise, energy and distance to
// the classes of the tuned encoders.
constexpr std::size_t kSigns = 7, kNearest = 3;
constexpr std::size_t kWhitenFrom = 3000;   // messages: with fewer the directions of little variance are noise (bench/offline/desk_intents.cpp)
constexpr double kEcho = 0.85;              // cosine from which a message is like one that an agent answered
constexpr float kLaterEncoders = 0.5f;      // length of the vectors of encoders after the first, where they are not whitened

// What makes dense rows of the encoders' vectors.
struct Space {
  std::vector<Whitening> whitenings;          // empty = not whitened
  std::vector<std::vector<float>> means;      // of encoders after the first, where not whitened
  static Space fit(const std::vector<Matrix>& vectors, float eps, bool is_white) {
    Space space;
    for (std::size_t e = 0; e < vectors.size(); ++e) {
      if (is_white) space.whitenings.push_back(Whitening::fit(vectors[e], eps));
      std::vector<float> mean(vectors[e].cols());
      for (std::size_t r = 0; e > 0 && r < vectors[e].rows(); ++r) axpy(1.0f / static_cast<float>(vectors[e].rows()), vectors[e].row(r), mean);
      space.means.push_back(std::move(mean));
    }
    return space;
  }
  Matrix apply(const std::vector<Matrix>& vectors) const {
    if (vectors.size() != means.size()) throw Error(Code::bad_data, "the intents were trained with " + std::to_string(means.size()) + " encoders, got " + std::to_string(vectors.size()) + "; train again");
    std::size_t dim = 0;
    for (const Matrix& m : vectors) dim += m.cols();
    Matrix out(vectors.front().rows(), dim);
    std::size_t at = 0;
    for (std::size_t e = 0; e < vectors.size(); ++e) {
      if (vectors[e].cols() != means[e].size()) throw Error(Code::bad_data, "an encoder's vectors are not as long as when the intents were trained; train again");
      const Matrix white = whitenings.empty() ? Matrix() : whitenings[e].apply(vectors[e]);
      for (std::size_t r = 0; r < out.rows(); ++r) {
        const auto to = out.row(r).subspan(at, vectors[e].cols());
        const auto from = whitenings.empty() ? vectors[e].row(r) : white.row(r);
        std::copy(from.begin(), from.end(), to.begin());
        if (whitenings.empty()) axpy(-1.0f, means[e], to);
        normalise(to);
        if (whitenings.empty() && e > 0)
          for (float& x : to) x *= kLaterEncoders;
      }
      at += vectors[e].cols();
    }
    return out;
  }
  std::size_t dim() const {
    std::size_t sum = 0;
    for (const auto& mean : means) sum += mean.size();
    return sum;
  }
  void save(ByteWriter& out) const {
    out.number(static_cast<std::uint64_t>(means.size()));
    out.number(static_cast<std::uint8_t>(!whitenings.empty()));
    for (std::size_t e = 0; e < means.size(); ++e) {
      out.array(std::span<const float>(means[e]));
      if (!whitenings.empty()) whitenings[e].save(out);
    }
  }
  static Space load(ByteReader& in) {
    Space space;
    const auto encoders = in.number<std::uint64_t>();
    const bool is_white = in.number<std::uint8_t>() != 0;
    if (encoders == 0 || encoders > 16) throw Error(Code::bad_data, "the trained intents are damaged; run: attune desk train");
    for (std::uint64_t e = 0; e < encoders; ++e) {
      space.means.push_back(in.array<float>());
      if (is_white) space.whitenings.push_back(Whitening::load(in));
    }
    return space;
  }
};

struct Tuned {
  std::string file;
  std::unique_ptr<lm::LanguageModel> model;
  Matrix centres;   // [classes, dim] of length 1
  train::LinearHead head;
};

std::vector<std::uint32_t> all_of(std::size_t n) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}
Matrix rows_of(const Matrix& m, std::span<const std::uint32_t> rows) {
  Matrix out(rows.size(), m.cols());
  for (std::size_t r = 0; r < rows.size(); ++r) std::copy(m.row(rows[r]).begin(), m.row(rows[r]).end(), out.row(r).begin());
  return out;
}
template <class T>
std::vector<T> picked(const std::vector<T>& from, std::span<const std::uint32_t> rows) {
  std::vector<T> out;
  for (const std::uint32_t r : rows) out.push_back(from[r]);
  return out;
}
Matrix centres_of(const Matrix& vectors, std::span<const std::uint32_t> labels, std::size_t classes) {
  Matrix centres(classes, vectors.cols());
  for (std::size_t r = 0; r < vectors.rows(); ++r) axpy(1.0f, vectors.row(r), centres.row(labels[r]));
  for (std::size_t c = 0; c < classes; ++c) normalise(centres.row(c));
  return centres;
}
double right_of(MatrixView scores, std::span<const std::uint32_t> labels) {
  double right = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto row = scores.row(r);
    right += std::max_element(row.begin(), row.end()) - row.begin() == labels[r];
  }
  return right / static_cast<double>(std::max<std::size_t>(1, labels.size()));
}
double log_sum(std::span<const float> row) {
  const double top = static_cast<double>(*std::max_element(row.begin(), row.end()));
  double sum = 0;
  for (const float x : row) sum += std::exp(static_cast<double>(x) - top);
  return top + std::log(sum);
}

}  // namespace

struct Intents::State {
  IntentOptions options;
  std::size_t classes = 0;
  Space space, plain;                          // for the linear head and for the kernel head
  encode::Ngrams ngrams;
  train::LinearHead head;
  train::KernelHead kernel;                    // without rows where there were too many messages for it
  std::vector<Tuned> tuned;
  Matrix known;                                // messages seen, in the space, of length 1
  std::vector<float> later;                    // more of them, learned since
  std::array<double, kSigns> means{}, weights{};
  double bar = 0, accuracy = 0;
  std::vector<double> strangeness;             // of known messages that were not learned, ascending; at most 1,000 of them, evenly

  Sparse words(std::span<const std::string> texts, const Run& run) const {
    Sparse m = ngrams.encode(texts, run);
    for (float& x : m.values) x *= options.ngram_weight;
    return m;
  }
  void fit_frozen(const std::vector<Matrix>& vectors, const std::vector<std::string>& texts, std::span<const std::uint32_t> labels, const Run& run) {
    space = Space::fit(vectors, options.whitening, texts.size() >= kWhitenFrom);
    plain = Space::fit(vectors, options.whitening, false);
    ngrams = encode::Ngrams::fit(texts, {.min_texts = texts.size() >= kWhitenFrom ? 2 : 1}, run);
    const Matrix dense = space.apply(vectors);
    const Sparse sparse = words(texts, run);
    head = train::LinearHead::fit({.dense = dense, .sparse = &sparse}, labels, classes, {}, {.reg = options.reg, .steps = 120}, run);
    known = plain.apply(vectors);
    kernel = train::KernelHead();
    try {
      kernel = train::KernelHead::fit(known, labels, classes, {.reach = options.reach, .ridge = options.ridge}, run);
    } catch (const NeedsMoreMemory& e) {
      run.remark(std::string(e.what()) + "; the linear head answers alone");
    }
    for (std::size_t r = 0; r < known.rows(); ++r) normalise(known.row(r));
  }
  double nearness(std::span<const float> row, std::uint32_t but) const;
  // Chances, and the signs of each text [texts][kSigns]; `but[i]` = the known row that is this very text, UINT32_MAX = none.
  Matrix judge(const std::vector<Matrix>& vectors, std::span<const std::string> texts, std::span<const std::uint32_t> but, std::vector<std::array<double, kSigns>>& signs, const Run& run) const;
  void set_bar(const std::vector<std::array<double, kSigns>>& inside, const std::vector<std::array<double, kSigns>>& outside, const Run& run);
  // Cosine to the message most like it that was learned since the training; below 0 for none.
  double echo(std::span<const float> row) const {
    float most = -1;
    for (std::size_t at = 0; at + row.size() <= later.size(); at += row.size()) most = std::max(most, dot(row, std::span(later).subspan(at, row.size())));
    return static_cast<double>(most);
  }
  double middle() const { return strangeness.empty() ? bar : std::min(bar, strangeness[strangeness.size() / 2]); }
  double mixed(const std::array<double, kSigns>& signs) const {
    double sum = 0;
    for (std::size_t s = 0; s < kSigns; ++s) sum += weights[s] * (signs[s] - means[s]);
    return sum;
  }
};

Intents::Intents() : state_(std::make_unique<State>()) {}
Intents::~Intents() = default;
Intents::Intents(Intents&&) noexcept = default;
Intents& Intents::operator=(Intents&&) noexcept = default;
std::size_t Intents::classes() const noexcept { return state_->classes; }
double Intents::bar() const noexcept { return state_->bar; }
double Intents::held_out_accuracy() const noexcept { return state_->accuracy; }

// Mean cosine to the nearest known messages.
double Intents::State::nearness(std::span<const float> row, std::uint32_t but) const {
  std::array<float, kNearest> best;
  best.fill(-1);
  const auto take = [&](std::span<const float> other) {
    float c = dot(row, other);
    for (float& b : best)
      if (c > b) std::swap(c, b);
  };
  for (std::size_t k = 0; k < known.rows(); ++k)
    if (k != but) take(known.row(k));
  for (std::size_t at = 0; at + row.size() <= later.size(); at += row.size()) take(std::span(later).subspan(at, row.size()));
  return static_cast<double>(best[0] + best[1] + best[2]) / static_cast<double>(kNearest);
}

Matrix Intents::State::judge(const std::vector<Matrix>& vectors, std::span<const std::string> texts, std::span<const std::uint32_t> but,
                             std::vector<std::array<double, kSigns>>& signs, const Run& run) const {
  const std::size_t n = texts.size();
  Matrix dense = plain.apply(vectors);
  const Sparse sparse = words(texts, run);
  const Matrix white = space.apply(vectors);
  Matrix chances = head.scores({.dense = white, .sparse = &sparse}, run);
  signs.assign(n, {});
  const auto note = [&](const Matrix& scores, std::size_t at, double share) {
    for (std::size_t r = 0; r < n; ++r) {
      const double all = log_sum(scores.row(r)), most = static_cast<double>(*std::max_element(scores.row(r).begin(), scores.row(r).end()));
      signs[r][at] += share * (all - most);
      signs[r][at + 1] -= share * all;
    }
  };
  note(chances, 0, 1);
  train::softmax_rows(chances, head.temperature(), run);
  const auto mix = [&](Matrix& other, double share) {   // weighted product of chances
    for (std::size_t i = 0; i < chances.size(); ++i)
      chances.data()[i] = static_cast<float>((1 - share) * std::log(std::max(1e-12, static_cast<double>(chances.data()[i]))) + share * std::log(std::max(1e-12, static_cast<double>(other.data()[i]))));
    train::softmax_rows(chances, 1, run);
  };
  if (kernel.classes() > 0) {
    Matrix scores = kernel.scores(dense, run);
    for (std::size_t r = 0; r < n; ++r) signs[r][3] = 1 - static_cast<double>(*std::max_element(scores.row(r).begin(), scores.row(r).end()));
    train::softmax_rows(scores, kernel.temperature(), run);
    mix(scores, options.kernel_weight);
  }
  if (!tuned.empty()) {
    Matrix all(n, classes);
    for (const Tuned& t : tuned) {
      const Matrix own = t.model->embed(texts, run);
      Matrix scores = t.head.scores({.dense = own}, run);
      note(scores, 4, 1 / static_cast<double>(tuned.size()));
      for (std::size_t r = 0; r < n; ++r) {
        float nearest = -1;
        for (std::size_t c = 0; c < classes; ++c) nearest = std::max(nearest, dot(own.row(r), t.centres.row(c)));
        signs[r][6] += (1 - static_cast<double>(nearest)) / static_cast<double>(tuned.size());
      }
      train::softmax_rows(scores, t.head.temperature(), run);
      for (std::size_t i = 0; i < all.size(); ++i) all.data()[i] += scores.data()[i] / static_cast<float>(tuned.size());
    }
    mix(all, options.tuned_weight);
  }
  for (std::size_t r = 0; r < n; ++r) normalise(dense.row(r));
  parallel_for(0, n, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      signs[r][2] = 1 - nearness(dense.row(r), but.empty() ? UINT32_MAX : but[r]);
    }
  });
  return chances;
}

// Signs are put on one scale by their spread among known messages; examples of neither teach how much each counts.
void Intents::State::set_bar(const std::vector<std::array<double, kSigns>>& inside, const std::vector<std::array<double, kSigns>>& outside, const Run& run) {
  constexpr std::size_t kLeastLessons = 20;
  std::array<double, kSigns> spread{};
  for (std::size_t s = 0; s < kSigns; ++s) {
    double sum = 0, squares = 0;
    for (const auto& one : inside) sum += one[s], squares += one[s] * one[s];
    means[s] = sum / static_cast<double>(inside.size());
    spread[s] = std::sqrt(std::max(0.0, squares / static_cast<double>(inside.size()) - means[s] * means[s]));
    weights[s] = spread[s] > 1e-9 ? 1 / spread[s] : 0;
  }
  if (outside.size() >= kLeastLessons) {
    Sparse rows{.rows = inside.size() + outside.size(), .cols = kSigns};
    std::vector<float> labels(inside.size(), 0.0f);
    labels.resize(rows.rows, 1.0f);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const auto& signs = r < inside.size() ? inside[r] : outside[r - inside.size()];
      for (std::size_t s = 0; s < kSigns; ++s) {
        rows.indices.push_back(static_cast<std::uint32_t>(s));
        rows.values.push_back(static_cast<float>(weights[s] * (signs[s] - means[s])));
      }
      rows.offsets.push_back(rows.indices.size());
    }
    const train::Logistic mix = train::Logistic::fit(rows, labels, 1.0f, run);
    for (std::size_t s = 0; s < kSigns; ++s) weights[s] *= std::max(0.0, mix.weights()[s]);
  }
  std::vector<double> scores;
  for (const auto& one : inside) scores.push_back(mixed(one));
  std::sort(scores.begin(), scores.end());
  strangeness.clear();
  const std::size_t shown = std::min<std::size_t>(scores.size(), 1000);
  for (std::size_t i = 0; i < shown; ++i) strangeness.push_back(scores[i * scores.size() / shown]);
  bar = scores[std::min(scores.size() - 1, static_cast<std::size_t>(options.kept * static_cast<double>(scores.size())))];
}

Intents Intents::train(const Lessons& lessons, const Lessons& held_out, std::span<const std::string> outside, std::size_t classes,
                       const IntentOptions& options, const ReadTexts& read, const std::filesystem::path& folder, const Run& run) {
  const std::size_t n = lessons.texts.size();
  if (lessons.labels.size() != n) throw Error(Code::bad_request, "intents: expected " + std::to_string(n) + " labels, got " + std::to_string(lessons.labels.size()));
  if (classes < 2 || n < 2) throw Error(Code::bad_data, "intents need messages of two intents at least");
  Intents made;
  State& s = *made.state_;
  s.options = options, s.classes = classes;
  const std::vector<Matrix> vectors = read(lessons.texts, run);
  std::vector<std::array<double, kSigns>> inside, beyond, some;
  const std::vector<std::string> outsiders(outside.begin(), outside.end());
  const std::vector<Matrix> outside_vectors = outsiders.empty() ? std::vector<Matrix>() : read(outsiders, run);

  for (int k = 0; k < options.tuned; ++k) {
    encode::TrainableBert bert(options.tune_from, "");
    Run own{.seed = run.seed + static_cast<std::uint64_t>(k), .threads = run.threads, .progress = run.progress, .curve = run.curve, .say = run.say, .stop = run.stop};
    Tuned tuned{.file = "tuned-" + std::to_string(k) + ".gguf"};
    if (options.tune.epochs > 0) tuned.centres = encode::tune(bert, lessons.texts, lessons.labels, classes, options.tune, own);
    std::filesystem::create_directories(folder);
    bert.write(folder / tuned.file);
    tuned.model = lm::open_gguf(folder / tuned.file, "tuned", "");
    const Matrix own_vectors = tuned.model->embed(lessons.texts, run);
    if (tuned.centres.empty()) tuned.centres = centres_of(own_vectors, lessons.labels, classes);
    tuned.head = train::LinearHead::fit({.dense = own_vectors}, lessons.labels, classes, {}, {.reg = options.reg, .steps = 120}, run);
    s.tuned.push_back(std::move(tuned));
  }
  if (!held_out.texts.empty()) {
    s.fit_frozen(vectors, lessons.texts, lessons.labels, run);
    const std::vector<Matrix> held_vectors = read(held_out.texts, run);
    const Matrix dense = s.space.apply(held_vectors);
    const Sparse sparse = s.words(held_out.texts, run);
    s.head.calibrate({.dense = dense, .sparse = &sparse}, held_out.labels, run);
    if (s.kernel.classes() > 0) s.kernel.set_temperature(train::best_temperature(s.kernel.scores(s.plain.apply(held_vectors), run), held_out.labels));
    for (Tuned& t : s.tuned) {
      const Matrix own = t.model->embed(held_out.texts, run);
      t.head.calibrate({.dense = own}, held_out.labels, run);
    }
    s.accuracy = right_of(s.judge(held_vectors, held_out.texts, {}, inside, run), held_out.labels);
  } else {
    // Parts take turns: each is judged by what the others taught. With tuned encoders only the frozen side can be judged so.
    constexpr std::size_t kParts = 3;
    std::vector<std::uint32_t> order = all_of(n);
    Random random(run.seed);
    random.shuffle(std::span(order));
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return lessons.labels[a] < lessons.labels[b]; });
    std::vector<Tuned> set_aside = std::move(s.tuned);
    s.tuned.clear();
    std::vector<std::uint32_t> judged;
    Matrix all_scores(n, classes), kernel_scores(n, classes), all_chances(n, classes);
    for (std::size_t part = 0; part < kParts; ++part) {
      std::vector<std::uint32_t> own, rest;
      for (std::size_t i = 0; i < n; ++i) (i % kParts == part ? own : rest).push_back(order[i]);
      if (own.empty() || rest.size() < 2) continue;
      std::vector<Matrix> rest_vectors, own_vectors;
      for (const Matrix& m : vectors) rest_vectors.push_back(rows_of(m, rest)), own_vectors.push_back(rows_of(m, own));
      const std::vector<std::uint32_t> rest_labels = picked(lessons.labels, rest);
      s.fit_frozen(rest_vectors, picked(lessons.texts, rest), rest_labels, run);
      const std::vector<std::string> own_texts = picked(lessons.texts, own);
      const Matrix dense = s.space.apply(own_vectors);
      const Sparse sparse = s.words(own_texts, run);
      const Matrix part_scores = s.head.scores({.dense = dense, .sparse = &sparse}, run);
      for (std::size_t r = 0; r < own.size(); ++r) std::copy(part_scores.row(r).begin(), part_scores.row(r).end(), all_scores.row(judged.size() + r).begin());
      if (s.kernel.classes() > 0) {
        const Matrix own_kernel = s.kernel.scores(s.plain.apply(own_vectors), run);
        for (std::size_t r = 0; r < own.size(); ++r) std::copy(own_kernel.row(r).begin(), own_kernel.row(r).end(), kernel_scores.row(judged.size() + r).begin());
      }
      const Matrix own_chances = s.judge(own_vectors, own_texts, {}, some, run);
      for (std::size_t r = 0; r < own.size(); ++r) std::copy(own_chances.row(r).begin(), own_chances.row(r).end(), all_chances.row(judged.size() + r).begin());
      judged.insert(judged.end(), own.begin(), own.end());
      inside.insert(inside.end(), some.begin(), some.end());
    }
    const std::vector<std::uint32_t> judged_labels = picked(lessons.labels, judged);
    s.accuracy = right_of({all_chances.data(), judged.size(), classes}, judged_labels);
    s.fit_frozen(vectors, lessons.texts, lessons.labels, run);
    s.head.set_temperature(train::best_temperature({all_scores.data(), judged.size(), classes}, judged_labels));
    if (s.kernel.classes() > 0) s.kernel.set_temperature(train::best_temperature({kernel_scores.data(), judged.size(), classes}, judged_labels));
    s.tuned = std::move(set_aside);
  }
  if (!outsiders.empty()) s.judge(outside_vectors, outsiders, {}, beyond, run);
  s.set_bar(inside, beyond, run);
  return made;
}

Matrix Intents::chances(std::span<const std::string> texts, const ReadTexts& read, std::vector<double>& outside, const Run& run) const {
  std::vector<std::array<double, kSigns>> signs;
  const std::vector<Matrix> vectors = read(texts, run);
  Matrix made = state_->judge(vectors, texts, {}, signs, run);
  outside.clear();
  const State& s = *state_;
  Matrix dense = s.later.empty() ? Matrix() : s.plain.apply(vectors);
  for (std::size_t r = 0; r < texts.size(); ++r) {
    outside.push_back(s.mixed(signs[r]));
    if (dense.empty()) continue;
    normalise(dense.row(r));
    if (s.echo(dense.row(r)) > kEcho) outside.back() = std::min(outside.back(), s.middle());   // a person said what such messages are
  }
  return made;
}

std::vector<IntentReading> Intents::read(std::span<const std::string> texts, const ReadTexts& read, const Run& run) const {
  constexpr std::size_t kShown = 5;
  std::vector<double> outside;
  const Matrix all = chances(texts, read, outside, run);
  std::vector<IntentReading> readings(texts.size());
  for (std::size_t r = 0; r < texts.size(); ++r) {
    std::vector<std::uint32_t> order = all_of(state_->classes);
    const std::size_t shown = std::min(kShown, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(), [&](std::uint32_t a, std::uint32_t b) { return all(r, a) != all(r, b) ? all(r, a) > all(r, b) : a < b; });
    for (std::size_t k = 0; k < shown; ++k) readings[r].best.emplace_back(order[k], static_cast<double>(all(r, order[k])));
    readings[r].outside = outside[r];
    readings[r].in_scope = outside[r] <= state_->bar;
    const auto& known = state_->strangeness;
    readings[r].common = static_cast<double>(known.end() - std::lower_bound(known.begin(), known.end(), outside[r])) / static_cast<double>(std::max<std::size_t>(1, known.size()));
  }
  return readings;
}

void Intents::learn(const std::string& text, std::uint32_t label, const ReadTexts& read, const Run& run) {
  State& s = *state_;
  const std::vector<std::string> texts = {text};
  const std::vector<Matrix> vectors = read(texts, run);
  const Matrix white = s.space.apply(vectors);
  Matrix dense = s.plain.apply(vectors);
  const Sparse sparse = s.words(texts, run);
  // Twice the margin in chances: whoever picked is surer than what was fitted.
  s.head.learn({.dense = white, .sparse = &sparse}, 0, label, 4 * s.head.temperature());
  if (s.kernel.classes() > 0) s.kernel.learn(dense.row(0), label);
  for (Tuned& t : s.tuned) {
    const Matrix own = t.model->embed(texts, run);
    t.head.learn({.dense = own}, 0, label);
  }
  normalise(dense.row(0));
  s.later.insert(s.later.end(), dense.all().begin(), dense.all().end());
}

void Intents::save(const std::filesystem::path& folder) const {
  const State& s = *state_;
  std::filesystem::create_directories(folder);
  ByteWriter out(folder / "intents.bin");
  out.text("intents 1");
  out.number(static_cast<std::uint64_t>(s.classes));
  out.number(s.options.ngram_weight), out.number(s.options.kernel_weight), out.number(s.options.tuned_weight), out.number(s.bar);
  out.array(std::span<const double>(s.means)), out.array(std::span<const double>(s.weights)), out.array(std::span<const double>(s.strangeness));
  s.space.save(out);
  s.plain.save(out);
  s.ngrams.save(out);
  s.head.save(out);
  out.number(static_cast<std::uint8_t>(s.kernel.classes() > 0));
  if (s.kernel.classes() > 0) s.kernel.save(out);
  out.matrix(s.known);
  out.array(std::span<const float>(s.later));
  out.number(static_cast<std::uint64_t>(s.tuned.size()));
  for (const Tuned& t : s.tuned) {
    out.text(t.file);
    out.matrix(t.centres);
    t.head.save(out);
  }
  out.close();
}

Intents Intents::load(const std::filesystem::path& folder) {
  ByteReader in(folder / "intents.bin");
  const auto damaged = [] { return Error(Code::bad_data, "the trained intents are damaged or of another version; run: attune desk train"); };
  if (in.text() != "intents 1") throw damaged();
  Intents made;
  State& s = *made.state_;
  s.classes = in.number<std::uint64_t>();
  s.options.ngram_weight = in.number<float>(), s.options.kernel_weight = in.number<double>(), s.options.tuned_weight = in.number<double>(), s.bar = in.number<double>();
  const std::vector<double> means = in.array<double>(), weights = in.array<double>();
  s.strangeness = in.array<double>();
  if (means.size() != kSigns || weights.size() != kSigns) throw damaged();
  std::copy(means.begin(), means.end(), s.means.begin());
  std::copy(weights.begin(), weights.end(), s.weights.begin());
  s.space = Space::load(in);
  s.plain = Space::load(in);
  const std::size_t dim = s.plain.dim();
  s.ngrams = encode::Ngrams::load(in);
  s.head = train::LinearHead::load(in);
  if (in.number<std::uint8_t>() != 0) s.kernel = train::KernelHead::load(in);
  s.known = in.matrix();
  s.later = in.array<float>();
  const auto tuned = in.number<std::uint64_t>();
  if (s.kernel.classes() > 0 && (s.kernel.classes() != s.classes || s.kernel.dim() != dim)) throw damaged();
  if (s.space.dim() != dim || s.head.classes() != s.classes || s.head.dense_dim() != dim || s.head.sparse_dim() != s.ngrams.dim() || s.known.cols() != dim || s.later.size() % std::max<std::size_t>(dim, 1) != 0 || tuned > 64) throw damaged();
  for (std::uint64_t k = 0; k < tuned; ++k) {
    Tuned t{.file = in.text()};
    if (t.file.find('/') != std::string::npos) throw damaged();
    t.centres = in.matrix();
    t.head = train::LinearHead::load(in);
    t.model = lm::open_gguf(folder / t.file, "tuned", "");
    if (t.head.classes() != s.classes || t.head.dense_dim() != t.model->dim() || t.centres.rows() != s.classes || t.centres.cols() != t.model->dim()) throw damaged();
    s.tuned.push_back(std::move(t));
  }
  return made;
}

}  // namespace attune::talk::desk
