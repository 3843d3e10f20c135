// Tuning: every batch goes through the layers as two shards, side by side, whatever the number of threads.
#include "attune/encode/tune.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/train/adam.h"
#include "attune/train/losses.h"
#include "attune/train/row_kernels.h"

namespace attune::encode {
namespace {

using Tokens = std::vector<std::int32_t>;

constexpr std::size_t kShards = 2, kChunk = 1 << 16;
constexpr double kLongestStep = 1.0;   // gradients longer than this are cut to it

struct Shard {
  std::vector<Tokens> texts;
  std::vector<std::size_t> rows;   // of the batch
  BertPass pass;
  Matrix vectors, slopes;
  std::vector<float> gradient;
};

class Tuning {
 public:
  Tuning(TrainableBert& bert, std::span<const std::string> texts, std::span<const std::uint32_t> labels, std::size_t classes, const TuneOptions& options, const Run& run)
      : bert_(bert), labels_(labels), options_(options), run_(run), random_(run.seed), class_vectors_(classes, bert.dim()),
        class_adam_(classes, bert.dim(), {.rate = options.class_rate}) {
    for (const std::string& text : texts) tokens_.push_back(bert.tokens(text));
    mean_.resize(bert.weights().size()), square_.resize(mean_.size());
    for (Shard& shard : shards_) shard.gradient.resize(mean_.size());
    begin_classes();
  }

  Matrix go() {
    std::vector<std::size_t> order(tokens_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto batch = static_cast<std::size_t>(options_.batch);
    const auto steps = std::max<std::size_t>(1, static_cast<std::size_t>(options_.epochs * static_cast<float>(tokens_.size()) / static_cast<float>(batch)));
    std::size_t at = order.size();
    double recent = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      std::vector<std::size_t> picked;
      while (picked.size() < std::min(batch, order.size())) {
        if (at == order.size()) random_.shuffle(std::span(order)), at = 0;
        picked.push_back(order[at++]);
      }
      const double progress = static_cast<double>(step) / static_cast<double>(steps), warm = 0.1;
      const double share = progress < warm ? (progress + 1.0 / static_cast<double>(steps)) / warm : (1 - progress) / (1 - warm);
      const double loss = one_step(picked, static_cast<float>(std::min(1.0, share)));
      if (!std::isfinite(loss)) throw Error(Code::bad_data, "tuning the encoder diverged; take a smaller rate");
      recent = step == 0 ? loss : 0.95 * recent + 0.05 * loss;
      if (step % 10 == 0) run_.record("tune/loss", step, recent);
      run_.report("tuning the encoder", step + 1, steps);
    }
    Matrix unit = class_vectors_.clone();
    for (std::size_t c = 0; c < unit.rows(); ++c) normalise(unit.row(c));
    return unit;
  }

 private:
  // Each class begins where its texts lie on average.
  void begin_classes() {
    constexpr std::size_t kAtOnce = 64;
    Matrix vectors(tokens_.size(), bert_.dim());
    parallel_for(0, tokens_.size(), kAtOnce, run_, [&](std::size_t first, std::size_t last) {
      BertPass pass;
      Random none(0);
      Matrix some;
      bert_.forward(std::span(tokens_).subspan(first, last - first), 0, none, pass, some);
      for (std::size_t r = first; r < last; ++r) std::copy(some.row(r - first).begin(), some.row(r - first).end(), vectors.row(r).begin());
    });
    std::vector<float> mean(bert_.dim());
    for (std::size_t r = 0; r < vectors.rows(); ++r) axpy(1.0f / static_cast<float>(vectors.rows()), vectors.row(r), mean);
    for (std::size_t r = 0; r < vectors.rows(); ++r)
      if (labels_[r] != kNoClass) axpy(1.0f, vectors.row(r), class_vectors_.row(labels_[r]));
    for (std::size_t c = 0; c < class_vectors_.rows(); ++c) {
      normalise(class_vectors_.row(c));
      axpy(-0.5f, mean, class_vectors_.row(c));   // half of what all share away: cosines begin further apart
      if (normalise(class_vectors_.row(c)) == 0)
        for (float& x : class_vectors_.row(c)) x = static_cast<float>(random_.normal()) / std::sqrt(static_cast<float>(bert_.dim()));
    }
  }

