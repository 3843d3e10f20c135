// Remote budget: what calls of a remote model may cost a day, in tokens and money, and the breaker that leaves it alone after failures in a row.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>

#include "attune/lm/remote.h"

namespace attune::lm {

// Safe from many threads. `now_ms`: since 1970 UTC, whose days these are.
class RemoteBudget {
 public:
  explicit RemoteBudget(const RemoteParams& params);
  // Takes what a call may cost at most out of the day's budget; what it did cost is known after. Empty, or why there is no call now.
  std::string reserve(std::int64_t in, std::int64_t out, std::int64_t now_ms);
  void tried();
  // The call succeeded, with so many tokens of those reserved left over.
  void give_back(std::int64_t in, std::int64_t out);
  void failed(std::int64_t now_ms);
  RemoteUse use() const;

 private:
  double cost(std::int64_t in, std::int64_t out) const;

  const std::int64_t tokens_per_day_;
  const double money_per_day_, price_in_, price_out_, breaker_s_;
  const int breaker_failures_;
  mutable std::mutex mutex_;           // of all below
  RemoteUse use_;
  std::int64_t day_ = -1, opened_ms_ = 0;
  int failures_in_a_row_ = 0;
};

}  // namespace attune::lm
