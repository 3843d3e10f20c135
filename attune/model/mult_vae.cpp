// Mult-VAE: an auto-encoder that reads the whole history and gives every item its chance (mult_vae_train.h). Knows no users: a
// history is all it needs, so an event counts at once.
// Source: Liang et al., WWW 2018; weights by inverse propensity as in Schnabel et al. 2016. Cost: fit see there; a request
// O(history hidden + hidden latent), one pass over the items' rows for the scores.
#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/tall.h"
#include "attune/model/early_stop.h"
#include "attune/model/linear_model.h"
#include "attune/model/mult_vae_train.h"
#include "attune/model/recommender.h"
#include "attune/train/propensity.h"

namespace attune::model {
namespace {

struct Params {
  int hidden = 600;
  int latent = 200;
  int epochs = 100;
  int patience = 10;
  int batch = 500;
  float lr = 0.001f;
  float dropout = 0.5f;
  float beta = 0.2f;
  int anneal = 2000;
  float weight_decay = 0;
  float decay = 1;
  int window = 0;
  float power = 0;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("hidden", hidden, "units of the two hidden layers, at most one an item; 1..8192");
    v("latent", latent, "length of a user's vector, at most a unit; 1..8192");
    v("epochs", epochs, "passes over all users at most; 1..100000");
    v("patience", patience, "passes without a better validation figure before it is over; 0 = all passes");
    v("batch", batch, "users a step at most; a tenth of them where they are few");
    v("lr", lr, "length of a step; > 0");
    v("dropout", dropout, "share of a history that is hidden at random in training; 0 or more, below 1");
    v("beta", beta, "weight of the divergence from a standard normal (KL) once it has grown; >= 0");
    v("anneal", anneal, "steps over which beta grows; >= 0");
    v("weight_decay", weight_decay, "pull of the weights to zero, share of lr a step; >= 0");
    v("decay", decay, "weight of a touch per place back in the history; 1 = all the same; 0..1");
    v("window", window, "places of the history that are read; 0 = all");
    v("power", power, "a pair counts in the loss its weight to this power; 0 = every pair counts the same");
    v("ips_power", ips_power, "against exposure bias: an item taken by n people weighs 1 / (n / most)^power in the loss; 0 = not");
    v("ips_clip", ips_clip, "least propensity that is believed; above 0, at most 1");
  }
};

void check(const Params& p) {
  const auto refuse = [](const char* name, const char* range, const auto value) {
    throw Error(Code::bad_request, std::string("mult_vae.") + name + " must be " + range + ", got " + std::to_string(value));
  };
  if (p.hidden < 1 || p.hidden > 8192) refuse("hidden", "1..8192", p.hidden);
  if (p.latent < 1 || p.latent > 8192) refuse("latent", "1..8192", p.latent);
  if (p.epochs < 1 || p.epochs > 100000) refuse("epochs", "1..100000", p.epochs);
  if (p.batch < 1) refuse("batch", "1 or more", p.batch);
  if (!(p.lr > 0)) refuse("lr", "above 0", p.lr);
  if (!(p.dropout >= 0 && p.dropout < 1)) refuse("dropout", "0 or more and below 1", p.dropout);
  if (!(p.beta >= 0)) refuse("beta", "0 or more", p.beta);
  if (p.anneal < 0) refuse("anneal", "0 or more", p.anneal);
  if (!(p.weight_decay >= 0)) refuse("weight_decay", "0 or more", p.weight_decay);
  if (!(p.power >= 0 && p.power <= 4)) refuse("power", "0..4", p.power);
  if (!(p.ips_power >= 0)) refuse("ips_power", "0 or more", p.ips_power);
  if (!(p.ips_clip > 0 && p.ips_clip <= 1)) refuse("ips_clip", "above 0, at most 1", p.ips_clip);
  check_input(p.decay, p.window, "mult_vae");
}

InputRule rule_of(const Params& p) { return {.decay = p.decay, .window = p.window, .latest = true}; }

// The history as the network reads it: one value an item, the row of length 1.
struct InputRow {
  std::vector<std::uint32_t> items;
  std::vector<float> values;
};
InputRow read(const InputRule& rule, std::span<const Touch> history) {
  InputRow row;
  for (const Scored& in : input_row(rule, history)) {
    row.items.push_back(static_cast<std::uint32_t>(to_index(in.item)));
    row.values.push_back(in.score);
  }
  normalise(row.values);
  return row;
}

class MultVae final : public Recommender {
 public:
  MultVae(Params params, VaeWeights weights) : params_(std::move(params)), rule_(rule_of(params_)), weights_(std::move(weights)) {}

