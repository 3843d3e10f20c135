// Remote budget: see the header.
#include "attune/lm/remote_budget.h"

namespace attune::lm {
namespace {

constexpr std::int64_t kDay_ms = 86'400'000;

}  // namespace

RemoteBudget::RemoteBudget(const RemoteParams& p)
    : tokens_per_day_(p.tokens_per_day), money_per_day_(p.money_per_day), price_in_(p.price_in), price_out_(p.price_out), breaker_s_(p.breaker_s), breaker_failures_(p.breaker_failures) {}

double RemoteBudget::cost(std::int64_t in, std::int64_t out) const { return (static_cast<double>(in) * price_in_ + static_cast<double>(out) * price_out_) / 1e6; }

std::string RemoteBudget::reserve(std::int64_t in, std::int64_t out, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (now_ms / kDay_ms != day_) {
    day_ = now_ms / kDay_ms;
    use_.tokens_in = use_.tokens_out = 0;
    use_.money = 0;
  }
  if (failures_in_a_row_ >= breaker_failures_) {
    const auto left = static_cast<std::int64_t>(static_cast<double>(opened_ms_) + breaker_s_ * 1000) - now_ms;
    if (left > 0) {
      ++use_.refused_by_breaker;
      return "it failed " + std::to_string(failures_in_a_row_) + " times in a row and is left alone for another " + std::to_string((left + 999) / 1000) + " s";
    }
    opened_ms_ = now_ms;              // one call tries it; the others wait for the next time
  }
  if (tokens_per_day_ > 0 && use_.tokens_in + use_.tokens_out + in + out > tokens_per_day_) {
    ++use_.refused_by_budget;
    return "the day's budget of " + std::to_string(tokens_per_day_) + " tokens would be passed ([language] tokens_per_day)";
  }
  if (money_per_day_ > 0 && use_.money + cost(in, out) > money_per_day_) {
    ++use_.refused_by_budget;
    return "the day's budget of money would be passed ([language] money_per_day)";
  }
  use_.tokens_in += in;
  use_.tokens_out += out;
  use_.money += cost(in, out);
  ++use_.calls;
  return {};
}

void RemoteBudget::tried() {
  const std::lock_guard lock(mutex_);
  ++use_.tries;
}

void RemoteBudget::give_back(std::int64_t in, std::int64_t out) {
  const std::lock_guard lock(mutex_);
  use_.tokens_in -= in;
  use_.tokens_out -= out;
  use_.money -= cost(in, out);
  failures_in_a_row_ = 0;
}

void RemoteBudget::failed(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  ++use_.failures;
  if (++failures_in_a_row_ >= breaker_failures_) opened_ms_ = now_ms;
}

RemoteUse RemoteBudget::use() const {
  const std::lock_guard lock(mutex_);
  return use_;
}

}  // namespace attune::lm