  double one_step(const std::vector<std::size_t>& picked, float share) {
    deal(picked);
    std::array<std::uint64_t, kShards> seeds{};
    for (std::uint64_t& seed : seeds) seed = random_.next();
    parallel_for(0, kShards, 1, run_, [&](std::size_t k, std::size_t) {
      Random random(seeds[k]);
      bert_.forward(shards_[k].texts, options_.dropout, random, shards_[k].pass, shards_[k].vectors);
    });
    const double loss = judge(picked, share);
    parallel_for(0, kShards, 1, run_, [&](std::size_t k, std::size_t) {
      std::fill(shards_[k].gradient.begin(), shards_[k].gradient.end(), 0.0f);
      bert_.backward(shards_[k].pass, shards_[k].slopes, static_cast<std::size_t>(options_.first_layer), shards_[k].gradient);
    });
    move(share);
    return loss;
  }

  // Texts to shards by turns, pieces left out at random (never the marks around them).
  void deal(const std::vector<std::size_t>& picked) {
    for (Shard& shard : shards_) shard.texts.clear(), shard.rows.clear();
    for (std::size_t r = 0; r < picked.size(); ++r) {
      Shard& shard = shards_[r % kShards];
      const Tokens& whole = tokens_[picked[r]];
      Tokens kept;
      for (std::size_t k = 0; k < whole.size(); ++k)
        if (k == 0 || k + 1 == whole.size() || random_.uniform() >= static_cast<double>(options_.word_dropout)) kept.push_back(whole[k]);
      shard.texts.push_back(kept.size() > 2 ? std::move(kept) : whole);
      shard.rows.push_back(r);
    }
  }

  // The loss of the batch, and its slopes by the vectors (into the shards) and by the classes (applied).
  double judge(const std::vector<std::size_t>& picked, float share) {
    const std::size_t n = picked.size(), classes = class_vectors_.rows(), dim = bert_.dim();
    Matrix vectors(n, dim), slopes(n, dim), unit = class_vectors_.clone(), by_unit(classes, dim);
    for (const Shard& shard : shards_)
      for (std::size_t k = 0; k < shard.rows.size(); ++k) std::copy(shard.vectors.row(k).begin(), shard.vectors.row(k).end(), vectors.row(shard.rows[k]).begin());
    std::vector<float> lengths(classes), scores(classes);
    train::normalise_rows(unit, lengths, run_);
    double loss = 0;
    for (std::size_t r = 0; r < n; ++r) {
      const std::uint32_t label = labels_[picked[r]];
      const float spread = label == kNoClass ? 1.0f : options_.smoothing;
      const std::size_t target = label == kNoClass ? 0 : label;
      for (std::size_t c = 0; c < classes; ++c) scores[c] = options_.scale * dot(vectors.row(r), unit.row(c));
      const float weight = 1.0f / static_cast<float>(n);
      loss += static_cast<double>(weight) * train::softmax_gradient(scores, target, weight);
      for (float& x : scores) x -= weight * spread / static_cast<float>(classes);
      scores[target] += weight * spread;
      for (std::size_t c = 0; c < classes; ++c) {
        axpy(options_.scale * scores[c], unit.row(c), slopes.row(r));
        axpy(options_.scale * scores[c], vectors.row(r), by_unit.row(c));
      }
    }
    if (options_.pairs > 0) loss += contrast(picked, vectors, slopes);
    for (std::size_t c = 0; c < classes; ++c) train::backward_normalise(unit.row(c), lengths[c], by_unit.row(c));
    class_adam_.set_rate(options_.class_rate * share);
    class_adam_.step(class_vectors_, by_unit, run_);
    for (Shard& shard : shards_) {
      shard.slopes = Matrix(shard.rows.size(), dim);
      for (std::size_t k = 0; k < shard.rows.size(); ++k) std::copy(slopes.row(shard.rows[k]).begin(), slopes.row(shard.rows[k]).end(), shard.slopes.row(k).begin());
    }
    return loss;
  }

