// Intents: how the parts of an answer are put together, and how messages that do not teach set what cannot be learned from those that do.
#include "attune/talk/desk/intents.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/random.h"

namespace attune::talk::desk {
namespace {

constexpr double kEcho = 0.85;            // cosine from which a message is like one that an agent answered
constexpr std::size_t kParts = 3;         // of the lessons that take turns
constexpr std::size_t kSetAside = 10;     // of each intent's messages one is set aside where encoders are tuned
constexpr std::size_t kLeastTuning = 100; // messages: fewer neither move an encoder nor tell whether it helped
constexpr const char* kFormat = "intents 2";

std::vector<std::uint32_t> all_of(std::size_t n) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}
std::vector<Matrix> rows_of(const std::vector<Matrix>& from, std::span<const std::uint32_t> rows) {
  std::vector<Matrix> some;
  for (const Matrix& m : from) {
    Matrix out(rows.size(), m.cols());
    for (std::size_t r = 0; r < rows.size(); ++r) std::copy(m.row(rows[r]).begin(), m.row(rows[r]).end(), out.row(r).begin());
    some.push_back(std::move(out));
  }
  return some;
}
void append(const Matrix& rows, std::vector<float>& all) { all.insert(all.end(), rows.all().begin(), rows.all().end()); }
Matrix matrix_of(const std::vector<float>& all, std::size_t cols) {
  Matrix m(all.size() / cols, cols);
  std::copy(all.begin(), all.end(), m.all().begin());
  return m;
}
double right_of(const Matrix& chances, std::span<const std::uint32_t> labels) {
  double right = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto row = chances.row(r);
    right += std::max_element(row.begin(), row.end()) - row.begin() == labels[r];
  }
  return right / static_cast<double>(std::max<std::size_t>(1, labels.size()));
}
double likelihood_of(const Matrix& chances, std::span<const std::uint32_t> labels) {
  double sum = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) sum += std::log(std::max(1e-12, static_cast<double>(chances(r, labels[r]))));
  return sum;
}
// By intent, in an order drawn by the seed: every nth of it is spread evenly over the intents.
std::vector<std::uint32_t> dealt(const Lessons& lessons, std::uint64_t seed) {
  std::vector<std::uint32_t> order = all_of(lessons.texts.size());
  Random random(seed);
  random.shuffle(std::span(order));
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return lessons.labels[a] < lessons.labels[b]; });
  return order;
}

// What was said of the parts that took turns, one after the other.
struct Turns {
  std::vector<float> linear, kernel, chances;   // [texts x classes]
  std::vector<Signs> signs;

  void add(const FrozenHeads& heads, FrozenHeads::Said said, const Run& run) {
    append(said.linear, linear), append(said.kernel, kernel);
    std::vector<Signs> some(said.linear.rows());
    append(heads.chances(std::move(said), some, run), chances);
    signs.insert(signs.end(), some.begin(), some.end());
  }
};

}  // namespace

struct Intents::State {
  std::size_t classes = 0;
  FrozenHeads frozen;
  TunedEncoders tuned;
  double tuned_weight = 0;
  Strangeness strangeness;
  double accuracy = 0;
  double likelihood = 0;   // of the messages that did not teach, by the frozen heads

  Matrix judge(const std::vector<Matrix>& vectors, std::span<const std::string> texts, std::vector<Signs>& signs, const Run& run) const {
    signs.assign(texts.size(), {});
    Matrix chances = frozen.chances(frozen.say(vectors, texts, run), signs, run);
    if (!tuned.empty()) multiply_chances(chances, tuned.chances(texts, signs, run), tuned_weight, run);
    return chances;
  }
  std::vector<Signs> set_by(const Lessons& held_out, const std::vector<Matrix>& vectors, double weight, const Run& run);
  void fit_frozen(const Lessons& lessons, const std::vector<Matrix>& vectors, const Lessons& held_out, const std::vector<Matrix>& held_vectors,
                  const FrozenOptions& options, const Run& run);
  std::vector<Signs> set_by_turns(const Lessons& lessons, const std::vector<Matrix>& vectors, const FrozenOptions& options, const Run& run);
};

Intents::Intents() : state_(std::make_unique<State>()) {}
Intents::~Intents() = default;
Intents::Intents(Intents&&) noexcept = default;
Intents& Intents::operator=(Intents&&) noexcept = default;
std::size_t Intents::classes() const noexcept { return state_->classes; }
double Intents::bar() const noexcept { return state_->strangeness.bar(); }
double Intents::tuned_weight() const noexcept { return state_->tuned_weight; }
double Intents::held_out_accuracy() const noexcept { return state_->accuracy; }

