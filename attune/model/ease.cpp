// EASE: each item foretold from all others of the same history, in closed form; texts lend a prior (then it is L3AE).
// Sources: Steck 2019 (EASE), Moon et al. 2023 (relaxed diagonal, RLAE and RDLAE), Moon et al. 2025 (L3AE).
//   minimise |X - X B|^2 + |L^1/2 B|^2 + sum_k l_k |B - C_k|^2 with B_jj <= xi, L = lambda I + p/(1-p) diag(G):
//   B = I + Q - P diag(m),  P = (G + L)^-1,  Q = P sum_k l_k C_k,
//   m_j = L_jj where that keeps B_jj <= xi, else (1 + Q_jj - xi) / P_jj.      lambda already holds the sum of the l_k.
// Cost: one inverse of items by items, O(items^2 x words) a prior.
#include <cmath>
#include <utility>

#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/model/gram.h"
#include "attune/model/linear_model.h"
#include "attune/model/shared_terms.h"
#include "attune/model/text_prior.h"

namespace attune::model {
namespace {

struct Params {
  float lambda = 100;
  float dropout = 0;
  float xi = 0;
  float level = 0;
  float decay = 0.8f;
  int window = 50;
  bool latest = false;
  std::string priors = "auto";
  float lf_dense = 10, lf_sparse = 3, whiten_eps = 1;
  bool split = true;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("lambda", lambda, "pull towards zero; > 0; 50..100 on sparse sets, 400..1000 on dense ones");
    v("dropout", dropout, "share of a history hidden in training (RDLAE); 0..0.95");
    v("xi", xi, "how far an item may foretell itself (relaxed diagonal); 0..1, 0 = EASE");
    v("level", level, "how far long histories are levelled: a person counts (size / mean size)^-level; 0..1, 0 = every pair counts the same");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
    v("priors", priors, "text priors: auto, none, or encoders and how much each counts, \"tfidf=8,e5=41\"");
    v("lf_dense", lf_dense, "pull towards zero of the text prior of sentence vectors; > 0");
    v("lf_sparse", lf_sparse, "the same for TF-IDF; > 0");
    v("whiten_eps", whiten_eps, "how gently sentence vectors are whitened; > 0");
    v("split", split, "keep what explanations need to tell behaviour and text apart (up to half of the memory again)");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto refuse = [](const char* name, const char* range, float value) {
    throw Error(Code::bad_request, std::string("ease.") + name + " must be " + range + ", got " + std::to_string(value));
  };
  if (!(p.lambda > 0)) refuse("lambda", "above 0", p.lambda);
  if (!(p.dropout >= 0 && p.dropout <= 0.95f)) refuse("dropout", "0..0.95", p.dropout);
  if (!(p.xi >= 0 && p.xi <= 1)) refuse("xi", "0..1", p.xi);
  if (!(p.level >= 0 && p.level <= 1)) refuse("level", "0..1", p.level);
  if (!(p.lf_dense > 0)) refuse("lf_dense", "above 0", p.lf_dense);
  if (!(p.lf_sparse > 0)) refuse("lf_sparse", "above 0", p.lf_sparse);
  if (!(p.whiten_eps > 0)) refuse("whiten_eps", "above 0", p.whiten_eps);
  check_input(p.decay, p.window, "ease");
}

std::size_t needed_bytes(const data::Dataset& data, const std::vector<PriorWeight>& priors, bool split) {
  const std::size_t square = data.item_count() * data.item_count() * sizeof(float);
  std::size_t beside = 0;
  for (const PriorWeight& prior : priors) beside = std::max(beside, prior_bytes(features_named(data, prior.feature)));
  return (priors.empty() ? 1 : 2) * square + (split ? square / 2 : 0) + beside;
}

// m of B = I + Q - P diag(m); `pull` = diagonal of L; `q` may be empty.
std::vector<float> diagonal_terms(const Matrix& p, const Matrix& q, const std::vector<float>& pull, float xi) {
  std::vector<float> m(pull.size());
  for (std::size_t j = 0; j < m.size(); ++j) {
    const float text = q.empty() ? 0 : q(j, j);
    const bool is_free = 1 + text - pull[j] * p(j, j) <= xi;
    m[j] = is_free ? pull[j] : (1 + text - xi) / p(j, j);
  }
  return m;
}

// Diagonal of L.
std::vector<float> pull_of(const Matrix& gram, const Params& params) {
  std::vector<float> pull(gram.rows());
  for (std::size_t j = 0; j < pull.size(); ++j) pull[j] = params.lambda + params.dropout / (1 - params.dropout) * gram(j, j);
  return pull;
}

void invert_with(Matrix& gram, const std::vector<float>& pull, const Run& run) {
  for (std::size_t j = 0; j < pull.size(); ++j) gram(j, j) += pull[j];
  run.report("ease: inverse", 1, 3);
  invert_spd(gram, "ease's matrix of items");
  run.report("ease: products", 2, 3);
}

// B from Q, which it becomes. `p` may be `q` itself where there are no priors (then Q = 0).
void finish(const Matrix& p, Matrix& q, bool has_priors, const std::vector<float>& pull, float xi, const Run& run) {
  const Matrix none;
  const std::vector<float> m = diagonal_terms(p, has_priors ? q : none, pull, xi);
  const std::size_t n = p.rows();
  parallel_for(0, n, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t j = 0; j < n; ++j) q(i, j) = (has_priors ? q(i, j) : 0.0f) - p(i, j) * m[j];
      q(i, i) = std::min(q(i, i) + 1, xi);  // exactly xi where the bound holds, not xi give or take rounding
    }
  });
}

