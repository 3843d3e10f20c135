// Person: what is said is true of the hidden item; what is heard are lists.
#include "attune/talk/people/person.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "attune/core/random.h"
#include "attune/talk/constraints.h"
#include "attune/talk/entries.h"
#include "attune/talk/people/slips.h"
#include "attune/talk/speech.h"

namespace attune::talk::people {
namespace {

constexpr double kFarPrice = 0.25;      // nearer prices are not criticised
constexpr std::int64_t kNow = 1800000000000;
constexpr std::uint64_t kSlips = 1ull << 40;      // apart from the seeds of all turns

double price_of(const Json& attributes) {
  const Json* price = attributes.find("price");
  return price != nullptr && price->is_number() ? price->as_number() : NAN;
}

class Talk {
 public:
  Talk(const engine::Engine& engine, const Chat& chat, const std::string& hidden, const Habits& habits, const Counts& counts, std::uint64_t seed)
      : engine_(engine), chat_(chat), lexicon_(chat.lexicon()), hidden_(hidden), habits_(habits), seed_(seed), choice_(seed), slips_(seed + kSlips) {
    const ItemId id = *lexicon_->world().find(hidden);
    facets_ = facets_of(*lexicon_, id);
    price_ = price_of(lexicon_->world().item(id).attributes);
    order_.assign(facets_.begin(), facets_.end());
    const auto count = [&](const std::string& facet) { return counts.contains(facet) ? counts.at(facet) : 0; };
    std::sort(order_.begin(), order_.end(), [&](const std::string& a, const std::string& b) { return count(a) != count(b) ? count(a) > count(b) : a < b; });
  }

  Outcome run(const std::string& user) {
    std::string message = habits_.kind == Kind::asks && !order_.empty() ? opening() : zh() ? "推荐一些我可能喜欢的" : "show me something I may like";
    for (int turn = 1; turn <= habits_.turns && outcome_.found_at == 0; ++turn) {
      choice_ = Random(seed_ + static_cast<std::uint64_t>(turn));
      outcome_.meant.push_back(message);
      outcome_.typed.push_back(habits_.slips ? with_slips(message, slips_) : message);
      const Reply reply = say(outcome_.typed.back(), user);
      double best = 0;
      std::size_t nearest = 0;
      for (std::size_t i = 0; i < reply.items.size(); ++i) {
        if (reply.items[i].item == hidden_) outcome_.found_at = turn;
        const double like = likeness(reply.items[i]);
        if (like > best) best = like, nearest = i;
      }
      if (outcome_.found_at > 0) break;
      outcome_.regret += 1 - best;
      note_misled();
      message = answer(reply, best, nearest, turn);
    }
    return outcome_;
  }

 private:
  bool zh() const { return habits_.language == "zh"; }

  Reply say(const std::string& message, const std::string& user) {
    const auto start = std::chrono::steady_clock::now();
    Reply reply = chat_.turn(dialogue_, {.message = message, .user = user, .language = "", .k = habits_.k, .now_ms = kNow});
    outcome_.reply_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    dialogue_ = dialogue_from(to_json(reply.dialogue));      // as a caller would hand it back
    const auto world = engine_.world();
    for (const ReplyItem& item : reply.items) {
      const auto id = world->find(item.item);
      ++outcome_.items_named;
      outcome_.items_unknown += !id || world->item(*id).text != item.text || world->item(*id).hidden ? 1 : 0;
    }
    return reply;
  }

  void note_misled() {
    if (outcome_.is_misled) return;
    const ItemId id = *lexicon_->world().find(hidden_);
    const std::vector<Constraint>& constraints = dialogue_.wants.constraints;
    outcome_.is_misled = std::any_of(constraints.begin(), constraints.end(), [&](const Constraint& c) { return !fits(*lexicon_, c, id); });
  }

  // Facets in common, over all facets of both.
  double likeness(const ReplyItem& item) const {
    const auto id = lexicon_->world().find(item.item);
    if (!id) return 0;
    const std::set<std::string> other = facets_of(*lexicon_, *id);
    std::size_t common = 0;
    for (const std::string& facet : facets_) common += other.count(facet);
    return other.empty() ? 0 : static_cast<double>(common) / static_cast<double>(facets_.size() + other.size() - common);
  }

