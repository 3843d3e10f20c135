// Cap: at most so many items of one attribute value in the list. An item with several values counts for each of them.
#include <map>

#include "attune/policy/stages.h"

namespace attune::policy {
namespace {

std::vector<std::string> values_of(const data::CatalogueItem& item, const std::string& attribute) {
  std::vector<std::string> values;
  const Json* found = item.attributes.find(attribute);
  if (found == nullptr || found->is_null()) return values;
  const auto add = [&](const Json& v) { values.push_back(v.is_string() ? v.as_string() : v.dump()); };
  if (found->is_array())
    for (const Json& v : found->as_array()) add(v);
  else
    add(*found);
  return values;
}

class Cap final : public rank::Stage {
 public:
  std::string name() const override { return "cap"; }
  rank::Duty duty() const override { return rank::Duty::police; }

  rank::Slate run(const rank::World& world, const rank::Request& request, rank::Slate slate) const override {
    if (request.caps.empty()) return slate;
    std::map<std::pair<std::string, std::string>, int> counts;   // (attribute, value) -> items so far
    std::vector<rank::Candidate> kept;
    for (rank::Candidate& candidate : slate.candidates) {
      const auto full = over(world, request, candidate.item, counts);
      if (full.empty()) {
        kept.push_back(std::move(candidate));
        continue;
      }
      candidate.notes.push_back({name(), full, 0});
      slate.dropped.push_back(std::move(candidate));
    }
    slate.candidates = std::move(kept);
    return slate;
  }

 private:
  // Why the item does not fit, or "" after counting it in.
  static std::string over(const rank::World& world, const rank::Request& request, ItemId item, std::map<std::pair<std::string, std::string>, int>& counts) {
    for (const auto& [attribute, most] : request.caps)
      for (const std::string& value : values_of(world.item(item), attribute))
        if (counts[{attribute, value}] >= most)
          return "the list has " + std::to_string(most) + " of " + attribute + " " + value + " already";
    for (const auto& [attribute, most] : request.caps)
      for (const std::string& value : values_of(world.item(item), attribute)) ++counts[{attribute, value}];
    return "";
  }
};

}  // namespace

std::unique_ptr<const rank::Stage> make_cap(const Json&) { return std::make_unique<const Cap>(); }

}  // namespace attune::policy
