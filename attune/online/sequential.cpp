// Sequential test: see the header.
#include "attune/online/sequential.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "attune/core/error.h"

namespace attune::online {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Quantile of the standard normal distribution, by bisection on erfc: exact to 1e-12 and called once a report.
double normal_quantile(double p) {
  double low = -10, high = 10;
  for (int n = 0; n < 80; ++n) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

// V is the variance of the difference, sd the spread of one user.
Difference always_valid(double value, double variance, double sd, bool is_enough, const SequentialOptions& options) {
  if (!(options.confidence >= 0.5 && options.confidence <= 0.9999)) throw Error(Code::bad_request, "confidence must be 0.5..0.9999");
  if (!(options.effect > 0)) throw Error(Code::bad_request, "the effect looked for must be above 0");
  Difference difference{.value = value, .low = -kInfinity, .high = kInfinity, .fixed_low = -kInfinity, .fixed_high = kInfinity};
  if (!is_enough) return difference;
  if (variance <= 0) {   // everybody did the same: no spread to judge by
    if (value == 0) difference.low = difference.high = difference.fixed_low = difference.fixed_high = 0;
    return difference;
  }
  const double alpha = 1 - options.confidence, tau2 = options.effect * options.effect * sd * sd;
  const double half = std::sqrt(variance * (variance + tau2) / tau2 * (2 * std::log(1 / alpha) + std::log((variance + tau2) / variance)));
  const double log_ratio = 0.5 * std::log(variance / (variance + tau2)) + tau2 * value * value / (2 * variance * (variance + tau2));
  const double fixed = normal_quantile(1 - alpha / 2) * std::sqrt(variance);
  difference.low = value - half, difference.high = value + half;
  difference.fixed_low = value - fixed, difference.fixed_high = value + fixed;
  difference.p = std::min(1.0, std::exp(-log_ratio));
  difference.is_decided = difference.low > 0 || difference.high < 0;
  return difference;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

}  // namespace

void Tally::add(double value) noexcept {
  ++count_;
  const double before = value - mean_;
  mean_ += before / static_cast<double>(count_);
  squares_ += before * (value - mean_);
}

double Tally::variance() const noexcept { return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1); }

Json Difference::to_json() const {
  Json json = Json::object();
  json["value"] = value;
  json["low"] = number(low);
  json["high"] = number(high);
  json["fixed_low"] = number(fixed_low);
  json["fixed_high"] = number(fixed_high);
  json["p"] = p;
  json["is_decided"] = is_decided;
  return json;
}

Difference compare(const Tally& control, const Tally& treatment, const SequentialOptions& options) {
  const double n0 = static_cast<double>(std::max<std::size_t>(control.count(), 1)), n1 = static_cast<double>(std::max<std::size_t>(treatment.count(), 1));
  const double pooled = std::sqrt((control.variance() * n0 + treatment.variance() * n1) / (n0 + n1));
  return always_valid(treatment.mean() - control.mean(), control.variance() / n0 + treatment.variance() / n1, pooled,
                      std::min(control.count(), treatment.count()) >= kLeast, options);
}

Difference compare(const Tally& tally, double mean, const SequentialOptions& options) {
  const double n = static_cast<double>(std::max<std::size_t>(tally.count(), 1));
  return always_valid(tally.mean() - mean, tally.variance() / n, std::sqrt(tally.variance()), tally.count() >= kLeast, options);
}

double sample_ratio_p(std::size_t control, std::size_t treatment, double treatment_share) {
  const double n = static_cast<double>(control + treatment);
  if (n == 0) return 1;
  if (!(treatment_share > 0 && treatment_share < 1)) throw Error(Code::bad_request, "a share must be between 0 and 1");
  const double z = (static_cast<double>(treatment) - n * treatment_share) / std::sqrt(n * treatment_share * (1 - treatment_share));
  return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

}  // namespace attune::online
