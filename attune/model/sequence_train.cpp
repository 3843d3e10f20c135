// Sequence training: the loop over epochs and steps.
#include "attune/model/sequence_train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/model/early_stop.h"
#include "attune/model/sequence_batch.h"
#include "attune/model/sequence_loss.h"
#include "attune/train/products.h"
#include "attune/train/row_kernels.h"

namespace attune::model {
namespace {

using Ids = std::vector<std::uint32_t>;

// A piece of a history to learn from: ids begin..end-1, the first of them only as input.
struct Window {
  std::uint32_t history, begin, end;
};

Ids ids_of(std::span<const Touch> history) {
  Ids ids;
  for (const Touch& touch : history)
    if (touch.weight > 0) ids.push_back(static_cast<std::uint32_t>(to_index(touch.item)));
  return ids;
}

std::vector<Window> windows_of(const std::vector<Ids>& histories, std::size_t length, bool whole) {
  std::vector<Window> windows;
  for (std::size_t u = 0; u < histories.size(); ++u)
    for (std::size_t end = histories[u].size(); end >= 2;) {
      const std::size_t begin = end > length + 1 ? end - length - 1 : 0;
      windows.push_back({static_cast<std::uint32_t>(u), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
      if (!whole || begin == 0) break;
      end = begin + 1;   // its last input becomes the last target of the window before
    }
  return windows;
}

// Adam with first and second means of every weight.
class Weights {
 public:
  void step(std::span<float> w, std::span<const float> g, const train::AdamRates& rates, const Run& run) {
    first_.resize(w.size());
    second_.resize(w.size());
    parallel_for(0, w.size(), std::size_t{1} << 17, run, [&](std::size_t begin, std::size_t end) {
      const std::size_t n = end - begin;
      train::adam(w.subspan(begin, n), {first_.data() + begin, n}, {second_.data() + begin, n}, g.subspan(begin, n), rates);
    });
  }

 private:
  std::vector<float> first_, second_;
};

class Trainer {
 public:
  Trainer(const data::Dataset& data, const TransformerShape& shape, const SequenceOptions& options, const SequenceTexts& texts, const Run& run)
      : data_(data), options_(options), texts_(texts), run_(run), model_(Transformer::drawn(shape, run.seed)), pass_(shape),
        ditems_(shape.items, shape.width), random_(run.seed ^ 0x5e9) {
    for (std::size_t u = 0; u < data.user_count(); ++u) histories_.push_back(ids_of(data.history(user_at(u))));
    windows_ = windows_of(histories_, shape.length, options.whole_history);
    if (windows_.empty()) throw Error(Code::bad_data, options.model + " has nothing to learn from: nobody has two events of positive weight");
    dbody_.resize(model_.body.size());
    start_texts();
  }

  TrainedSequence run() {
    EarlyStop stop(data_, {.model = options_.model, .patience = options_.patience, .most_cases = 5000}, run_);
    TrainedSequence best;
    const auto start = std::chrono::steady_clock::now();
    double training_seconds = 0;
    for (int epoch = 1; epoch <= options_.epochs && !stop.is_over(); ++epoch) {
      run_.report(options_.model + ": epoch " + std::to_string(epoch), static_cast<std::size_t>(epoch - 1), static_cast<std::size_t>(options_.epochs));
      const auto began = std::chrono::steady_clock::now();
      run_.record(options_.model + "/loss", static_cast<std::size_t>(epoch), train_epoch());
      const auto ended = std::chrono::steady_clock::now();
      training_seconds += std::chrono::duration<double>(ended - began).count();
      run_.record(options_.model + "/seconds", static_cast<std::size_t>(epoch), std::chrono::duration<double>(ended - began).count());   // without judging
      best.seconds_an_epoch = training_seconds / epoch;
      const bool is_late = options_.minutes > 0 && std::chrono::duration<float>(ended - start).count() > 60 * options_.minutes;
      if (is_late) options_.epochs = epoch;
      if (!stop.has_cases() && epoch < options_.epochs) continue;
      if (!judge(stop, epoch)) continue;
      best.transformer = {.shape = model_.shape, .items = judged().items.clone(), .body = judged().body};
      best.epochs = epoch;
      best.steps = steps_;
    }
    best.ndcg = stop.best();
    return best;
  }

 private:
  // One pass over all windows in a new order; returns the mean loss.
  double train_epoch() {
    random_.shuffle(std::span(windows_));
    double sum = 0;
    std::size_t places = 0;
    for (std::size_t next = 0; next < windows_.size();) {
      batch_.clear();
      for (; next < windows_.size() && batch_.places() < static_cast<std::size_t>(options_.batch); ++next) {
        const Window& w = windows_[next];
        const std::span<const std::uint32_t> ids(histories_[w.history].data() + w.begin, w.end - w.begin);
        batch_.push_back(ids.first(ids.size() - 1), ids.subspan(1));
      }
      run_.check();
      sum += step() * static_cast<double>(batch_.places());
      places += batch_.places();
    }
    return sum / static_cast<double>(places);
  }

  double step() {
    ++steps_;
    const std::size_t size = batch_.places() * model_.shape.width;
    const std::span<const float> states = pass_.forward(model_, batch_, {options_.dropout, options_.attention_dropout, run_.seed + steps_}, run_);
    if (dstates_.size() < size) dstates_.resize(size);
    const std::span<float> dstates(dstates_.data(), size);
    std::fill(ditems_.all().begin(), ditems_.all().end(), 0.0f);
    std::fill(dbody_.begin(), dbody_.end(), 0.0f);
    const double loss = options_.negatives == 0 ? loss_.full(states, batch_.targets, model_.items, dstates, ditems_, run_)
                                                : loss_.sampled(states, batch_.targets, drawn(), model_.items, dstates, ditems_, run_);
    check_loss(options_.model, steps_, loss);
    pass_.backward(model_, batch_, dstates, dbody_, ditems_, run_);
    update();
    if (options_.average > 0) average();
    return loss;
  }

  // Running mean of the weights over the last 1 / (1 - average) steps, fewer at the beginning: what the noise of dropout and of
  // drawn batches shakes off. Source: Polyak and Juditsky, 1992; Tarvainen and Valpola, 2017.
  void average() {
    if (mean_.body.empty()) mean_ = {.shape = model_.shape, .items = model_.items.clone(), .body = model_.body};
    const float share = std::max(1 - options_.average, 9.0f / (10.0f + static_cast<float>(steps_)));
    train::approach(mean_.body, model_.body, share);
    parallel_for(0, model_.items.size(), std::size_t{1} << 17, run_, [&](std::size_t begin, std::size_t end) {
      train::approach(mean_.items.all().subspan(begin, end - begin), model_.items.all().subspan(begin, end - begin), share);
    });
  }
  const Transformer& judged() const { return options_.average > 0 ? mean_ : model_; }

  std::span<const std::uint32_t> drawn() {
    drawn_.resize(static_cast<std::size_t>(options_.negatives));
    for (std::uint32_t& id : drawn_) id = static_cast<std::uint32_t>(random_.below(model_.shape.items));
    return drawn_;
  }

  void update() {
    const double t = static_cast<double>(steps_);
    train::AdamRates rates;
    rates.rate = static_cast<float>(static_cast<double>(options_.lr) * std::sqrt(1 - std::pow(static_cast<double>(rates.beta2), t)) / (1 - std::pow(static_cast<double>(rates.beta1), t)));
    rates.decay = options_.lr * options_.decay;
    body_.step(model_.body, dbody_, rates, run_);
    const std::size_t count = model_.shape.items, d = model_.shape.width, k = texts_.rows.cols();
    if (texts_.use == SequenceTexts::Use::fixed) {
      train::AdamRates still = rates;
      still.decay = 0;
      for (std::size_t i = 0; i < count; ++i) std::fill_n(ditems_.row(i).data(), k, 0.0f);
      return items_.step(model_.items.all(), ditems_.all(), still, run_);
    }
    if (texts_.use != SequenceTexts::Use::map) return items_.step(model_.items.all(), ditems_.all(), rates, run_);
    dmap_.resize(k * d);
    train::product_left_turned({.rows = k, .inner = count, .cols = d, .a = texts_.rows.data(), .b = ditems_.data(), .c = dmap_.data()}, run_);
    map_adam_.step(map_, dmap_, rates, run_);
    items_.step(own_.all(), ditems_.all(), rates, run_);
    mix();
  }

  // items = own + texts x map
  void mix() {
    std::copy_n(own_.data(), own_.size(), model_.items.data());
    train::product({.rows = model_.shape.items, .inner = texts_.rows.cols(), .cols = model_.shape.width, .a = texts_.rows.data(), .b = map_.data(), .c = model_.items.data(), .add = true}, run_);
  }

  void start_texts() {
    const std::size_t k = texts_.rows.cols(), d = model_.shape.width;
    if (texts_.use == SequenceTexts::Use::none) return;
    if (texts_.use != SequenceTexts::Use::map) {
      ATTUNE_ASSERT(k <= d, "texts that stand in the items' vectors fit into them");
      for (std::size_t i = 0; i < model_.shape.items; ++i) std::copy_n(texts_.rows.row(i).data(), k, model_.items.row(i).data());
      return;
    }
    own_ = model_.items.clone();
    map_.resize(k * d);
    Random random(run_.seed ^ 0x7e87);
    for (float& x : map_) x = static_cast<float>(0.02 * random.normal());
    mix();
  }

  bool judge(EarlyStop& stop, int epoch) {
    const std::span<const data::Case> cases = data_.held_out();
    const std::size_t d = model_.shape.width;
    Matrix states(cases.size(), d);
    for (std::size_t next = 0; next < cases.size();) {
      batch_.clear();
      Ids rows;
      for (; next < cases.size() && batch_.places() < 8192; ++next) {
        const Ids ids = ids_of(cases[next].input);
        if (ids.empty()) continue;
        const std::span<const std::uint32_t> newest = std::span(ids).last(std::min(ids.size(), model_.shape.length));
        batch_.push_back(newest, {});
        rows.push_back(static_cast<std::uint32_t>(next));
      }
      const std::span<const float> out = pass_.forward(judged(), batch_, {}, run_);
      for (std::size_t s = 0; s < rows.size(); ++s) std::copy_n(out.data() + (batch_.offsets[s + 1] - 1) * d, d, states.row(rows[s]).data());
    }
    return stop.judge(epoch, [&](const data::Case& asked, std::span<float> scores) {
      const std::span<const float> state = states.row(static_cast<std::size_t>(&asked - cases.data()));
      for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = dot(state, judged().items.row(i));
    }, run_);
  }

  const data::Dataset& data_;
  SequenceOptions options_;
  const SequenceTexts& texts_;
  const Run& run_;
  Transformer model_, mean_;
  SequencePass pass_;
  SequenceLoss loss_;
  SequenceBatch batch_;
  Matrix ditems_, own_;
  std::vector<float> dbody_, dstates_, map_, dmap_;
  Weights body_, items_, map_adam_;
  std::vector<Ids> histories_;
  std::vector<Window> windows_;
  Ids drawn_;
  Random random_;
  std::size_t steps_ = 0;
};

}  // namespace

TrainedSequence train_sequences(const data::Dataset& data, const TransformerShape& shape, const SequenceOptions& options, const SequenceTexts& texts, const Run& run) {
  return Trainer(data, shape, options, texts, run).run();
}

SequenceGradient sequence_gradient(const Transformer& transformer, const std::vector<Ids>& sequences, std::span<const std::uint32_t> drawn, const Run& run) {
  SequenceBatch batch;
  for (const Ids& ids : sequences) batch.push_back(std::span(ids).first(ids.size() - 1), std::span(ids).subspan(1));
  SequencePass pass(transformer.shape);
  SequenceLoss loss;
  SequenceGradient g{.items = Matrix(transformer.shape.items, transformer.shape.width), .body = std::vector<float>(transformer.body.size())};
  const std::span<const float> states = pass.forward(transformer, batch, {}, run);
  std::vector<float> dstates(states.size());
  g.loss = drawn.empty() ? loss.full(states, batch.targets, transformer.items, dstates, g.items, run)
                         : loss.sampled(states, batch.targets, drawn, transformer.items, dstates, g.items, run);
  pass.backward(transformer, batch, dstates, g.body, g.items, run);
  return g;
}

}  // namespace attune::model