// Temperatures, the tuned encoders' share and the accuracy by messages that did not teach; returns their signs.
std::vector<Signs> Intents::State::set_by(const Lessons& held_out, const std::vector<Matrix>& vectors, double weight, const Run& run) {
  constexpr int kSteps = 10;
  std::vector<Signs> signs(held_out.texts.size());
  FrozenHeads::Said said = frozen.say(vectors, held_out.texts, run);
  frozen.set_temperatures(said, held_out.labels);
  Matrix chances = frozen.chances(std::move(said), signs, run);
  likelihood = likelihood_of(chances, held_out.labels);
  if (!tuned.empty()) {
    tuned.calibrate(held_out, run);
    const Matrix other = tuned.chances(held_out.texts, signs, run);
    const auto mixed = [&](double share) {
      Matrix both = chances.clone();
      multiply_chances(both, other, share, run);
      return both;
    };
    tuned_weight = std::max(0.0, weight);
    if (weight < 0) {
      double best = -HUGE_VAL;
      for (int step = 0; step <= kSteps; ++step) {
        const double share = static_cast<double>(step) / kSteps, fit = likelihood_of(mixed(share), held_out.labels);
        if (fit > best) best = fit, tuned_weight = share;
      }
    }
    chances = mixed(tuned_weight);
  }
  accuracy = right_of(chances, held_out.labels);
  return signs;
}

// Fits the frozen heads; of the kernel's settings worth trying, the one under which messages that did not teach surprise least.
void Intents::State::fit_frozen(const Lessons& lessons, const std::vector<Matrix>& vectors, const Lessons& held_out, const std::vector<Matrix>& held_vectors,
                                const FrozenOptions& options, const Run& run) {
  frozen = FrozenHeads::fit(vectors, lessons, classes, options, run);
  const std::vector<float> to_try = FrozenHeads::kernel_words_to_try(options, lessons.texts.size());
  if (to_try.size() < 2) return;
  float chosen = to_try.front();
  double best = -HUGE_VAL;
  for (const float words : to_try) {
    if (words != to_try.front()) frozen.refit_kernel(vectors, lessons, words, run);
    set_by(held_out, held_vectors, 0, run);
    if (likelihood > best) best = likelihood, chosen = words;
  }
  if (chosen != to_try.back()) frozen.refit_kernel(vectors, lessons, chosen, run);
}

// The same by parts of the lessons that take turns, each judged by what the others taught; only for the frozen heads, which are then
// fitted to all.
std::vector<Signs> Intents::State::set_by_turns(const Lessons& lessons, const std::vector<Matrix>& vectors, const FrozenOptions& options, const Run& run) {
  const std::vector<std::uint32_t> order = dealt(lessons, run.seed);
  const std::vector<float> to_try = FrozenHeads::kernel_words_to_try(options, lessons.texts.size());
  std::vector<std::uint32_t> labels;
  std::vector<Turns> turns(to_try.size());
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<std::uint32_t> own, rest;
    for (std::size_t i = 0; i < order.size(); ++i) (i % kParts == part ? own : rest).push_back(order[i]);
    if (own.empty() || rest.size() < 2) continue;
    const std::vector<Matrix> own_vectors = rows_of(vectors, own), rest_vectors = rows_of(vectors, rest);
    const Lessons asked = lessons.picked(own), taught = lessons.picked(rest);
    FrozenHeads heads = FrozenHeads::fit(rest_vectors, taught, classes, options, run);
    for (std::size_t t = 0; t < to_try.size(); ++t) {
      if (t > 0) heads.refit_kernel(rest_vectors, taught, to_try[t], run);
      turns[t].add(heads, heads.say(own_vectors, asked.texts, run), run);
    }
    labels.insert(labels.end(), asked.labels.begin(), asked.labels.end());
  }
  const auto best = std::max_element(turns.begin(), turns.end(), [&](const Turns& a, const Turns& b) {
    return likelihood_of(matrix_of(a.chances, classes), labels) < likelihood_of(matrix_of(b.chances, classes), labels);
  });
  FrozenOptions chosen = options;
  chosen.kernel_words = to_try[static_cast<std::size_t>(best - turns.begin())];
  frozen = FrozenHeads::fit(vectors, lessons, classes, chosen, run);
  frozen.set_temperatures({.linear = matrix_of(best->linear, classes), .kernel = matrix_of(best->kernel, classes), .rows = {}}, labels);
  accuracy = right_of(matrix_of(best->chances, classes), labels);
  return std::move(best->signs);
}

