// Deal: see the header. Cost: one pass over the events and the making of the training dataset.
#include "attune/data/splits/deal.h"

#include <algorithm>

#include "attune/core/error.h"

namespace attune::data {
namespace {

constexpr std::size_t kCheckEvery = 4096;  // users between two looks at the stop flag

// Distinct items of the input that hide, ascending.
std::vector<ItemId> seen_items(const Case& one, std::span<const std::uint8_t> input_hides, const SplitOptions& options) {
  std::vector<ItemId> seen;
  if (!options.mask_seen) return seen;
  for (std::size_t k = 0; k < one.input.size(); ++k)
    if (input_hides[k]) seen.push_back(one.input[k].item);
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return seen;
}

// Targets that were seen are dropped, missed or unmasked, as the options say. Returns how many were dropped.
std::size_t settle_seen_targets(Case& one, SeenTargets how) {
  if (how == SeenTargets::drop)
    return std::erase_if(one.targets, [&](ItemId item) { return std::binary_search(one.seen.begin(), one.seen.end(), item); });
  if (how == SeenTargets::miss) return 0;
  std::vector<ItemId> targets = one.targets;
  std::sort(targets.begin(), targets.end());
  std::erase_if(one.seen, [&](ItemId item) { return std::binary_search(targets.begin(), targets.end(), item); });
  return 0;
}

std::string split_name(std::string_view split, const SplitOptions& options) {
  std::string name = std::string(split) + (options.part == Part::test ? " test" : " validation");
  if (options.part == Part::test && options.refit_with_validation) name += ", trained with validation";
  if (options.shuffle_ties) name += ", ties shuffled";
  if (!options.mask_seen) name += ", seen items stay";
  if (options.mask_seen && options.seen_targets == SeenTargets::miss) name += ", seen targets are misses";
  if (options.mask_seen && options.seen_targets == SeenTargets::unmask) name += ", seen targets unmasked";
  if (options.judge_new_users) name += ", new users too";
  return name;
}

class Dealer {
 public:
  Dealer(const Dataset& data, const SplitOptions& options)
      : data_(data), options_(options), is_test_(options.part == Part::test) {}

  void user(UserId user, const GiveRoles& give_roles) {
    const std::span<const Touch> history = data_.history(user);
    const std::span<const std::uint32_t> sessions = data_.sessions(user);
    const std::span<const std::uint8_t> hides = data_.hides(user);
    roles_.assign(history.size(), Role::training);
    give_roles(user, roles_);
    Case one{.user = user, .input = {}, .seen = {}, .targets = {}};
    input_hides_.clear();
    std::int64_t target_ms = 0;
    for (std::size_t k = 0; k < history.size(); ++k) {
      if (is_trained(roles_[k])) training_.push_back({history[k], sessions[k], hides[k] != 0});
      if (is_input(roles_[k])) {
        one.input.push_back(history[k]);
        input_hides_.push_back(hides[k]);
      } else if (is_target(roles_[k]) && history[k].weight > 0) {
        if (one.targets.empty()) target_ms = history[k].time_ms;
        if (std::find(one.targets.begin(), one.targets.end(), history[k].item) == one.targets.end())
          one.targets.push_back(history[k].item);
      }
    }
    training_.end_user();
    keep(std::move(one), target_ms);
  }

  Split split(std::string_view name) {
    Split split;
    split.name = split_name(name, options_);
    if (cases_.empty())
      throw Error(Code::bad_data, "the split '" + split.name + "' leaves nobody to be judged: of " + std::to_string(data_.user_count()) +
                                      " users none has events both before and after the cut; import more events or choose another split");
    auto train = std::make_shared<Dataset>(data_.shared_catalogue(), std::move(training_), data_.until());
    for (const auto& [encoder, features] : data_.all_features()) train->with_features(encoder, features);
    split.train = std::move(train);
    split.tied_share = static_cast<double>(tied_) / static_cast<double>(cases_.size());
    split.targets_dropped = dropped_;
    split.users_without_training = without_input_;
    split.cases = std::move(cases_);
    return split;
  }

 private:
  bool is_trained(Role role) const {
    return role == Role::training || (role == Role::validation && is_test_ && options_.refit_with_validation);
  }
  bool is_input(Role role) const { return role == Role::training || (role == Role::validation && is_test_); }
  bool is_target(Role role) const { return role == (is_test_ ? Role::test : Role::validation); }

  void keep(Case one, std::int64_t target_ms) {
    one.seen = seen_items(one, input_hides_, options_);
    dropped_ += settle_seen_targets(one, options_.seen_targets);
    if (one.targets.empty()) return;
    if (one.input.empty()) {
      ++without_input_;
      if (!options_.judge_new_users) return;
    } else if (one.input.back().time_ms == target_ms) {
      ++tied_;
    }
    cases_.push_back(std::move(one));
  }

  const Dataset& data_;
  const SplitOptions& options_;
  const bool is_test_;
  std::vector<Role> roles_;
  std::vector<std::uint8_t> input_hides_;
  Histories training_;
  std::vector<Case> cases_;
  std::size_t tied_ = 0, without_input_ = 0, dropped_ = 0;
};

void shuffle_ties_of(std::vector<HistoryRow>& history, Random random) {
  for (std::size_t begin = 0, end = 0; begin < history.size(); begin = end) {
    while (end < history.size() && history[end].touch.time_ms == history[begin].touch.time_ms) ++end;
    random.shuffle(std::span(history).subspan(begin, end - begin));
  }
}

}  // namespace

Random chance_of(UserId user, const Run& run) {
  return Random(run.seed ^ (0x9e3779b97f4a7c15u * (static_cast<std::uint64_t>(user) + 1)));
}

std::shared_ptr<const Dataset> ordered(const Dataset& data, const SplitOptions& options, const Run& run) {
  if (!options.shuffle_ties) return {std::shared_ptr<const Dataset>(), &data};
  Histories histories;
  std::vector<HistoryRow> history;
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const UserId user = user_at(u);
    history.clear();
    for (std::size_t k = 0; k < data.history(user).size(); ++k)
      history.push_back({data.history(user)[k], data.sessions(user)[k], data.hides(user)[k] != 0});
    shuffle_ties_of(history, chance_of(user, run));
    for (const HistoryRow& row : history) histories.push_back(row);
    histories.end_user();
  }
  auto shuffled = std::make_shared<Dataset>(data.shared_catalogue(), std::move(histories), data.until());
  for (const auto& [encoder, features] : data.all_features()) shuffled->with_features(encoder, features);
  return shuffled;
}

Split deal(const Dataset& data, std::string_view split, const SplitOptions& options, const Run& run, const GiveRoles& give_roles) {
  Dealer dealer(data, options);
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    if (u % kCheckEvery == 0) run.check();
    dealer.user(user_at(u), give_roles);
  }
  return dealer.split(split);
}

void hold_out(Split& split, const Split& validation) {
  auto train = std::make_shared<Dataset>(*split.train);
  train->with_held_out(std::make_shared<const std::vector<Case>>(validation.cases));
  split.train = std::move(train);
}

}  // namespace attune::data