TextPriorOptions options_of(const Params& params) {
  return {.lf_dense = params.lf_dense, .lf_sparse = params.lf_sparse, .whiten_eps = params.whiten_eps};
}

// B of one fit alone: as few matrices as it takes.
Matrix own_weights(const data::Dataset& data, const Params& params, const std::vector<PriorWeight>& priors, std::optional<ScoreParts>* parts, const Run& run) {
  Matrix p = set_gram(data, run, params.level);
  const std::vector<float> pull = pull_of(p, params);
  invert_with(p, pull, run);
  Matrix q = priors.empty() ? Matrix() : Matrix(p.rows(), p.rows());
  if (parts != nullptr) parts->emplace(p);
  add_priors(p, data, priors, options_of(params), q, parts != nullptr ? &**parts : nullptr, run);
  Matrix& b = priors.empty() ? p : q;  // without priors P itself becomes B
  finish(p, b, !priors.empty(), pull, params.xi, run);
  return std::move(b);
}

// The same by way of run.memo: one Gram matrix for all, one inverse for each lambda and dropout, whatever xi and the priors' weights.
Matrix shared_weights(const data::Dataset& data, const Params& params, const std::vector<PriorWeight>& priors, const Run& run) {
  const std::size_t n = data.item_count(), square = n * n * sizeof(float);
  const auto gram = run.memo->get<Matrix>(&data, memo_key("set gram", {{"level", params.level}}), square, [&] { return set_gram(data, run, params.level); });
  const std::vector<float> pull = pull_of(*gram, params);
  const std::string key = memo_key("ease inverse", {{"lambda", params.lambda}, {"dropout", params.dropout}, {"level", params.level}});
  const auto inverse = [&] {
    return run.memo->get<Matrix>(&data, key, square, [&] {
      Matrix p = gram->clone();
      invert_with(p, pull, run);
      return p;
    });
  };
  Matrix b(n, n);
  add_shared_priors({key, inverse}, data, priors, options_of(params), b, run);
  finish(*inverse(), b, true, pull, params.xi, run);
  return b;
}

}  // namespace

std::unique_ptr<const Recommender> fit_ease(const data::Dataset& data, const Json& json, const Run& run) {
  auto params = params_from<Params>(json);
  check(params);
  const std::vector<PriorWeight> priors = chosen_priors(data, params.priors);
  params.priors = text_of(priors);
  bool split = params.split && !priors.empty();
  if (split && needed_bytes(data, priors, true) > run.memory_bytes) {
    split = false;
    run.remark("ease: no memory to tell behaviour and texts apart in explanations; raise [memory] budget for that");
  }
  require_memory(needed_bytes(data, priors, split), data.item_count(), "ease", run);
  if (data.event_count() == 0) throw Error(Code::bad_data, "ease has nothing to learn from: the dataset has no events");

  std::optional<ScoreParts> parts;
  Matrix b = run.memo != nullptr && !split ? shared_weights(data, params, priors, run) : own_weights(data, params, priors, split ? &parts : nullptr, run);
  LinearParts made{.name = "ease",
                   .settings = to_json(params),
                   .input = {.decay = params.decay, .window = params.window, .latest = params.latest},
                   .dense = std::move(b),
                   .parts = std::move(parts)};
  place_new_items(made, data, params.text, run);
  run.report("ease: done", 3, 3);
  return make_linear(std::move(made));
}

std::unique_ptr<const Recommender> load_ease(ByteReader& in) { return load_linear(in); }

std::vector<Setting> settings_ease() { return settings_of<Params>(); }

}  // namespace attune::model