Intents Intents::train(const Lessons& lessons, const Lessons& held_out, std::span<const std::string> outside, std::size_t classes,
                       const IntentOptions& options, const ReadTexts& read, const std::filesystem::path& folder, const Run& run) {
  const std::size_t n = lessons.texts.size();
  if (lessons.labels.size() != n) throw Error(Code::bad_request, "intents: expected " + std::to_string(n) + " labels, got " + std::to_string(lessons.labels.size()));
  if (classes < 2 || n < 2) throw Error(Code::bad_data, "intents need messages of two intents at least");
  if (options.tuned.count > 0 && n < kLeastTuning)
    throw Error(Code::bad_data, "an encoder is tuned on " + std::to_string(kLeastTuning) + " messages or more, there are " + std::to_string(n) + "; train without tuning until there are");
  Intents made;
  State& s = *made.state_;
  s.classes = classes;
  const std::vector<Matrix> vectors = read(lessons.texts, run);
  std::vector<Signs> inside, beyond;
  const auto learn_from = [&](const Lessons& taught, const std::vector<Matrix>& rows, const Lessons& held, const std::vector<Matrix>& held_rows) {
    s.fit_frozen(taught, rows, held, held_rows, options.frozen, run);
    s.tuned = TunedEncoders::tune(taught, classes, options.tuned, folder, run);
    inside = s.set_by(held, held_rows, options.tuned_weight, run);
  };
  if (!held_out.texts.empty()) {
    learn_from(lessons, vectors, held_out, read(held_out.texts, run));
  } else if (options.tuned.count > 0) {   // turns would tune anew each time
    std::vector<std::uint32_t> own, rest;
    const std::vector<std::uint32_t> order = dealt(lessons, run.seed);
    for (std::size_t i = 0; i < n; ++i) (i % kSetAside == kSetAside / 2 ? own : rest).push_back(order[i]);
    learn_from(lessons.picked(rest), rows_of(vectors, rest), lessons.picked(own), rows_of(vectors, own));
    FrozenHeads whole = FrozenHeads::fit(vectors, lessons, classes, s.frozen.options(), run);
    whole.set_temperatures(s.frozen);
    s.frozen = std::move(whole);
  } else {
    inside = s.set_by_turns(lessons, vectors, options.frozen, run);
  }
  if (!outside.empty()) s.judge(read(outside, run), outside, beyond, run);
  s.strangeness = Strangeness::learn(inside, beyond, options.kept, run);
  return made;
}

Matrix Intents::chances(std::span<const std::string> texts, const ReadTexts& read, std::vector<double>& outside, const Run& run) const {
  const State& s = *state_;
  std::vector<Signs> signs;
  const std::vector<Matrix> vectors = read(texts, run);
  Matrix made = s.judge(vectors, texts, signs, run);
  const std::vector<double> echoes = s.frozen.echoes(vectors);
  outside.clear();
  for (std::size_t r = 0; r < texts.size(); ++r) {
    outside.push_back(s.strangeness.of(signs[r]));
    if (echoes[r] > kEcho) outside.back() = std::min(outside.back(), s.strangeness.usual());   // a person said what such messages are
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
    readings[r].in_scope = outside[r] <= bar();
    readings[r].common = state_->strangeness.common(outside[r]);
  }
  return readings;
}

void Intents::learn(const std::string& text, std::uint32_t label, const ReadTexts& read, const Run& run) {
  const std::vector<std::string> texts = {text};
  state_->frozen.learn(read(texts, run), text, label, run);
  state_->tuned.learn(text, label, run);
}

void Intents::save(const std::filesystem::path& folder) const {
  const State& s = *state_;
  std::filesystem::create_directories(folder);
  ByteWriter out(folder / "intents.bin");
  out.text(kFormat);
  out.number(static_cast<std::uint64_t>(s.classes));
  s.frozen.save(out);
  out.number(s.tuned_weight);
  s.tuned.save(out);
  s.strangeness.save(out);
  out.close();
}

Intents Intents::load(const std::filesystem::path& folder) {
  ByteReader in(folder / "intents.bin");
  if (in.text() != kFormat) throw Error(Code::bad_data, "the trained intents are damaged or of another version; run: attune desk train");
  Intents made;
  State& s = *made.state_;
  s.classes = in.number<std::uint64_t>();
  s.frozen = FrozenHeads::load(in, s.classes);
  s.tuned_weight = in.number<double>();
  s.tuned = TunedEncoders::load(in, s.classes, folder);
  s.strangeness = Strangeness::load(in);
  return made;
}

}  // namespace attune::talk::desk