  std::string opening() {
    static const std::vector<std::string> kEnglish = {"I'm looking for something with {}", "do you have anything with {}?", "show me {} things", "{} please"};
    static const std::vector<std::string> kChinese = {"我想要{}", "有没有{}", "推荐有{}的", "{}有吗"};
    const std::vector<std::string>& say = zh() ? kChinese : kEnglish;
    const std::string& pattern = say[choice_.below(say.size())];
    return filled(pattern, {order_[said_++]});
  }

  std::string place(std::size_t i) const {
    static const char* const kEnglish[] = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};
    static const char* const kChinese[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
    return zh() ? std::string("第") + kChinese[i] + "个" : std::string("the ") + kEnglish[i] + " one";
  }

  std::string answer(const Reply& reply, double best, std::size_t nearest, int turn) {
    if (reply.items.empty()) return zh() ? "看看别的" : "show me something else";
    const bool near = best > 0 && nearest < 10;
    if (habits_.kind == Kind::asks && said_ < order_.size() && said_ < 3) {
      std::string say = (zh() ? "要有" : "it should be something with ") + order_[said_++];
      if (near && turn % 2 == 0) say += zh() ? "，类似" + place(nearest) : ", more like " + place(nearest);
      return say;
    }
    if (!near) return choice_.below(2) == 0 ? (zh() ? "这些都不喜欢" : "none of these") : (zh() ? "看看别的" : "show me something else");
    std::string say = zh() ? (choice_.below(2) == 0 ? "类似" + place(nearest) + "的" : "和" + place(nearest) + "差不多的") : (choice_.below(2) == 0 ? "more like " : "something similar to ") + place(nearest);
    return habits_.kind == Kind::points ? say : say + criticism(reply.items[nearest], turn);
  }

  // What is wrong with it; empty = nothing that can be said.
  std::string criticism(const ReplyItem& item, int turn) const {
    const double price = price_of(item.attributes);
    if (turn % 2 == 1 && !std::isnan(price) && !std::isnan(price_) && std::abs(price - price_) > kFarPrice * price_)
      return zh() ? (price_ < price ? "但是便宜点" : "但是贵一点") : (price_ < price ? " but cheaper" : " but more expensive");
    const auto id = lexicon_->world().find(item.item);
    if (!id) return "";
    for (const std::string& facet : facets_of(*lexicon_, *id))
      if (!facets_.contains(facet)) return zh() ? "但是不要" + facet : " but not " + facet;
    return "";
  }

  const engine::Engine& engine_;
  const Chat& chat_;
  std::shared_ptr<const Lexicon> lexicon_;
  const std::string& hidden_;
  const Habits& habits_;
  std::uint64_t seed_;
  Random choice_, slips_;              // of wordings, anew each turn; of slips
  Dialogue dialogue_;
  std::set<std::string> facets_;
  std::vector<std::string> order_;     // the most common first
  std::size_t said_ = 0;
  double price_ = NAN;
  Outcome outcome_;
};

}  // namespace

std::set<std::string> facets_of(const Lexicon& lexicon, ItemId item) {
  std::set<std::string> facets;
  const std::string& text = lexicon.world().item(item).text;
  if (!has_han(text)) {
    for (const Token& token : tokens_of(cleaned(text)))
      if (token.kind == Token::word && token.text.size() > 2 && !is_filler(token.text)) facets.insert(singular(token.text));
    return facets;
  }
  for (const Attribute& attribute : lexicon.attributes()) {
    if (attribute.is_number || attribute.is_flag) continue;
    const Json* json = lexicon.world().item(item).attributes.find(attribute.name);
    if (json == nullptr) continue;
    each_entry(*json, [&](const Json& entry) {
      const std::string value = text_in(entry);
      if (!lexicon.values(key_of(value)).empty()) facets.insert(value);
    });
  }
  return facets;
}

Counts count_facets(const Lexicon& lexicon) {
  Counts counts;
  for (std::size_t i = 0; i < lexicon.world().item_count(); ++i)
    if (!lexicon.world().is_gone(item_at(i)))
      for (const std::string& facet : facets_of(lexicon, item_at(i))) ++counts[facet];
  return counts;
}

Outcome converse(const engine::Engine& engine, const Chat& chat, const std::string& user, const std::string& hidden, const Habits& habits, const Counts& counts, std::uint64_t seed) {
  return Talk(engine, chat, hidden, habits, counts, seed).run(user);
}

}  // namespace attune::talk::people
