// RP3beta: a walk of three steps from the history, item to person to item, that leans away from what everybody takes.
// Source: Paudel et al. 2017; settings as in Dacrema et al. 2019.
//   W_ij = sum over people of (1 / takers of i)^alpha (1 / items of the person)^alpha / (takers of j)^beta, the best kept, none to itself
// Cost: O(sum over users of squared history size) to fit, O(history x neighbours) a request.
#include <algorithm>
#include <cmath>

#include "attune/model/linear_model.h"
#include "attune/model/neighbour_rows.h"

namespace attune::model {
namespace {

struct Params {
  float alpha = 0.6f;
  float beta = 0.3f;
  int neighbours = 500;
  float decay = 1;
  int window = 0;
  bool latest = true;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("alpha", alpha, "power of the chance of each step; 0..2, 1 = a plain walk");
    v("beta", beta, "how far the walk leans away from popular items; 0..2, 0 = not");
    v("neighbours", neighbours, "neighbours kept an item; >= 1");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "rp3beta." + what); };
  if (!(p.alpha >= 0 && p.alpha <= 2)) refuse("alpha must be 0..2, got " + std::to_string(p.alpha));
  if (!(p.beta >= 0 && p.beta <= 2)) refuse("beta must be 0..2, got " + std::to_string(p.beta));
  if (p.neighbours < 1) refuse("neighbours must be 1 or more, got " + std::to_string(p.neighbours));
  check_input(p.decay, p.window, "rp3beta");
}

}  // namespace

std::unique_ptr<const Recommender> fit_rp3beta(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  const Sparse& by_user = data.interactions();
  const Sparse& by_item = data.audience();
  if (by_user.nnz() == 0) throw Error(Code::bad_data, "rp3beta has nothing to learn from: no event has a positive weight");
  std::vector<double> sizes(by_user.rows, 0.0), takers(by_item.rows, 0.0);  // weights count up to 1
  for (std::size_t u = 0; u < by_user.rows; ++u)
    for (std::size_t k = 0; k < by_user.row_size(u); ++k) {
      const double x = std::min(by_user.row_values(u)[k], 1.0f);
      sizes[u] += x;
      takers[by_user.row_indices(u)[k]] += x;
    }
  std::vector<float> leaning(takers.size(), 0.0f);
  for (std::size_t j = 0; j < takers.size(); ++j)
    if (takers[j] > 0) leaning[j] = static_cast<float>(std::pow(takers[j], -static_cast<double>(params.beta)));
  const auto step = [&](float x, double of) { return static_cast<float>(std::pow(std::min(x, 1.0f) / of, static_cast<double>(params.alpha))); };
  const auto fill = [&](std::size_t i, std::span<float> row) {
    const auto users = by_item.row_indices(i);
    const auto values = by_item.row_values(i);
    for (std::size_t n = 0; n < users.size(); ++n) {
      const float there = step(values[n], takers[i]), back = step(1, sizes[users[n]]);
      const auto items = by_user.row_indices(users[n]);
      const auto weights = by_user.row_values(users[n]);
      for (std::size_t k = 0; k < items.size(); ++k)
        row[items[k]] += there * (weights[k] >= 1 ? back : step(weights[k], sizes[users[n]]));
    }
    for (std::size_t j = 0; j < row.size(); ++j) row[j] *= leaning[j];
  };
  return make_linear({.name = "rp3beta",
                      .settings = to_json(params),
                      .input = {.decay = params.decay, .window = params.window, .latest = params.latest},
                      .sparse = neighbour_rows(by_item.rows, static_cast<std::size_t>(params.neighbours), fill, run),
                      .neighbours = neighbours_for(data, params.text, run)});
}

std::unique_ptr<const Recommender> load_rp3beta(ByteReader& in) { return load_linear(in); }

std::vector<Setting> settings_rp3beta() { return settings_of<Params>(); }

}  // namespace attune::model
