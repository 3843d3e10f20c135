// Rate: see the header.
#include "attune/serve/rate.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "attune/core/error.h"

namespace attune::serve {

Rate parse_rate(std::string_view text) {
  if (text.empty() || text == "none") return {};
  Rate rate;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate.count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "/s") rate.seconds = 1;
  else if (unit == "/min") rate.seconds = 60;
  else if (unit == "/h") rate.seconds = 3600;
  else rate.count = 0;
  if (error != std::errc() || rate.count < 1 || rate.count > 1'000'000)
    throw Error(Code::bad_request, "'" + std::string(text.substr(0, 40)) + "' is no rate; write 100/s, 6000/min or 50/h, 1 to 1000000");
  return rate;
}

std::string to_text(const Rate& rate) {
  if (rate.count == 0) return "";
  return std::to_string(rate.count) + (rate.seconds == 1 ? "/s" : rate.seconds == 60 ? "/min" : "/h");
}

Bucket::Taken Bucket::take(Clock::time_point now) {
  const double per_second = static_cast<double>(rate_.count) / rate_.seconds;
  const std::lock_guard lock(mutex_);
  // Threads may come with times in another order than they get the lock: never back.
  if (now > filled_) {
    tokens_ = std::min<double>(rate_.count, tokens_ + std::chrono::duration<double>(now - filled_).count() * per_second);
    filled_ = now;
  }
  Taken taken;
  taken.is_allowed = tokens_ >= 1;
  if (taken.is_allowed) tokens_ -= 1;
  else taken.wait_s = std::max(1, static_cast<int>(std::ceil((1 - tokens_) / per_second)));
  taken.left = static_cast<int>(tokens_);
  taken.full_s = static_cast<int>(std::ceil((rate_.count - tokens_) / per_second));
  return taken;
}

}  // namespace attune::serve
