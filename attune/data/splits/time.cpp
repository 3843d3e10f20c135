// Time: what happened before a moment is training, what happened after it is asked about: the only split without a look into
// the future of other users. Equal times stay together. Source: Ji et al. 2020, Meng et al. 2020 (why leave-one-out leaks).
#include <algorithm>
#include <charconv>
#include <limits>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/splits/deal.h"
#include "attune/data/values.h"

namespace attune::data {
namespace {

struct Params {
  std::string at = "0.9";
  double validation = 0.1;
  template <class Visitor>
  void visit(Visitor& v) {
    v("at", at, "where test begins: a share of the log (0..1) or a date (2011-11-01, 2011-11-01T12:00)");
    v("validation", validation, "share of the log just before it that is validation; 0..1");
  }
};

struct Cut {
  std::int64_t validation_ms = 0, test_ms = 0;  // first moments of both
};

// `at` may be written as a number ({at: .9}) or as text ("--set at=2011-11-01").
Params params_of(const Json& json) {
  Json given = json;
  if (const Json* at = given.find("at"); at && at->is_number()) given["at"] = Json(at->dump());
  return params_from<Params>(given);
}

std::vector<std::int64_t> sorted_times(const Dataset& data) {
  std::vector<std::int64_t> times;
  times.reserve(data.event_count());
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u))) times.push_back(touch.time_ms);
  std::sort(times.begin(), times.end());
  return times;
}

Cut cut_of(const Params& params, const std::vector<std::int64_t>& times) {
  if (times.empty() || times.front() == times.back())
    throw Error(Code::bad_data, "split time: all " + std::to_string(times.size()) +
                                    " events have the same time, nothing comes before and after; import times, or use another split");
  if (!(params.validation >= 0 && params.validation < 1))
    throw Error(Code::bad_request, "split time: validation is a share in 0..1, got " + std::to_string(params.validation));
  const auto n = static_cast<double>(times.size());
  constexpr double kRounding = 1e-9;  // .9 - .1 of ten events is eight, whatever binary fractions say
  const auto place = [&](double part) { return std::min(static_cast<std::size_t>(std::max(0.0, part) * n + kRounding), times.size() - 1); };
  Cut cut;
  double share = 0;
  const char* end = params.at.data() + params.at.size();
  if (const auto read = std::from_chars(params.at.data(), end, share); read.ec == std::errc() && read.ptr == end) {
    if (!(share > 0 && share < 1)) throw Error(Code::bad_request, "split time: at = " + params.at + ", expected a share between 0 and 1, or a date");
    cut.test_ms = times[place(share)];
  } else {
    const ParsedTime date = parse_time(params.at, TimeFormat::iso);
    if (date.problem) throw Error(Code::bad_request, "split time: at = '" + params.at + "' " + date.problem + ", expected a share (0.9) or a date (2011-11-01)");
    cut.test_ms = date.ms;
    share = static_cast<double>(std::lower_bound(times.begin(), times.end(), date.ms) - times.begin()) / n;
  }
  cut.validation_ms = std::min(times[place(share - params.validation)], cut.test_ms);
  return cut;
}

}  // namespace

Split split_time(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  const Params params = params_of(json);
  const Cut cut = cut_of(params, sorted_times(data));
  const auto whole = ordered(data, options, run);
  return deal(*whole, "time", options, run, [&](UserId user, std::span<Role> roles) {
    const std::span<const Touch> history = whole->history(user);
    for (std::size_t k = 0; k < history.size(); ++k) {
      if (history[k].time_ms >= cut.test_ms) roles[k] = Role::test;
      else if (history[k].time_ms >= cut.validation_ms) roles[k] = Role::validation;
    }
  });
}

}  // namespace attune::data
