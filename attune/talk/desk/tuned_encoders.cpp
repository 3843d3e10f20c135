// Tuned encoders: see the header.
#include "attune/talk/desk/tuned_encoders.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/encode/trainable_bert.h"
#include "attune/lm/language_model.h"
#include "attune/talk/desk/frozen_heads.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMostCopies = 64;

Matrix centres_of(const Matrix& vectors, std::span<const std::uint32_t> labels, std::size_t classes) {
  Matrix centres(classes, vectors.cols());
  for (std::size_t r = 0; r < vectors.rows(); ++r) axpy(1.0f, vectors.row(r), centres.row(labels[r]));
  for (std::size_t c = 0; c < classes; ++c) normalise(centres.row(c));
  return centres;
}

Run with_seed(const Run& run, std::uint64_t seed) {
  return {.seed = seed, .threads = run.threads, .progress = run.progress, .curve = run.curve, .say = run.say, .stop = run.stop, .memory_bytes = run.memory_bytes};
}

}  // namespace

TunedEncoders::TunedEncoders() = default;
TunedEncoders::~TunedEncoders() = default;
TunedEncoders::TunedEncoders(TunedEncoders&&) noexcept = default;
TunedEncoders& TunedEncoders::operator=(TunedEncoders&&) noexcept = default;

TunedEncoders TunedEncoders::tune(const Lessons& lessons, std::size_t classes, const TunedOptions& options, const fs::path& folder, const Run& run) {
  TunedEncoders made;
  for (int k = 0; k < options.count; ++k) {
    encode::TrainableBert bert(options.from.at(static_cast<std::size_t>(k) % options.from.size()), "");
    Copy copy{.file = "tuned-" + std::to_string(k) + ".gguf"};
    if (options.tune.epochs > 0) copy.centres = encode::tune(bert, lessons.texts, lessons.labels, classes, options.tune, with_seed(run, run.seed + static_cast<std::uint64_t>(k)));
    fs::create_directories(folder);
    bert.write(folder / copy.file);
    copy.hash = ByteReader(folder / copy.file).hash();
    copy.model = lm::open_gguf(folder / copy.file, "tuned", "");
    const Matrix vectors = copy.model->embed(lessons.texts, run);
    if (copy.centres.empty()) copy.centres = centres_of(vectors, lessons.labels, classes);
    copy.head = train::LinearHead::fit({.dense = vectors}, lessons.labels, classes, {}, {.reg = options.reg, .steps = 120}, run);
    made.copies_.push_back(std::move(copy));
  }
  return made;
}

Matrix TunedEncoders::chances(std::span<const std::string> texts, std::span<Signs> signs, const Run& run) const {
  Matrix all;
  const double share = 1 / static_cast<double>(std::max<std::size_t>(1, copies_.size()));
  for (const Copy& copy : copies_) {
    const Matrix vectors = copy.model->embed(texts, run);
    Matrix scores = copy.head.scores({.dense = vectors}, run);
    note_surprise(scores, kTunedSurprise, share, signs);
    for (std::size_t r = 0; r < texts.size(); ++r) {
      float nearest = -1;
      for (std::size_t c = 0; c < copy.centres.rows(); ++c) nearest = std::max(nearest, dot(vectors.row(r), copy.centres.row(c)));
      signs[r][kTunedDistance] += share * (1 - static_cast<double>(nearest));
    }
    train::softmax_rows(scores, copy.head.temperature(), run);
    if (all.empty()) all = Matrix(scores.rows(), scores.cols());
    axpy(static_cast<float>(share), scores.all(), all.all());
  }
  return all;
}

void TunedEncoders::calibrate(const Lessons& held_out, const Run& run) {
  for (Copy& copy : copies_) {
    const Matrix vectors = copy.model->embed(held_out.texts, run);
    copy.head.calibrate({.dense = vectors}, held_out.labels, run);
  }
}

void TunedEncoders::learn(const std::string& text, std::uint32_t label, const Run& run) {
  const std::vector<std::string> texts = {text};
  for (Copy& copy : copies_) {
    const Matrix vectors = copy.model->embed(texts, run);
    copy.head.learn({.dense = vectors}, 0, label, 4 * copy.head.temperature());
  }
}

void TunedEncoders::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(copies_.size()));
  for (const Copy& copy : copies_) {
    out.text(copy.file), out.text(copy.hash);
    out.matrix(copy.centres);
    copy.head.save(out);
  }
}

TunedEncoders TunedEncoders::load(ByteReader& in, std::size_t classes, const fs::path& folder) {
  const auto damaged = [](const std::string& what) { return Error(Code::bad_data, what + "; run: attune desk train"); };
  TunedEncoders made;
  const auto count = in.number<std::uint64_t>();
  if (count > kMostCopies) throw damaged("the trained intents are damaged");
  for (std::uint64_t k = 0; k < count; ++k) {
    Copy copy{.file = in.text(), .hash = in.text()};
    if (copy.file.find('/') != std::string::npos) throw damaged("the trained intents are damaged");
    copy.centres = in.matrix();
    copy.head = train::LinearHead::load(in);
    const fs::path file = folder / copy.file;
    if (!fs::exists(file)) throw damaged("the tuned encoder " + file.string() + " is gone");
    if (ByteReader(file).hash() != copy.hash) throw damaged("the tuned encoder " + file.string() + " is not the one that was written: damaged or another's");
    copy.model = lm::open_gguf(file, "tuned", "");
    const std::size_t dim = copy.model->dim();
    if (copy.head.classes() != classes || copy.head.dense_dim() != dim || copy.centres.rows() != classes || copy.centres.cols() != dim) throw damaged("the trained intents are damaged");
    made.copies_.push_back(std::move(copy));
  }
  return made;
}

}  // namespace attune::talk::desk