  std::string name() const override { return "mult_vae"; }
  std::size_t item_count() const override { return weights_.items(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> h = hidden(query);
    for (std::size_t k = 0; k < items.size(); ++k) out[k] = dot(h, weights_.out.row(to_index(items[k])));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    row_dots(weights_.out, hidden(query), out);
  }

  std::optional<MatrixView> item_vectors() const override { return weights_.out; }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    check_score_arguments(item_count(), query, {}, {});
    return hidden(query);
  }

  std::size_t size_bytes() const override { return weights_.size_bytes(); }
  Json settings() const override { return to_json(params_); }
  void save(ByteWriter& out) const override {
    out.text(settings().dump());
    weights_.save(out);
  }

 private:
  std::vector<float> hidden(const Query& query) const {
    const InputRow row = read(rule_, query.history);
    return vae_hidden(weights_, row.items, row.values);
  }

  Params params_;
  InputRule rule_;
  VaeWeights weights_;
};

// Rows of length 1 to read, and the items to give a chance, each weighing by its events and what its propensity says.
std::pair<Sparse, Sparse> rows_of(const data::Dataset& data, const Params& p) {
  Sparse inputs{.rows = data.user_count(), .cols = data.item_count()}, targets = inputs;
  const std::vector<float> weights = train::inverse_propensity_weights(data.popularity(), {.power = p.ips_power, .clip = p.ips_clip});
  const InputRule rule = rule_of(p);
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const InputRow row = read(rule, data.history(user_at(u)));
    inputs.indices.insert(inputs.indices.end(), row.items.begin(), row.items.end());
    inputs.values.insert(inputs.values.end(), row.values.begin(), row.values.end());
    inputs.offsets.push_back(inputs.indices.size());
    const auto items = data.interactions().row_indices(u);
    for (std::size_t k = 0; k < items.size(); ++k) {
      targets.indices.push_back(items[k]);
      targets.values.push_back(weights[items[k]] * std::pow(data.interactions().row_values(u)[k], p.power));
    }
    targets.offsets.push_back(targets.indices.size());
  }
  return {std::move(inputs), std::move(targets)};
}

void check_memory(const data::Dataset& data, const Params& p, std::size_t batch, const Run& run) {
  const auto h = static_cast<std::size_t>(p.hidden), z = static_cast<std::size_t>(p.latent), items = data.item_count();
  const std::size_t weights = 2 * items * h + 3 * h * z;
  require_memory((5 * weights + 2 * batch * items + 4 * data.event_count()) * sizeof(float), items, "mult_vae", run);   // weights, gradient, Adam's two, the best so far
}

}  // namespace

std::unique_ptr<const Recommender> fit_mult_vae(const data::Dataset& data, const Json& json, const Run& run) {
  auto params = params_from<Params>(json);
  check(params);
  if (data.interactions().nnz() == 0) throw Error(Code::bad_data, "mult_vae has nothing to learn from: no event has a positive weight");
  params.hidden = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(params.hidden), data.item_count()));
  params.latent = std::min(params.latent, params.hidden);
  const int batch = std::min(params.batch, std::max(20, static_cast<int>(data.user_count() / 10)));
  check_memory(data, params, static_cast<std::size_t>(batch), run);
  const auto [inputs, targets] = rows_of(data, params);
  EarlyStop stop(data, {.model = "mult_vae", .patience = params.patience, .most_cases = 2000}, run);
  VaeJudge judge;
  if (stop.has_cases()) {
    judge.is_over = [&] { return stop.is_over(); };
    judge.is_best = [&](int epoch, const VaeWeights& w) {
      return stop.judge(epoch, [&](const data::Case& asked, std::span<float> scores) {
        const InputRow row = read(rule_of(params), asked.input);
        row_dots(w.out, vae_hidden(w, row.items, row.values), scores);
      }, run);
    };
  }
  const VaeOptions options{.epochs = params.epochs, .batch = batch, .hidden = params.hidden, .latent = params.latent, .lr = params.lr,
                           .dropout = params.dropout, .beta = params.beta, .decay = params.weight_decay, .anneal_steps = params.anneal};
  VaeWeights weights = train_vae(inputs, targets, options, judge, run);
  if (stop.has_cases()) params.epochs = stop.best_epoch();
  return std::make_unique<const MultVae>(params, std::move(weights));
}

std::unique_ptr<const Recommender> load_mult_vae(ByteReader& in) {
  const auto params = params_from<Params>(Json::parse(in.text(), "settings of mult_vae"));
  check(params);
  return std::make_unique<const MultVae>(params, VaeWeights::load(in));
}

std::vector<Setting> settings_mult_vae() { return settings_of<Params>(); }

}  // namespace attune::model