  // Each text against all others of the batch: those of its class are to be nearer than the rest.
  double contrast(const std::vector<std::size_t>& picked, const Matrix& vectors, Matrix& slopes) const {
    const std::size_t n = picked.size();
    std::vector<double> share(n);
    double loss = 0;
    for (std::size_t r = 0; r < n; ++r) {
      const std::uint32_t label = labels_[picked[r]];
      double sum = 0, friends = 0;
      for (std::size_t o = 0; o < n; ++o) {
        share[o] = o == r ? 0 : std::exp(static_cast<double>(options_.pair_scale) * (static_cast<double>(dot(vectors.row(r), vectors.row(o))) - 1));
        sum += share[o];
        friends += o != r && labels_[picked[o]] == label;
      }
      if (label == kNoClass || friends == 0 || !(sum > 0)) continue;
      const double weight = static_cast<double>(options_.pairs) / static_cast<double>(n);
      for (std::size_t o = 0; o < n; ++o) {
        if (o == r) continue;
        double by = share[o] / sum;
        if (labels_[picked[o]] == label) {
          loss -= weight / friends * std::log(std::max(share[o] / sum, 1e-30));
          by -= 1 / friends;
        }
        const auto step = static_cast<float>(weight * by * static_cast<double>(options_.pair_scale));
        axpy(step, vectors.row(o), slopes.row(r));
        axpy(step, vectors.row(r), slopes.row(o));
      }
    }
    return loss;
  }

  // AdamW on the sum of the shards' gradients.
  void move(float share) {
    ++steps_;
    const std::size_t begin = bert_.weights_of(static_cast<std::size_t>(options_.first_layer)), end = bert_.weights().size();
    const std::size_t chunks = (end - begin + kChunk - 1) / kChunk;
    std::vector<double> squares(chunks);
    const auto chunk = [&](std::size_t k) { return std::pair(begin + k * kChunk, std::min(kChunk, end - begin - k * kChunk)); };
    parallel_for(0, chunks, 4, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) {
        const auto [at, size] = chunk(k);
        const auto sum = std::span(shards_[0].gradient).subspan(at, size);
        for (std::size_t s = 1; s < kShards; ++s) train::add(std::span(shards_[s].gradient).subspan(at, size), sum);
        squares[k] = static_cast<double>(dot(sum, sum));
      }
    });
    const double length = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
    const auto cut = static_cast<float>(length > kLongestStep ? kLongestStep / length : 1.0);
    const double t = static_cast<double>(steps_), bias = std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
    for (std::size_t l = static_cast<std::size_t>(options_.first_layer); l < bert_.layer_count(); ++l) {
      const std::size_t from = bert_.weights_of(l), to = bert_.weights_of(l + 1);
      const float rate = options_.rate * share * std::pow(options_.layer_share, static_cast<float>(bert_.layer_count() - 1 - l));
      parallel_for(from, to, kChunk, run_, [&](std::size_t first, std::size_t last) {
        const auto of = [&](auto& xs) { return std::span(xs).subspan(first, last - first); };
        const auto g = of(shards_[0].gradient);
        if (cut < 1)
          for (float& x : g) x *= cut;
        train::adam(bert_.weights().subspan(first, last - first), of(mean_), of(square_), g,
                    {.rate = rate * static_cast<float>(bias), .decay = rate * options_.decay});
      });
    }
  }

  TrainableBert& bert_;
  std::span<const std::uint32_t> labels_;
  const TuneOptions& options_;
  const Run& run_;
  Random random_;
  std::vector<Tokens> tokens_;
  Matrix class_vectors_;
  train::Adam class_adam_;
  std::array<Shard, kShards> shards_;
  std::vector<float> mean_, square_;
  std::size_t steps_ = 0;
};

}  // namespace

Matrix tune(TrainableBert& bert, std::span<const std::string> texts, std::span<const std::uint32_t> labels, std::size_t classes, const TuneOptions& o, const Run& run) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "tuning an encoder: " + what); };
  if (texts.empty()) throw Error(Code::bad_data, "tuning an encoder: there are no texts to learn from");
  if (labels.size() != texts.size()) refuse("expected " + std::to_string(texts.size()) + " labels, got " + std::to_string(labels.size()));
  if (classes < 2) refuse("classes must be 2 or more, got " + std::to_string(classes));
  for (const std::uint32_t label : labels)
    if (label != kNoClass && label >= classes) refuse("label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes));
  if (o.batch < 1 || !(o.epochs > 0) || !(o.rate >= 0) || !(o.scale > 0)) refuse("batch, epochs and scale must be above 0, rate 0 or more");
  if (!(o.dropout >= 0 && o.dropout < 0.9f) || !(o.word_dropout >= 0 && o.word_dropout < 0.9f)) refuse("dropout and word_dropout must be 0..0.9");
  if (o.first_layer < 0 || static_cast<std::size_t>(o.first_layer) >= bert.layer_count())
    refuse("first_layer must be 0.." + std::to_string(bert.layer_count() - 1) + ", got " + std::to_string(o.first_layer));
  return Tuning(bert, texts, labels, classes, o, run).go();
}

}  // namespace attune::encode
