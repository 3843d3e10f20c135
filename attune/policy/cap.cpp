// Cap: at most so many items of one attribute value in the list ("category: 3"). Walks the list from the top and takes out
// what would be one too many, until k are kept. An item with a list of values counts under each of them; an item without the
// attribute is not capped. Note::effect: the cap.
#include <algorithm>
#include <map>
#include <string>

#include "attune/policy/stages.h"

namespace attune::policy {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

std::string value_text(const Json& value) { return value.is_string() ? value.as_string() : value.dump(); }

std::vector<std::string> values_of(const data::CatalogueItem& item, const std::string& attribute) {
  std::vector<std::string> values;
  const Json* value = item.attributes.find(attribute);
  if (value == nullptr || value->is_null()) return values;
  if (value->is_array())
    for (const Json& entry : value->as_array()) values.push_back(value_text(entry));
  else
    values.push_back(value_text(*value));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// How many items of each value stand in the list so far.
class Counts {
 public:
  Counts(const std::map<std::string, int>& caps, bool zh) : caps_(caps), zh_(zh) {}

  // Takes the item and says nothing, or leaves it and says which cap it would break.
  std::optional<rank::Note> take(const data::CatalogueItem& item) {
    std::vector<int*> raised;
    for (const auto& [attribute, most] : caps_) {
      for (const std::string& value : values_of(item, attribute)) {
        int& count = counts_[attribute + '\n' + value];
        if (count >= most)
          return rank::Note{"cap", zh_ ? "列表中已有" + std::to_string(most) + "件商品的" + attribute + "是“" + value + "”"
                                       : "the list has " + std::to_string(most) + " of " + attribute + " '" + value + "' already", static_cast<double>(most)};
        raised.push_back(&count);
      }
    }
    for (int* count : raised) ++*count;
    return std::nullopt;
  }

 private:
  const std::map<std::string, int>& caps_;
  bool zh_;
  std::map<std::string, int> counts_;
};

class Cap final : public rank::Stage {
 public:
  std::string name() const override { return "cap"; }
  rank::Duty duty() const override { return rank::Duty::police; }

  rank::Slate run(const rank::World& world, const rank::Request& request, rank::Slate slate) const override {
    if (request.caps.empty()) return slate;
    const std::size_t k = static_cast<std::size_t>(std::max(request.k, 0));
    const std::size_t before = slate.candidates.size();
    std::vector<rank::Candidate> kept;
    kept.reserve(before);
    const bool zh = request.language == "zh";
    Counts counts(request.caps, zh);
    for (rank::Candidate& candidate : slate.candidates) {
      std::optional<rank::Note> note;
      if (kept.size() < k) note = counts.take(world.item(candidate.item));
      if (!note) {
        kept.push_back(std::move(candidate));
        continue;
      }
      candidate.notes.push_back(std::move(*note));
      slate.dropped.push_back(std::move(candidate));
    }
    if (kept.size() < before)
      slate.notes.push_back({"cap", zh ? "略去了" + std::to_string(before - kept.size()) + "件商品：列表中同类的已经够多" : std::to_string(before - kept.size()) + " items left out: the list has enough of their kind", 0});
    slate.candidates = std::move(kept);
    return slate;
  }
};

}  // namespace

std::unique_ptr<const rank::Stage> make_cap(const Json& json) {
  (void)params_from<Params>(json);
  return std::make_unique<const Cap>();
}

std::vector<Setting> settings_cap() { return settings_of<Params>(); }

}  // namespace attune::policy
