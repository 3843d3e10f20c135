// Rate: so many requests in so much time, and the bucket that holds a caller to it.
#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace attune::serve {

// count 0 = no limit.
struct Rate {
  int count = 0;
  int seconds = 1;
  friend bool operator==(const Rate&, const Rate&) = default;
};
// "100/s", "6000/min", "50/h"; "" or "none" = no limit. Throws Error: bad_request.
Rate parse_rate(std::string_view text);
std::string to_text(const Rate& rate);   // as parse_rate reads it; "" without a limit

// A token bucket: filled with rate.count, one taken by each request, refilled evenly. Safe from many threads.
class Bucket {
 public:
  using Clock = std::chrono::steady_clock;
  Bucket(Rate rate, Clock::time_point now) : rate_(rate), tokens_(rate.count), filled_(now) {}
  struct Taken {
    bool is_allowed = true;
    int left = 0;            // requests that would be allowed now
    int wait_s = 0;          // until the next is, when this was not; at least 1 then
    int full_s = 0;          // until all are
  };
  Taken take(Clock::time_point now);
  const Rate& rate() const noexcept { return rate_; }

 private:
  const Rate rate_;
  std::mutex mutex_;
  double tokens_;
  Clock::time_point filled_;
};

}  // namespace attune::serve
