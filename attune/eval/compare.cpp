// Paired comparison: t-test, signed ranks (Wilcoxon, 1945), Holm's correction (1979). Student's t by the continued fraction
// of the incomplete beta function (Lentz's method).
#include "attune/eval/compare.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/eval/bootstrap.h"

namespace attune::eval {
namespace {

// The continued fraction of I_x(a, b), good for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto off_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / off_zero(1 - (a + b) * x / (a + 1)), product = d;
  for (int m = 1; m <= 500; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / off_zero(1 + even * d);
    c = off_zero(1 + even / c);
    product *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / off_zero(1 + odd * d);
    c = off_zero(1 + odd / c);
    product *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return product;
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

// The chance of a Student's t of `degrees` further from 0 than `t`.
double two_sided_t(double t, double degrees) { return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)); }

double two_sided_normal(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

std::size_t column_of(const Evaluation& evaluation, std::string_view metric) {
  const auto at = std::find(evaluation.names.begin(), evaluation.names.end(), metric);
  if (at == evaluation.names.end())
    throw Error(Code::bad_request, "'" + std::string(metric) + "' was not measured user by user, so nothing can be compared on it");
  return static_cast<std::size_t>(at - evaluation.names.begin());
}

}  // namespace

double paired_t_test(std::span<const double> differences) {
  const auto n = static_cast<double>(differences.size());
  if (differences.size() < 2) return 1;
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  double squares = 0;
  for (const double d : differences) squares += (d - mean) * (d - mean);
  if (mean == 0) return 1;
  if (squares == 0) return 0;  // the same difference everywhere
  return two_sided_t(mean / std::sqrt(squares / (n - 1) / n), n - 1);
}

double wilcoxon_signed_rank(std::span<const double> differences) {
  std::vector<double> changed;
  for (const double d : differences)
    if (d != 0) changed.push_back(d);
  if (changed.empty()) return 1;
  std::sort(changed.begin(), changed.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const auto n = static_cast<double>(changed.size());
  double positive = 0, ties = 0;
  for (std::size_t first = 0; first < changed.size();) {
    std::size_t last = first;
    while (last < changed.size() && std::abs(changed[last]) == std::abs(changed[first])) ++last;
    const double rank = (static_cast<double>(first + last) + 1) / 2, size = static_cast<double>(last - first);
    for (std::size_t i = first; i < last; ++i) positive += changed[i] > 0 ? rank : 0;
    ties += size * (size * size - 1);
    first = last;
  }
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
  return variance > 0 ? two_sided_normal((positive - n * (n + 1) / 4) / std::sqrt(variance)) : 1;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t r = 0; r < order.size(); ++r) {
    largest = std::max(largest, std::min(1.0, p[order[r]] * static_cast<double>(p.size() - r)));
    adjusted[order[r]] = largest;
  }
  return adjusted;
}

Comparison compare(const Evaluation& first, const Evaluation& second, std::string_view metric, double confidence, int resamples,
                   const Run& run) {
  const std::size_t a = column_of(first, metric), b = column_of(second, metric);
  if (first.who != second.who)
    throw Error(Code::bad_request, "expected two evaluations of the same users on the same split, got '" + first.split + "' with " +
                                       std::to_string(first.users) + " and '" + second.split + "' with " + std::to_string(second.users));
  Comparison result{.metric = std::string(metric)};
  std::vector<double> differences;
  for (std::size_t u = 0; u < first.who.size(); ++u) {
    const double d = second.values[u * second.names.size() + b] - first.values[u * first.names.size() + a];
    if (std::isnan(d)) continue;  // not defined for one of them
    differences.push_back(d);
    ++(d > 0 ? result.better : d < 0 ? result.worse : result.same);
  }
  result.n = differences.size();
  if (differences.empty()) return result;
  result.difference = std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(result.n);
  result.low = result.high = result.difference;
  if (resamples > 0) {
    const Interval interval = intervals(bootstrap_means(differences, 1, resamples, run), 1, confidence)[0];
    result.low = interval.low;
    result.high = interval.high;
  }
  result.p_t = paired_t_test(differences);
  result.p_wilcoxon = wilcoxon_signed_rank(differences);
  result.p_holm = result.p_t;
  return result;
}

void correct(std::span<Comparison> family) {
  std::vector<double> p;
  for (const Comparison& one : family) p.push_back(one.p_t);
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < family.size(); ++i) family[i].p_holm = adjusted[i];
}

Json Comparison::to_json() const {
  Json json = Json::object();
  json["metric"] = metric;
  json["first"] = first;
  json["second"] = second;
  json["difference"] = difference;
  json["low"] = low;
  json["high"] = high;
  json["p_t"] = p_t;
  json["p_wilcoxon"] = p_wilcoxon;
  json["p_holm"] = p_holm;
  json["better"] = better;
  json["worse"] = worse;
  json["same"] = same;
  json["n"] = n;
  return json;
}

}  // namespace attune::eval
