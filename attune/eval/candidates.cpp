// Candidates: read the lists, keep the cases that have one, judge as ever with the shortlists as what is ranked.
#include "attune/eval/candidates.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "attune/core/error.h"
#include "attune/data/text_file.h"

namespace attune::eval {
namespace {

std::vector<std::string_view> words_of(std::string_view text, char by) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(by));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace

CandidateLists read_candidates(const std::filesystem::path& path, const data::Catalogue& catalogue) {
  CandidateLists lists;
  data::Lines lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    const std::string where = path.string() + ":" + std::to_string(lines.number()) + ": ";
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0) throw Error(Code::bad_data, where + "expected a user, a tab and the candidates");
    const std::string_view name = line.substr(0, tab), rest = line.substr(tab + 1);
    const auto user = catalogue.find_user(name);
    if (!user) throw Error(Code::bad_data, where + "user '" + std::string(name) + "' is unknown");
    std::vector<ItemId> items;
    for (const std::string_view word : words_of(rest, rest.find('\t') == std::string_view::npos ? ' ' : '\t')) {
      const auto item = catalogue.find_item(word);
      if (!item) throw Error(Code::bad_data, where + "candidate '" + std::string(word) + "' of user '" + std::string(name) + "' is not in the catalogue");
      if (std::find(items.begin(), items.end(), *item) == items.end()) items.push_back(*item);
    }
    if (items.empty()) throw Error(Code::bad_data, where + "user '" + std::string(name) + "' has no candidates");
    if (!lists.emplace(*user, std::move(items)).second) throw Error(Code::bad_data, where + "user '" + std::string(name) + "' comes twice");
  }
  if (lists.empty()) throw Error(Code::bad_data, path.string() + " holds no candidates");
  return lists;
}

std::vector<ItemId> shortlist(std::span<const ItemId> list, ItemId target, std::size_t budget) {
  std::vector<ItemId> some;
  for (const ItemId item : list)
    if (item != target && some.size() + 1 < budget) some.push_back(item);
  some.push_back(target);
  std::sort(some.begin(), some.end());   // the order of the list must tell nothing
  return some;
}

Report judge_candidates(const data::Dataset& data, const SplitFn& split, const CandidateLists& lists, std::size_t budget,
                        const std::vector<Contender>& contenders, const ProtocolOptions& options, const Run& run) {
  if (budget < 2) throw Error(Code::bad_request, "a list of " + std::to_string(budget) + " candidates leaves nothing to rank; expected 2 or more");
  ProtocolOptions asked = options;
  asked.split.mask_seen = false;
  asked.split.seen_targets = data::SeenTargets::unmask;
  asked.shuffled_control = false;
  const SplitFn listed = [&](const data::Dataset& d, const data::SplitOptions& o, const Run& r) {
    data::Split whole = split(d, o, r);
    std::erase_if(whole.cases, [&](const data::Case& one) { return !lists.contains(one.user); });
    if (whole.cases.empty())
      throw Error(Code::bad_data, "none of the " + std::to_string(lists.size()) + " users with candidates has an event held out by the split '" + whole.name +
                                      "'; name other users or choose another split");
    whole.name += ", " + std::to_string(budget) + " candidates";
    return whole;
  };
  std::unordered_map<UserId, std::vector<ItemId>> shortlists;
  for (const data::Case& one : listed(data, asked.split, run).cases) shortlists[one.user] = shortlist(lists.at(one.user), one.targets.front(), budget);
  asked.eval.candidates = [&](const data::Case& one) { return std::span<const ItemId>(shortlists.at(one.user)); };
  // Cases with several targets (sessions) are asked about the first: the list holds one item that was taken.
  const SplitFn first_target = [&](const data::Dataset& d, const data::SplitOptions& o, const Run& r) {
    data::Split some = listed(d, o, r);
    for (data::Case& one : some.cases) one.targets.resize(1);
    return some;
  };
  Report report = judge(data, first_target, contenders, asked, run);
  report.candidates = budget;
  return report;
}

}  // namespace attune::eval
