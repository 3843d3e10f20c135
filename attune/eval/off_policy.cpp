// Off-policy evaluation: every estimator is a mean, or a ratio of means, of columns made from the rounds; so is every resample.
#include "attune/eval/off_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "attune/core/error.h"
#include "attune/eval/bootstrap.h"

namespace attune::eval {
namespace {

// Columns of which the estimators are means.
enum Column : std::size_t { kWeight, kWeighted, kClipped, kValue, kRest, kSwitched, kShrunk, kColumns };

void check(const LoggedRounds& rounds, const OffPolicyOptions& options) {
  const std::size_t n = rounds.size();
  const auto same = [&](const std::vector<double>& column, const char* name, bool may_be_empty) {
    if (column.size() != n && !(may_be_empty && column.empty() && rounds.expected.size() == rounds.value.size()))
      throw Error(Code::bad_request, "off-policy: expected " + std::to_string(n) + " numbers in '" + name + "', got " + std::to_string(column.size()));
  };
  if (n == 0) throw Error(Code::bad_data, "off-policy: the log has no rounds");
  same(rounds.logged, "logged", false);
  same(rounds.target, "target", false);
  same(rounds.expected, "expected", true);
  same(rounds.value, "value", true);
  if (!(options.clip > 0 && options.switch_at >= 0 && options.shrinkage >= 0))
    throw Error(Code::bad_request, "off-policy: clip must be above 0, switch_at and shrinkage 0 or more");
  if (!(options.confidence > 0 && options.confidence < 1)) throw Error(Code::bad_request, "off-policy: confidence must be between 0 and 1");
  const auto refuse = [](std::size_t r, const char* what, double got) {
    throw Error(Code::bad_data, "off-policy: round " + std::to_string(r) + ": " + what + ", got " + std::to_string(got));
  };
  for (std::size_t r = 0; r < n; ++r) {
    if (!std::isfinite(rounds.reward[r])) refuse(r, "the reward must be a number", rounds.reward[r]);
    if (!(rounds.logged[r] > 0 && rounds.logged[r] <= 1)) refuse(r, "the logged chance must be above 0 and at most 1", rounds.logged[r]);
    if (!(rounds.target[r] >= 0 && rounds.target[r] <= 1)) refuse(r, "the policy's chance must be 0..1", rounds.target[r]);
    if (!rounds.value.empty() && !(std::isfinite(rounds.value[r]) && std::isfinite(rounds.expected[r])))
      refuse(r, "what the model expects must be a number", rounds.value[r]);
  }
}

std::vector<double> columns_of(const LoggedRounds& rounds, const OffPolicyOptions& options) {
  std::vector<double> columns(rounds.size() * kColumns);
  for (std::size_t n = 0; n < rounds.size(); ++n) {
    double* row = &columns[n * kColumns];
    const double w = rounds.target[n] / rounds.logged[n], r = rounds.reward[n];
    row[kWeight] = w;
    row[kWeighted] = w * r;
    row[kClipped] = std::min(w, options.clip) * r;
    if (rounds.value.empty()) continue;
    const double gap = r - rounds.expected[n], s = options.shrinkage;
    row[kValue] = rounds.value[n];
    row[kRest] = w * gap;
    row[kSwitched] = w <= options.switch_at ? w * gap : 0;
    const double shrunk = std::isinf(s) ? w : w == 0 ? 0 : s * w / (w * w + s);
    row[kShrunk] = shrunk * gap;
  }
  return columns;
}

struct Estimator {
  const char* name;
  bool needs_model;
  double (*of)(const double* mean);   // [kColumns]
};
// A resample without a weight says nothing by itself: 0.
double ratio(double a, double b) { return b > 0 ? a / b : 0; }
constexpr Estimator kEstimators[] = {
    {"ips", false, [](const double* m) { return m[kWeighted]; }},
    {"clipped", false, [](const double* m) { return m[kClipped]; }},
    {"snips", false, [](const double* m) { return ratio(m[kWeighted], m[kWeight]); }},
    {"dm", true, [](const double* m) { return m[kValue]; }},
    {"dr", true, [](const double* m) { return m[kValue] + m[kRest]; }},
    {"sndr", true, [](const double* m) { return m[kValue] + ratio(m[kRest], m[kWeight]); }},
    {"switch_dr", true, [](const double* m) { return m[kValue] + m[kSwitched]; }},
    {"dr_os", true, [](const double* m) { return m[kValue] + m[kShrunk]; }},
};

}  // namespace

OffPolicyReport evaluate_off_policy(const LoggedRounds& rounds, const OffPolicyOptions& options, const Run& run) {
  check(rounds, options);
  run.check();
  const std::vector<double> columns = columns_of(rounds, options);
  const auto n = static_cast<double>(rounds.size());
  std::vector<double> means(kColumns);
  OffPolicyReport report{.rounds = rounds.size()};
  double squares = 0;
  for (std::size_t r = 0; r < rounds.size(); ++r) {
    for (std::size_t c = 0; c < kColumns; ++c) means[c] += columns[r * kColumns + c] / n;
    const double w = columns[r * kColumns + kWeight];
    squares += w * w;
    report.largest_weight = std::max(report.largest_weight, w);
  }
  if (!(means[kWeight] > 0)) throw Error(Code::bad_data, "off-policy: the log never made a choice that the policy makes; it cannot be judged from this log");
  report.mean_weight = means[kWeight];
  report.effective_rounds = means[kWeight] * n * means[kWeight] * n / squares;
  std::vector<double> drawn;
  if (options.bootstrap > 0) drawn = bootstrap_means(columns, kColumns, options.bootstrap, run);
  for (const Estimator& one : kEstimators) {
    if (one.needs_model && rounds.value.empty()) continue;
    OffPolicyEstimate estimate{.name = one.name, .value = one.of(means.data())};
    estimate.low = estimate.high = estimate.value;
    if (!drawn.empty()) {
      std::vector<double> values;
      for (std::size_t b = 0; b < drawn.size() / kColumns; ++b) values.push_back(one.of(&drawn[b * kColumns]));
      const Interval ends = intervals(values, 1, options.confidence).at(0);
      estimate.low = ends.low;
      estimate.high = ends.high;
      estimate.has_interval = true;
    }
    report.estimates.push_back(std::move(estimate));
  }
  return report;
}

const OffPolicyEstimate& OffPolicyReport::at(std::string_view name) const {
  std::string known;
  for (const OffPolicyEstimate& one : estimates) {
    if (one.name == name) return one;
    known += (known.empty() ? "" : ", ") + one.name;
  }
  throw Error(Code::not_found, "off-policy: '" + std::string(name) + "' was not estimated; there are " + known);
}

Json OffPolicyReport::to_json() const {
  Json json = Json::object();
  json["rounds"] = rounds;
  json["effective_rounds"] = effective_rounds;
  json["largest_weight"] = largest_weight;
  json["mean_weight"] = mean_weight;
  json["estimates"] = Json::object();
  for (const OffPolicyEstimate& one : estimates) {
    Json figure = Json::object();
    figure["value"] = one.value;
    if (one.has_interval) {
      figure["low"] = one.low;
      figure["high"] = one.high;
    }
    json["estimates"][one.name] = std::move(figure);
  }
  return json;
}

}  // namespace attune::eval
