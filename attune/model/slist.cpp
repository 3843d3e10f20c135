// SLIST: foretells the next item from a decayed history, in closed form; texts lend a prior to items with few events.
// Source: Choe et al. 2021 (SLIST), with text priors as in L3AE; W = P (R + sum_k l_k C_k),
//   P = (alpha X'X + S'S + lambda I)^-1, R = alpha X'X + S'T over the prefixes of every history (gram.h), C_k (text_prior.h).
// Cost: one inverse of items by items, O(items^2 x words) a prior.
#include "attune/model/slist.h"

#include <utility>

#include "attune/core/linear_algebra.h"
#include "attune/model/gram.h"
#include "attune/model/linear_model.h"
#include "attune/model/products.h"
#include "attune/model/shared_terms.h"
#include "attune/model/text_prior.h"

namespace attune::model {
namespace {

struct Params {
  float lambda = 100;
  float alpha = 0.1f;
  float decay = 0.8f;
  int window = 50;
  std::string priors = "auto";
  float lf_dense = 10, lf_sparse = 3, whiten_eps = 1;
  bool split = true;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("lambda", lambda, "pull towards zero; > 0; 60..200 on most sets");
    v("alpha", alpha, "share of plain co-occurrence, whatever the order; >= 0");
    v("decay", decay, "weight of a touch per place back in the history; 0..1");
    v("window", window, "places of the history that count; 0 = all");
    v("priors", priors, "text priors: auto, none, or encoders and how much each counts, \"tfidf=8,e5=41\"");
    v("lf_dense", lf_dense, "pull towards zero of the text prior of sentence vectors; > 0");
    v("lf_sparse", lf_sparse, "the same for TF-IDF; > 0");
    v("whiten_eps", whiten_eps, "how gently sentence vectors are whitened; > 0");
    v("split", split, "keep what explanations need to tell behaviour and text apart (up to half of the memory again)");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto above_zero = [](const char* name, float value) {
    if (!(value > 0)) throw Error(Code::bad_request, std::string("slist.") + name + " must be above 0, got " + std::to_string(value));
  };
  above_zero("lambda", p.lambda);
  above_zero("lf_dense", p.lf_dense);
  above_zero("lf_sparse", p.lf_sparse);
  above_zero("whiten_eps", p.whiten_eps);
  if (!(p.alpha >= 0)) throw Error(Code::bad_request, "slist.alpha must be 0 or more, got " + std::to_string(p.alpha));
  check_input(p.decay, p.window, "slist");
}

std::size_t needed_bytes(const data::Dataset& data, const std::vector<PriorWeight>& priors, bool split) {
  const std::size_t square = data.item_count() * data.item_count() * sizeof(float);
  std::size_t beside = 0;
  for (const PriorWeight& prior : priors) beside = std::max(beside, prior_bytes(features_named(data, prior.feature)));
  return 2 * square + (split ? square / 2 : 0) + beside;
}

// P and R.
std::pair<Matrix, Sparse> solve(const data::Dataset& data, const Params& params, const Run& run) {
  if (data.event_count() == 0) throw Error(Code::bad_data, "slist has nothing to learn from: the dataset has no events");
  SequenceGram gram = sequence_gram(data, {.alpha = params.alpha, .decay = params.decay, .window = params.window}, run);
  for (std::size_t i = 0; i < gram.a.rows(); ++i) gram.a(i, i) += params.lambda;
  run.report("slist: inverse", 1, 3);
  invert_spd(gram.a, "slist's matrix of items");
  run.report("slist: products", 2, 3);
  return {std::move(gram.a), std::move(gram.r)};
}

TextPriorOptions options_of(const Params& params) {
  return {.lf_dense = params.lf_dense, .lf_sparse = params.lf_sparse, .whiten_eps = params.whiten_eps};
}

// W by way of run.memo: the Gram matrix serves every lambda, the inverse and its products every weight of the priors.
Matrix shared_weights(const data::Dataset& data, const Params& params, const std::vector<PriorWeight>& priors, const Run& run) {
  if (data.event_count() == 0) throw Error(Code::bad_data, "slist has nothing to learn from: the dataset has no events");
  const std::size_t n = data.item_count(), square = n * n * sizeof(float);
  const std::string gram_key = memo_key("slist gram", {{"alpha", params.alpha}, {"decay", params.decay}, {"window", params.window}});
  const auto gram = [&] {
    return run.memo->get<SequenceGram>(&data, gram_key, square, [&] {
      return sequence_gram(data, {.alpha = params.alpha, .decay = params.decay, .window = params.window}, run);
    });
  };
  const std::string inverse_key = memo_key(gram_key + " inverse", {{"lambda", params.lambda}});
  const auto inverse = [&] {
    return run.memo->get<Matrix>(&data, inverse_key, square, [&] {
      Matrix p = gram()->a.clone();
      for (std::size_t i = 0; i < n; ++i) p(i, i) += params.lambda;
      run.report("slist: inverse", 1, 3);
      invert_spd(p, "slist's matrix of items");
      return p;
    });
  };
  const auto behaviour = run.memo->get<Matrix>(&data, inverse_key + " behaviour", square, [&] {
    const auto p = inverse();
    return times_sparse(*p, gram()->r, run);
  });
  Matrix w = behaviour->clone();
  run.report("slist: products", 2, 3);
  add_shared_priors({inverse_key, inverse}, data, priors, options_of(params), w, run);
  return w;
}

}  // namespace

SlistTerms slist_terms(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  const auto [p, r] = solve(data, params, run);
  SlistTerms terms{.behaviour = times_sparse(p, r, run)};
  for (const PriorWeight& prior : parse_priors(params.priors)) {
    Matrix text(p.rows(), p.cols());
    add_prior(p, text_prior(prior.feature, features_named(data, prior.feature), options_of(params), run), 1.0f, text, nullptr, run);
    terms.texts.push_back(std::move(text));
  }
  return terms;
}

std::unique_ptr<const Recommender> fit_slist(const data::Dataset& data, const Json& json, const Run& run) {
  auto params = params_from<Params>(json);
  check(params);
  const std::vector<PriorWeight> priors = chosen_priors(data, params.priors);
  params.priors = text_of(priors);
  bool split = params.split && !priors.empty();
  if (split && needed_bytes(data, priors, true) > run.memory_bytes) {
    split = false;
    run.remark("slist: no memory to tell behaviour and texts apart in explanations; raise [memory] budget for that");
  }
  require_memory(needed_bytes(data, priors, split), data.item_count(), "slist", run);
  LinearParts made;
  made.name = "slist";
  made.settings = to_json(params);
  made.input = {.decay = params.decay, .window = params.window};
  if (run.memo != nullptr && !split) {
    made.dense = shared_weights(data, params, priors, run);
  } else {
    auto [p, r] = solve(data, params, run);
    made.dense = times_sparse(p, r, run);
    if (split) made.parts = ScoreParts(p);
    add_priors(p, data, priors, options_of(params), made.dense, made.parts ? &*made.parts : nullptr, run);
  }
  place_new_items(made, data, params.text, run);
  run.report("slist: done", 3, 3);
  return make_linear(std::move(made));
}

std::unique_ptr<const Recommender> load_slist(ByteReader& in) { return load_linear(in); }

std::vector<Setting> settings_slist() { return settings_of<Params>(); }

}  // namespace attune::model
