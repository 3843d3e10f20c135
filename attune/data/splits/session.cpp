// Session: the last basket or visit of each user is asked about as a whole, so that the order within a basket cannot pass for
// foresight. By the same convention as leave_one_out: the one before is validation, known at test time, and users with fewer
// than 3 sessions keep all in training. Events that name no session belong together while no gap is longer than gap_minutes.
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/splits/deal.h"

namespace attune::data {
namespace {

struct Params {
  double gap_minutes = 30;
  template <class Visitor>
  void visit(Visitor& v) {
    v("gap_minutes", gap_minutes, "longest pause within a visit, for events that name no session; >= 0");
  }
};

// The sessions of a history, numbered in the order in which they begin. [history]
std::vector<std::size_t> number_sessions(std::span<const Touch> history, std::span<const std::uint32_t> sessions, double gap_ms, std::size_t& count) {
  std::vector<std::size_t> numbers(history.size());
  std::unordered_map<std::uint32_t, std::size_t> named;
  count = 0;
  std::size_t visit = 0;
  std::int64_t visit_end_ms = 0;
  bool has_visit = false;
  for (std::size_t k = 0; k < history.size(); ++k) {
    if (sessions[k] != 0) {
      const auto [found, is_new] = named.try_emplace(sessions[k], count);
      if (is_new) ++count;
      numbers[k] = found->second;
      continue;
    }
    if (!has_visit || static_cast<double>(history[k].time_ms) - static_cast<double>(visit_end_ms) > gap_ms) visit = count++;
    has_visit = true;
    visit_end_ms = history[k].time_ms;
    numbers[k] = visit;
  }
  return numbers;
}

void give_roles(std::span<const Touch> history, std::span<const std::uint32_t> sessions, double gap_ms, std::span<Role> roles) {
  std::size_t count = 0;
  const std::vector<std::size_t> number = number_sessions(history, sessions, gap_ms, count);
  std::vector<std::uint8_t> has_positive(count, 0);  // sessions of dislikes alone cannot be asked about
  for (std::size_t k = 0; k < history.size(); ++k)
    if (history[k].weight > 0) has_positive[number[k]] = 1;
  std::vector<std::size_t> asked;  // sessions that can be, in order
  for (std::size_t s = 0; s < count; ++s)
    if (has_positive[s]) asked.push_back(s);
  if (asked.size() < 3) return;
  const std::size_t test = asked.back(), validation = asked[asked.size() - 2];
  for (std::size_t k = 0; k < history.size(); ++k) {
    if (number[k] > test) roles[k] = Role::unused;
    else if (number[k] == test) roles[k] = Role::test;
    else if (number[k] >= validation) roles[k] = Role::validation;
  }
}

}  // namespace

Split split_session(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  const auto params = params_from<Params>(json);
  if (!(params.gap_minutes >= 0)) throw Error(Code::bad_request, "split session: gap_minutes = " + std::to_string(params.gap_minutes) + ", expected >= 0");
  const auto whole = ordered(data, options, run);
  return deal(*whole, "session", options, run, [&](UserId user, std::span<Role> roles) {
    give_roles(whole->history(user), whole->sessions(user), params.gap_minutes * 60e3, roles);
  });
}

}  // namespace attune::data
